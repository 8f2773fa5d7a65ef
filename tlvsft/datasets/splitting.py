"""Train, validation and test from whatever splits the data has; evaluation of very large ones is capped."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from tlvsft.config import TEST_EXAMPLES_CAP, VALIDATION_EXAMPLES_CAP, SplitName
from tlvsft.datasets.labelled import Split
from tlvsft.datasets.sampling import draw_capped, split_stratified
from tlvsft.errors import DatasetError

SPLIT_SHARES = (0.70, 0.15, 0.15)
"""Train, validation and test, where the data has no splits of its own."""
SPLIT_SEED = 0

_CARVED: dict[frozenset[str], tuple[tuple[SplitName, ...], str]] = {
    frozenset({"train"}): (("train", "validation", "test"), "No splits of its own: split 70/15/15"),
    frozenset({"train", "test"}): (("train", "validation"), "No validation split: 15 % of the training examples taken"),
    frozenset({"train", "validation"}): (("train", "test"), "No test split: 15 % of the training examples taken"),
}
"""What is made of the training examples, and how to say it, for each set of splits that lacks one."""


def complete_splits(
    given: Mapping[SplitName, Split], *, class_names: tuple[str, ...], shown: str
) -> tuple[dict[SplitName, Split], list[str]]:
    """Keeps the splits that there are and takes the missing ones from the training examples, stratified, seed 0.

    Args:
        given: The data's own splits, "train" among them.
        class_names: For the message.
        shown: The file or dataset, for the message.

    Returns:
        All three splits, and notes about what was done.

    Raises:
        DatasetError: A class has too few examples to be in each part.
    """
    parts = parts_to_carve(given)
    if not parts:
        return dict(given), []
    _check_splittable(given["train"].labels, len(parts), class_names=class_names, shown=shown)
    splits, note = carve_splits(given)
    return splits, [f"{note}, stratified, seed {SPLIT_SEED}."]


def parts_to_carve(given: Collection[SplitName]) -> tuple[SplitName, ...]:
    """Into which splits the training examples have to be split, if any split is missing; else none."""
    return _CARVED[frozenset(given)][0] if frozenset(given) in _CARVED else ()


def carve_splits(given: Mapping[SplitName, Split]) -> tuple[dict[SplitName, Split], str]:
    """Takes the missing splits, of which there must be one, from the training examples: seed 0, classes in proportion.

    Returns:
        All three splits, and what was done.
    """
    parts, note = _CARVED[frozenset(given)]
    train = given["train"]
    shares = SPLIT_SHARES if len(parts) == 3 else (1 - SPLIT_SHARES[1], SPLIT_SHARES[1])
    chosen = split_stratified(train.labels, shares, seed=SPLIT_SEED)
    carved = {part: train.select(indices) for part, indices in zip(parts, chosen, strict=True)}
    return {**given, **carved}, note


def cap_evaluation(splits: Mapping[SplitName, Split]) -> tuple[dict[SplitName, Split], list[str]]:
    """Bounds what a run is evaluated on; the draw has a fixed seed, so all runs share it."""
    capped = dict(splits)
    notes = []
    for split, cap, doing in (
        ("validation", VALIDATION_EXAMPLES_CAP, "Validating"),
        ("test", TEST_EXAMPLES_CAP, "Evaluating"),
    ):
        whole = splits[split]  # type: ignore[index]
        if len(whole) > cap:
            capped[split] = whole.select(draw_capped(whole.labels, cap))  # type: ignore[index]
            notes.append(f"{doing} on {cap:,} of {len(whole):,} {split} examples.")
    return capped, notes


def _check_splittable(labels: np.ndarray, parts: int, *, class_names: tuple[str, ...], shown: str) -> None:
    counts = np.bincount(labels, minlength=len(class_names))
    rarest = int(counts.argmin())
    if counts[rarest] < parts:
        raise DatasetError(
            f"Class {class_names[rarest]!r} in {shown} has {counts[rarest]} of the {parts} examples needed to split "
            "the data: add examples, leave the class out, or give files for train, validation and test."
        )
