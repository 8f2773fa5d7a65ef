"""The three splits, made of whatever splits the data has."""

from __future__ import annotations

import numpy as np
import pytest

from tlvsft.config import SplitName
from tlvsft.datasets.labelled import Split
from tlvsft.datasets.splitting import cap_evaluation, complete_splits
from tlvsft.errors import DatasetError


def numbered(start: int, count: int) -> Split:
    """Examples "0", "1", … of two classes in turn."""
    return Split(inputs=[str(start + i) for i in range(count)], labels=np.arange(count) % 2)


def complete(given: dict[SplitName, Split]) -> tuple[dict[SplitName, Split], list[str]]:
    return complete_splits(given, class_names=("even", "odd"), shown="data.csv")


@pytest.mark.parametrize(
    ("own", "sizes", "notes"),
    [
        (("train",), (70, 15, 15), 1),
        (("train", "test"), (85, 15, 20), 1),
        (("train", "validation"), (85, 20, 15), 1),
        (("train", "validation", "test"), (100, 20, 20), 0),
    ],
)
def test_missing_splits_come_from_train(own: tuple[SplitName, ...], sizes: tuple[int, int, int], notes: int) -> None:
    given = {split: numbered(1_000 * i, 100 if split == "train" else 20) for i, split in enumerate(own)}
    splits, said = complete(given)
    assert tuple(len(splits[split]) for split in ("train", "validation", "test")) == sizes
    assert len(said) == notes
    everything = sorted(text for split in splits.values() for text in split.inputs)
    assert everything == sorted(text for split in given.values() for text in split.inputs)
    for split in own[1:]:
        assert splits[split] is given[split]


def test_all_parts_have_the_classes_in_proportion() -> None:
    splits, _ = complete({"train": numbered(0, 200)})
    assert {name: np.bincount(split.labels).tolist() for name, split in splits.items()} == {
        "train": [70, 70],
        "validation": [15, 15],
        "test": [15, 15],
    }


def test_a_class_that_cannot_be_in_each_part_is_named() -> None:
    rare = Split(inputs=list("abcdefgh"), labels=np.array([0, 0, 0, 0, 0, 0, 1, 1]))
    with pytest.raises(DatasetError, match=r"Class 'odd' in data.csv has 2 of the 3 examples"):
        complete({"train": rare})
    splits, _ = complete({"train": rare, "test": rare})
    assert 1 in splits["train"].labels
    assert 1 in splits["validation"].labels


def test_caps_leave_train_and_small_splits_alone() -> None:
    splits: dict[SplitName, Split] = {
        "train": numbered(0, 6_000),
        "validation": numbered(0, 1_000),
        "test": numbered(0, 5_001),
    }
    capped, notes = cap_evaluation(splits)
    assert [len(capped[split]) for split in ("train", "validation", "test")] == [6_000, 1_000, 5_000]
    assert notes == ["Evaluating on 5,000 of 5,001 test examples."]
    assert all(int(text) % 2 == label for text, label in zip(capped["test"].inputs, capped["test"].labels, strict=True))
