"""The front, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tlvsft.evaluation.pareto import Point, pareto_front


@pytest.mark.parametrize(
    ("first", "second", "dominates"),
    [
        ((1, 0.9), (2, 0.8), True),
        ((1, 0.9), (1, 0.8), True),
        ((1, 0.9), (2, 0.9), True),
        ((1, 0.9), (1, 0.9), False),
        ((1, 0.8), (2, 0.9), False),
        ((2, 0.9), (1, 0.8), False),
    ],
)
def test_one_dominates_another(first: tuple[float, float], second: tuple[float, float], dominates: bool) -> None:
    assert Point(*first).dominates(Point(*second)) is dominates


def front_of(*points: tuple[float, float]) -> list[int]:
    return pareto_front([Point(*point) for point in points])


def test_the_front_has_what_nothing_dominates_the_cheapest_first() -> None:
    assert front_of((3, 0.9), (1, 0.5), (2, 0.4), (2, 0.7), (4, 0.9), (5, 0.95)) == [1, 3, 0, 5]


def test_equal_points_stand_on_it_together() -> None:
    assert front_of((1, 0.5), (2, 0.9), (1, 0.5), (2, 0.9), (1, 0.4)) == [0, 2, 1, 3]


def test_of_equal_cost_only_the_best_and_of_equal_quality_only_the_cheapest() -> None:
    assert front_of((1, 0.5), (1, 0.6)) == [1]
    assert front_of((2, 0.5), (1, 0.5)) == [1]


def test_none_and_one() -> None:
    assert front_of() == []
    assert front_of((1, 0.5)) == [0]


def test_it_is_what_comparing_all_with_all_gives() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        points = [Point(float(cost), float(quality)) for cost, quality in rng.integers(0, 6, size=(12, 2))]
        everywhere = {
            place for place, point in enumerate(points) if not any(other.dominates(point) for other in points)
        }
        assert set(pareto_front(points)) == everywhere
