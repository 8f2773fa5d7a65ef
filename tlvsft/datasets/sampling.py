"""Which examples to take: label subsets, stratified splits, and capped evaluation splits. All decided by a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlvsft.errors import LabelCountError


def check_label_count(count: int | None, *, num_classes: int, available: int) -> None:
    """Refuses a number of training examples that the data can't give.

    Args:
        count: How many are asked for; `None` is all.
        num_classes: The fewest that make sense: one of each class.
        available: Training examples that there are.

    Raises:
        LabelCountError: `count` is outside that range.
    """
    if count is not None and not num_classes <= count <= available:
        raise LabelCountError(
            f"{count:,} labels don't fit this dataset: choose from {num_classes:,} (one of each of its classes) to "
            f"{available:,} (all of its training examples)."
        )


def draw_label_subset(labels: np.ndarray, count: int | None, *, num_classes: int, seed: int) -> np.ndarray:
    """Draws training examples, as many of each class as the classes allow.

    Examples are dealt in rounds, one of each class in random order; a class that runs out leaves its place to the
    others. So the first 50 of a draw of 100 are the draw of 50 with the same seed.

    Args:
        labels: Class numbers of the training split, shape `(n,)`.
        count: How many to draw; `None` is all.
        num_classes: How many classes there are: the fewest examples that can be asked for.
        seed: Decides everything.

    Returns:
        Indices of shape `(count,)`, int64, distinct, in the order in which they were dealt.

    Raises:
        LabelCountError: `count` is below the number of classes or above the data.
    """
    check_label_count(count, num_classes=num_classes, available=len(labels))
    rng = np.random.default_rng([seed, 0x1ABE1])
    shuffled = rng.permutation(len(labels))
    rounds = _rank_within_class(labels[shuffled])
    turns = rng.random(len(labels))
    dealt = shuffled[np.lexsort((turns, rounds))]
    return dealt[:count]


def split_stratified(labels: np.ndarray, shares: Sequence[float], *, seed: int) -> tuple[np.ndarray, ...]:
    """Splits examples at random so that each part has each class in the same proportion.

    Args:
        labels: Class numbers, shape `(n,)`.
        shares: Sizes of the parts as fractions that add up to 1.
        seed: Decides who goes where.

    Returns:
        For each share, sorted indices. Parts after the first have `round(share * n)` examples, or a few more: each
        class that is large enough for it sends at least one example to each part.
    """
    rng = np.random.default_rng([seed, 0x5B117])
    parts: list[list[np.ndarray]] = [[] for _ in shares]
    counts = np.bincount(labels)
    allotted = [_allot(counts, round(share * len(labels)), share) for share in shares[1:]]
    for label in np.flatnonzero(counts):
        members = rng.permutation(np.flatnonzero(labels == label))
        start = 0
        for part, allotment in zip(parts[1:], allotted, strict=True):
            part.append(members[start : start + allotment[label]])
            start += allotment[label]
        parts[0].append(members[start:])
    return tuple(np.sort(np.concatenate(part)) for part in parts)


def draw_capped(labels: np.ndarray, cap: int, *, seed: int = 0) -> np.ndarray:
    """Draws `cap` of the examples, classes in proportion; all of them if there are no more. Returns sorted indices."""
    if len(labels) <= cap:
        return np.arange(len(labels))
    counts = np.bincount(labels)
    rng = np.random.default_rng([seed, 0xCA9])
    allotment = _allot(counts, cap, cap / len(labels))
    drawn = [
        rng.permutation(np.flatnonzero(labels == label))[: allotment[label]] for label in np.flatnonzero(allotment)
    ]
    return np.sort(np.concatenate(drawn))[:cap]


def _rank_within_class(labels: np.ndarray) -> np.ndarray:
    """For each position, how many earlier ones have the same class: `(n,)`."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sizes = np.diff(starts, append=len(labels))
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[order] = np.arange(len(labels)) - np.repeat(starts, sizes)
    return ranks


def _allot(counts: np.ndarray, total: int, share: float) -> np.ndarray:
    """Shares `total` places out among classes by largest remainder; each class with two examples or more gets one."""
    exact = counts * share
    places = np.floor(exact).astype(np.int64)
    by_remainder = np.argsort(places - exact, kind="stable")
    places[by_remainder[: max(0, total - int(places.sum()))]] += 1
    return np.where((counts > 1) & (places == 0), 1, places)
