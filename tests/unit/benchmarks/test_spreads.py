from __future__ import annotations

import pytest

from benchmarks.speed_benchmark.spreads import Spread, paired_ratios, unevenness


def test_a_spread_is_a_median_between_the_extremes() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert Spread.of([2.0, 4.0]).median == 3.0


def test_ratios_are_taken_pair_by_pair() -> None:
    """The second pair was measured on a machine that was ten times slower: no ratio shows it."""
    assert paired_ratios([8.0, 80.0, 9.0], [1.0, 10.0, 1.0]) == Spread(8.0, 8.0, 9.0)
    with pytest.raises(ValueError, match="shorter"):
        paired_ratios([1.0, 2.0], [1.0])


def test_unevenness_is_nothing_where_all_are_equal() -> None:
    assert unevenness([2.0, 2.0]) == 0
    assert unevenness([2.0, 3.0, 2.5]) == pytest.approx(0.5)
