"""Classification metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

Classes = np.ndarray[Any, Any]
"""`(n,)` class numbers."""


def accuracy(labels: Classes, predictions: Classes) -> float:
    """The share of examples whose predicted class is the true one, 0–1."""
    return float(np.mean(labels == predictions))


def macro_f1(labels: Classes, predictions: Classes, num_classes: int) -> float:
    """The unweighted mean of the classes' F1, 0–1; a class never seen and never predicted counts as 0."""
    from sklearn.metrics import f1_score

    return float(f1_score(labels, predictions, labels=range(num_classes), average="macro", zero_division=0))


def confusion(labels: Classes, predictions: Classes, num_classes: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Counts of shape `(num_classes, num_classes)`: rows are true classes, columns predicted ones."""
    counts = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(counts, (labels, predictions), 1)
    return counts
