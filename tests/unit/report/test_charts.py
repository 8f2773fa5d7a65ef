"""Curves that need no script."""

from __future__ import annotations

import pytest

from tlvsft.report.charts import Line, find_ticks, line_chart


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, [0.0, 0.25, 0.5, 0.75, 1.0]),
        (0.0, 2.3, [0.0, 1.0, 2.0, 3.0]),
        (71.2, 140.0, [60.0, 80.0, 100.0, 120.0, 140.0]),
        (5.0, 5.0, [4.0, 6.0]),
        (0.0, 0.0, [0.0, 0.25]),
    ],
)
def test_ticks_are_round_and_take_in_all(low: float, high: float, ticks: list[float]) -> None:
    found = find_ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 7
    if low != high:
        assert found == pytest.approx(ticks)


def test_a_side_is_told_by_its_marks_too() -> None:
    points = [(0.0, 2.0), (10.0, 1.0)]
    lines = [Line(side="left", points=points, style="bold"), Line(side="right", points=points, style="bold")]
    chart = line_chart(lines, title="Loss", y_title="loss", from_zero=True)
    assert chart.count("<circle") == 2
    assert chart.count('<path class="mark"') == 2
    assert "<title>Loss</title>" in chart
    assert 'viewBox="0 -8 480 278"' in chart


def test_what_is_not_finite_is_left_out() -> None:
    line = Line(side="left", points=[(0.0, float("inf")), (1.0, float("nan")), (2.0, 1.0)], style="faint")
    chart = line_chart([line], title="Loss", y_title="loss", from_zero=True)
    assert "nan" not in chart
    assert "inf" not in chart


def test_nothing_to_draw_is_said() -> None:
    assert "nothing to draw" in line_chart([], title="Loss", y_title="loss", from_zero=True)
