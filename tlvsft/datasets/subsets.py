"""Label subsets: which training examples a run may learn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlvsft.errors import LabelCountError


def check_label_count(count: int | None, *, num_classes: int, available: int) -> None:
    """Refuses a number of labels that the data can't give; `None` means all of them.

    Raises:
        LabelCountError: Below the number of classes or above the number of training examples.
    """
    if count is None or num_classes <= count <= available:
        return
    raise LabelCountError(
        f"labels must be from {num_classes} (one per class) to {available:,} (all training examples), not {count:,}."
    )


def draw_label_subset(
    labels: np.ndarray[Any, Any], count: int | None, *, num_classes: int, seed: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Draws a class-balanced subset of the training examples.

    Classes take turns, in an order of their own for each seed, until `count` examples are drawn; a class that runs out
    is passed over. With the same seed a larger subset contains every smaller one.

    Args:
        labels: `(n,)` class numbers of the training split.
        count: How many examples; `None` is all of them.
        num_classes: How many classes there are.
        seed: Another seed, another subset.

    Returns:
        `(count,)` indices into the training split, ascending.

    Raises:
        LabelCountError: `count` is below the number of classes or above `n`.
    """
    check_label_count(count, num_classes=num_classes, available=len(labels))
    if count is None:
        return np.arange(len(labels), dtype=np.int64)
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(labels))
    turn = np.empty(len(labels), dtype=np.int64)
    for label in range(num_classes):
        members = shuffled[labels[shuffled] == label]
        turn[members] = np.arange(len(members))
    class_order = generator.permutation(num_classes)
    by_turn = np.lexsort((class_order[labels], turn))
    return np.sort(by_turn[:count]).astype(np.int64)
