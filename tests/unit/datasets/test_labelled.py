"""Splits: selecting keeps inputs and labels together, and fetches nothing early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlvsft.datasets import LabelledData, Split


class Watched(Sequence[str]):
    """Texts that remember which of them were fetched."""

    def __init__(self) -> None:
        self.fetched: list[int] = []

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: Any) -> Any:
        self.fetched.append(index)
        return f"text {index}"


def test_selecting_keeps_pairs_in_order_and_fetches_nothing() -> None:
    texts = Watched()
    split = Split(inputs=texts, labels=np.arange(10))
    chosen = split.select(np.array([7, 2, 5])).select(np.array([2, 0]))
    assert texts.fetched == []
    assert list(chosen.inputs) == ["text 5", "text 7"]
    assert chosen.labels.tolist() == [5, 7]
    assert len(chosen) == 2


def test_a_slice_of_a_selection_is_a_selection() -> None:
    chosen = Split(inputs=[str(i) for i in range(10)], labels=np.arange(10)).select(np.arange(9, -1, -1))
    assert list(chosen.inputs[2:5]) == ["7", "6", "5"]
    assert chosen.inputs[-1] == "0"


def test_the_repr_says_how_much_there_is() -> None:
    split = Split(inputs=["a", "b"], labels=np.array([0, 1]))
    data = LabelledData(name="tiny", modality="text", class_names=("x", "y"), train=split, validation=split, test=split)
    assert repr(split) == "Split(2 examples of 2 classes)"
    assert repr(data) == "LabelledData('tiny', text, 2 classes, 2/2/2)"
