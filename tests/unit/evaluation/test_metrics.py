"""Metrics against values computed by hand and by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from tlvsft.evaluation.metrics import accuracy, confusion, macro_f1

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTIONS = np.array([0, 0, 1, 1, 1, 0])


def test_accuracy_is_the_share_of_right_answers() -> None:
    assert accuracy(LABELS, PREDICTIONS) == pytest.approx(4 / 6)
    assert accuracy(LABELS, LABELS) == 1.0
    assert accuracy(LABELS, LABELS + 1) == 0.0


def test_confusion_has_true_classes_in_rows() -> None:
    assert confusion(LABELS, PREDICTIONS, 3).tolist() == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]


def test_confusion_keeps_classes_that_never_occur() -> None:
    table = confusion(LABELS, PREDICTIONS, 5)
    assert table.shape == (5, 5)
    assert table.sum() == len(LABELS)
    assert table[3:].sum() == table[:, 3:].sum() == 0


def test_macro_f1_weighs_classes_alike() -> None:
    # class 0: 2·2/(3+3); class 1: 2·2/(2+3); class 2: never predicted, 0
    assert macro_f1(LABELS, PREDICTIONS, 3) == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    assert macro_f1(LABELS, LABELS, 3) == 1.0


def test_macro_f1_leaves_out_a_class_that_is_nowhere() -> None:
    assert macro_f1(LABELS, PREDICTIONS, 7) == macro_f1(LABELS, PREDICTIONS, 3)


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, predictions = rng.integers(0, 4, size=(2, 50))
    assert (confusion(labels, predictions, 4) == confusion_matrix(labels, predictions, labels=range(4))).all()
    assert macro_f1(labels, predictions, 4) == pytest.approx(f1_score(labels, predictions, average="macro"))
