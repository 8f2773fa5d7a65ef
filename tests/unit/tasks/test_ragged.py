"""Rows of different lengths come back as they were put in, padded only as far as a batch needs."""

from __future__ import annotations

import numpy as np
import torch

from tlvsft.tasks import Ragged


def test_rows_come_back_in_the_order_asked_for() -> None:
    rows = Ragged.join([torch.tensor([1, 2, 3]), torch.tensor([4]), torch.tensor([5, 6])])
    assert len(rows) == 3
    assert rows.starts.tolist() == [0, 3, 4]
    assert rows.row(2).tolist() == [5, 6]
    assert rows.batch(np.array([2, 0]), fill=9).tolist() == [[5, 6, 9], [1, 2, 3]]
    assert rows.batch(np.array([1, 1])).tolist() == [[4], [4]]


def test_places_may_hold_vectors() -> None:
    rows = Ragged(torch.arange(6.0).view(3, 2), np.array([1, 2]))
    assert rows.batch(np.array([0, 1])).tolist() == [[[0, 1], [0, 0]], [[2, 3], [4, 5]]]


def test_places_say_where_rows_lie_and_where_they_end() -> None:
    places, inside = Ragged(torch.zeros(5), np.array([2, 3])).places(np.array([1, 0]))
    assert places.tolist() == [[2, 3, 4], [0, 1, 0]]
    assert inside.tolist() == [[True, True, True], [True, True, False]]
