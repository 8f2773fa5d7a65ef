"""How good a classifier's predictions are. Labels and predictions are class numbers of shape `(n,)`."""

from __future__ import annotations

import numpy as np


def accuracy(labels: np.ndarray, predictions: np.ndarray) -> float:
    """The fraction of examples whose class was predicted, from 0 to 1."""
    return float(np.mean(labels == predictions))


def confusion(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> np.ndarray:
    """How often each class was taken for each: `(num_classes, num_classes)` int64, rows true, columns predicted."""
    cells = np.bincount(labels * num_classes + predictions, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes).astype(np.int64)


def macro_f1(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> float:
    """The F1 score of each class, averaged with equal weights, from 0 to 1.

    A class that is neither present nor predicted is left out, as scikit-learn does by default.

    Source: Opitz & Burst 2019, arXiv:1911.03347 (the mean of the F1 scores, not the F1 of the means).
    """
    table = confusion(labels, predictions, num_classes)
    hits = np.diag(table)
    sums = table.sum(axis=0) + table.sum(axis=1)  # (num_classes,): predicted plus true
    present = sums > 0
    return float(np.mean(2 * hits[present] / sums[present]))
