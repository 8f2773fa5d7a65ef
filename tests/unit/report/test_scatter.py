"""Points over a logarithmic axis."""

from __future__ import annotations

import re

import pytest

from tlvsft.report.charts import WIDTH
from tlvsft.report.scatter import Spot, log_ticks, scatter_chart


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.9, 12, [1, 2, 5, 10]),
        (0.3, 25, [0.5, 1, 2, 5, 10, 20]),
        (0.31, 65, [1, 3, 10, 30]),
        (0.09, 11_000, [0.1, 1, 10, 100, 1_000, 10_000]),
        (1e-3, 1e9, [1e-3, 1e0, 1e3, 1e6, 1e9]),
        (3.1, 4.4, [3.5, 4]),
    ],
)
def test_ticks_are_round_and_few(low: float, high: float, ticks: list[float]) -> None:
    assert log_ticks(low, high) == pytest.approx(ticks)


def draw(*spots: Spot, front: list[tuple[float, float]]) -> str:
    return scatter_chart(spots, front, title="t", x_title="x", per_cent=True)


def test_equal_ratios_are_equal_distances_and_the_front_goes_in_steps() -> None:
    spots = [Spot(x=x, y=y, look="left", words="") for x, y in ((1, 0.2), (10, 0.4), (100, 0.6))]
    drawn = draw(*spots, front=[(1, 0.2), (10, 0.4), (100, 0.6)])
    across = [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)]
    up = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)
    assert up == sorted(up, reverse=True)
    path = f"M{across[0]} {up[0]}H{across[1]}V{up[1]}H{across[2]}V{up[2]}H{WIDTH - 14}"
    assert f'd="{path}"' in drawn


def test_a_single_point_can_be_drawn() -> None:
    assert "circle" in draw(Spot(x=3.0, y=0.5, look="faint", words="alone"), front=[])


def test_words_are_escaped_and_shapes_tell_the_sides_apart() -> None:
    spots = [
        Spot(x=1.0, y=0.5, look="left", words="<b>left</b>", span=(0.4, 0.6)),
        Spot(x=2.0, y=0.6, look="right", words="right"),
        Spot(x=2.0, y=0.6, look="letter", letter="F", words="full"),
    ]
    drawn = draw(*spots, front=[(1.0, 0.5)])
    assert "&lt;b&gt;left" in drawn
    assert drawn.count("<circle") == 1
    assert drawn.count('class="whisker"') == 1
    assert ">F</text>" in drawn
