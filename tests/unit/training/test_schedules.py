"""Learning rates follow the formulas of the papers."""

from __future__ import annotations

import pytest

from tlvsft.config import SCHEDULES, Schedule
from tlvsft.training.schedules import share_of_peak


def shares(schedule: Schedule, total_steps: int, warmup: float = 0.1) -> list[float]:
    return [share_of_peak(schedule, step, total_steps=total_steps, warmup=warmup) for step in range(total_steps)]


@pytest.mark.parametrize(
    ("step", "share"),
    [
        # T = 100, cut_frac = 0.1, ratio = 32: cut = 10; p = t / 10 below it, 1 - (t - 10) / 90 above.
        (0, 1 / 32),
        (5, (1 + 0.5 * 31) / 32),
        (10, 1.0),
        (55, (1 + 0.5 * 31) / 32),
        (99, (1 + 31 / 90) / 32),
    ],
)
def test_the_slanted_triangle_is_that_of_equation_3(step: int, share: float) -> None:
    assert shares("slanted_triangular", 100)[step] == pytest.approx(share)


def test_the_slanted_triangle_never_falls_below_its_ends() -> None:
    """With T = 37 the paper's own denominator, 27, would make the last rates negative."""
    assert min(shares("slanted_triangular", 37)) == pytest.approx(1 / 32)


@pytest.mark.parametrize(
    ("step", "share"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (55, 0.5), (99, 0.000305)],
)
def test_the_cosine_rises_linearly_and_falls_to_nothing(step: int, share: float) -> None:
    assert shares("cosine", 100)[step] == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("total_steps", [1, 2, 3, 9, 11, 150])
def test_rates_are_shares_that_rise_then_fall_whatever_the_length(schedule: Schedule, total_steps: int) -> None:
    moved = shares(schedule, total_steps)
    top = moved.index(max(moved))
    assert all(0.0 < share <= 1.0 for share in moved)
    assert moved[: top + 1] == sorted(moved[: top + 1])
    assert moved[top:] == sorted(moved[top:], reverse=True)
