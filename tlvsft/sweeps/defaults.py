"""What a sweep varies when its user names nothing."""

from __future__ import annotations

from tlvsft.catalog.presets import PRESETS

_SERIES = ((1, 2, 5), (1, 3), (1,))
_MOST_COUNTS = 10
"""So many numbers of labels, all of them included: the finest series with no more is taken."""
_TELLING_RATIO = 1.5
"""A number of labels that is nearer than this to all of them says nothing that all of them don't."""
_LABELS_PER_CLASS = 5
"""How many labels of each class a depth sweep has by default, where no story names a number: few, since that is where
it matters what is frozen."""


def default_label_counts(*, train_size: int, num_classes: int) -> tuple[int | None, ...]:
    """1, 2, 5, 10, 20 … (of large data 1, 3, 10 …) from one label per class on, then all of them.

    Args:
        train_size: How many training examples there are.
        num_classes: How many classes.
    """
    powers = range(len(str(train_size)))
    counts: list[int] = []
    for factors in _SERIES:
        series = [factor * 10**power for power in powers for factor in factors]
        counts = [count for count in series if num_classes <= count <= train_size / _TELLING_RATIO]
        if len(counts) < _MOST_COUNTS:
            break
    return (*counts, None)


def default_depth_labels(dataset: str, *, train_size: int, num_classes: int) -> int | None:
    """The number of labels of a depth sweep: that of the dataset's story, else a few of each class.

    Args:
        dataset: Its name.
        train_size: How many training examples there are.
        num_classes: How many classes.
    """
    told = [preset.labels for preset in PRESETS.values() if preset.dataset == dataset and preset.fault is None]
    if told:
        return told[0]
    few = _LABELS_PER_CLASS * num_classes
    return few if few < train_size else None
