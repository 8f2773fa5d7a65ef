"""What was forgotten, drawn: ends of intervals where they belong, and the same numbers in the table."""

from __future__ import annotations

import re
from dataclasses import replace

from tlvsft.comparison.evidence.forgotten import ForgottenEvidence, Measure
from tlvsft.comparison.evidence.forgotten_numbers import Change, Gap
from tlvsft.report.drawings_slopes import Slope, slope_chart
from tlvsft.report.evidence.forgotten import forgotten_drawing

SAME = Change(before=100.0, after=100.0, change=0.0, ci95=(0.0, 0.0), unchanged=True)
MORE = Change(before=100.0, after=150.0, change=0.5, ci95=(0.4, 0.6), unchanged=False)
EVIDENCE = ForgottenEvidence(
    names={"left": "linear probe", "right": "full <b>"},
    seeds=1,
    predicts_words=False,
    measures=(
        Measure(
            measured="general_english",
            examples=90,
            unit="texts",
            changes={"left": SAME, "right": MORE},
            gap=Gap(difference=0.5, ci95=(0.4, 0.6), p_value=0.001),
        ),
    ),
    controls=(),
)


def test_the_table_says_what_is_drawn() -> None:
    drawn = forgotten_drawing(EVIDENCE)
    cells = re.findall(r"<td>(.*?)</td>", drawn)
    assert cells[0:1] + cells[2:6] == ["90 texts", "100.0", "100.0", "0.0 %", "unchanged weights"]
    assert cells[8:12] == ["100.0", "150.0", "+50.0 %", "+40.0 to +60.0 %"]
    assert "Full &lt;b&gt;" in drawn


def test_a_control_is_named_in_the_table() -> None:
    measure = replace(EVIDENCE.measures[0], changes={"left": MORE, "right": None}, gap=None)
    drawn = forgotten_drawing(replace(EVIDENCE, measures=(measure,), controls=("right",)))
    assert "nothing to forget" in drawn
    assert drawn.count('class="whisker"') == 1


def test_nothing_at_all() -> None:
    assert "Nothing was pretrained" in forgotten_drawing(replace(EVIDENCE, measures=(), controls=("left", "right")))


def test_a_proxy_is_called_one() -> None:
    measure = Measure(
        measured="agreement",
        examples=270,
        unit="test images",
        changes={
            "left": None,
            "right": Change(before=1.0, after=0.4, change=-0.6, ci95=(-0.65, -0.54), unchanged=False),
        },
        gap=None,
    )
    drawn = forgotten_drawing(replace(EVIDENCE, measures=(measure,)))
    assert "a proxy" in drawn
    assert "−60.0 points" in drawn


def test_slopes_lie_where_their_values_are() -> None:
    """On a scale from 0 to 200 the paper's 186 pixels are 0.93 per unit, from y = 200 upwards."""
    slope = Slope(side="right", before=100.0, after=200.0, low=150.0, high=180.0, hint="h")
    drawn = slope_chart([slope], title="t", write=lambda value: f"{value:.0f}", per_cent=False)
    assert 'd="M98 107.0L365 14.0"' in drawn
    assert 'd="M365 60.5V32.6M360 60.5h10M360 32.6h10"' in drawn
    assert '<tspan class="sign right">◆ </tspan>200<' in drawn


def test_labels_of_equal_values_stand_apart() -> None:
    slopes = [
        Slope(side=side, before=100.0, after=100.0, low=None, high=None, hint="")  # type: ignore[arg-type]
        for side in ("left", "right")
    ]
    drawn = slope_chart(slopes, title="t", write=str, per_cent=False)
    places = [float(y) for y in re.findall(r'y="([\d.]+)"><tspan', drawn)]
    assert places[1] - places[0] >= 18


def test_shares_are_drawn_from_0_to_100_per_cent() -> None:
    slope = Slope(side="left", before=1.0, after=0.25, low=0.2, high=0.3, hint="")
    drawn = slope_chart([slope], title="t", write=str, per_cent=True)
    assert "100 %" in drawn
    assert 'd="M98 14.0L351 153.5"' in drawn
