"""Can its confidence be trusted? A reliability diagram with the histogram of confidences under it, and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlvsft.comparison.evidence.calibration import CalibrationEvidence
from tlvsft.comparison.figures import MISSING, percent, signed
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side
from tlvsft.report.drawings_dots import mark
from tlvsft.report.legends import side_legend, side_name
from tlvsft.report.markup import Child, Markup, element, join
from tlvsft.report.tables import sign_of, table

if TYPE_CHECKING:
    from tlvsft.evaluation.calibration import Calibration, ReliabilityBin

_WIDTH, _HEIGHT = 480, 452
_LEFT, _RIGHT, _TOP = 52, 28, 14
_BASE = 330
"""Where the diagram ends; below is the histogram."""
_BARS_TOP, _BARS_BASE = 352, 412
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_LEAST_MARK, _MARK_RANGE = 2.6, 4.0
_HOW = (
    "Each mark stands for the test examples of which a model was about equally sure: how sure, and how many of them it "
    "got right. On the dashed line it is right as often as it says; below, it is surer than right. Large marks stand "
    "for many examples; a line through a mark says how far chance may have moved it (95 %). The bars below count the "
    "answers."
)
_ERROR = (
    "The calibration error is the mean distance from the line. It is never 0: what chance alone shows is what a model "
    "of the same confidences would get on as many examples, were it right exactly as often as it says."
)


def calibration_drawing(evidence: CalibrationEvidence) -> Markup:
    """The diagram, what it means, and the numbers."""
    caption = "Share of right answers over confidence, and how many answers there are"
    several = "The marks are of all seeds together; errors are measured for each seed, and averaged."
    figure = element("figure", element("figcaption", caption, class_="facts"), _diagram(evidence, caption))
    words = [element("p", text, class_="facts") for text in (_HOW, _ERROR, *([several] if evidence.seeds > 1 else []))]
    return element(
        "div",
        side_legend(evidence.names),
        element("div", figure, element("div", _summary(evidence), *words), class_="figures"),
        element("details", element("summary", "The curve in numbers"), _curve(evidence)),
        class_="calibrated-part",
    )


def _across(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _up(share: float) -> float:
    return round(_BASE - share * (_BASE - _TOP), 1)


def _diagram(evidence: CalibrationEvidence, title: str) -> Markup:
    most = max(part.count for side in SIDES for part in evidence.sides[side].bins)
    return element(
        "svg",
        element("title", title),
        *_grid(most),
        element("path", class_="diagonal", d=f"M{_across(0)} {_up(0)}L{_across(1)} {_up(1)}"),
        *[_curve_of(side, evidence.sides[side], most) for side in SIDES],
        *[_bars_of(side, evidence.sides[side], most) for side in SIDES],
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        class_="drawn reliability",
    )


def _grid(most: int) -> list[Markup]:
    parts = []
    for tick in _TICKS:
        x, y, label = _across(tick), _up(tick), f"{100 * tick:.0f} %"
        parts += [
            element("path", class_="grid", d=f"M{_LEFT} {y}H{_WIDTH - _RIGHT}"),
            element("path", class_="grid", d=f"M{x} {_TOP}V{_BASE}"),
            element("text", label, class_="tick end", x=_LEFT - 6, y=y + 4),
            element("text", label, class_="tick middle", x=x, y=_BARS_BASE + 18),
        ]
    return [
        *parts,
        element("path", class_="grid", d=f"M{_LEFT} {_BARS_BASE}H{_WIDTH - _RIGHT}"),
        element("text", f"{most:,}", class_="tick end", x=_LEFT - 6, y=_BARS_TOP + 8),
        element("text", "0", class_="tick end", x=_LEFT - 6, y=_BARS_BASE + 4),
        element("text", "share right", class_="axis", x=_LEFT + 6, y=_TOP + 12),
        element("text", "confidence", class_="axis end", x=_WIDTH - _RIGHT, y=_BARS_BASE + 36),
    ]


def _curve_of(side: Side, found: Calibration, most: int) -> Markup:
    """Marks, and for each the range in which chance leaves its true place; seeds don't count twice."""
    marks = []
    for part in found.bins:
        if part.confidence is None or part.accuracy is None or part.ci95 is None:
            continue
        low, high = part.ci95
        x, y = _across(part.confidence), _up(part.accuracy)
        whisker = element("path", class_="line thin", d=f"M{x} {_up(low)}V{_up(high)}")
        size = _mark_size(part.count, most)
        marks.append(element("g", element("title", _words(part)), whisker, mark(side, x, y, size)))
    return element("g", *marks, class_=side)


def _mark_size(count: int, most: int) -> float:
    return float(round(_LEAST_MARK + _MARK_RANGE * (count / most) ** 0.5, 1))


def _bars_of(side: Side, found: Calibration, most: int) -> Markup:
    """Bars from below; the left side's in the left half of each bin, the right side's in the right one."""
    bars = []
    for part in found.bins:
        low, high = _across(part.low), _across(part.high)
        half = (high - low) / 2 - 2
        x = low + 1 if side == "left" else low + half + 3
        height = part.count / most * (_BARS_BASE - _BARS_TOP)
        if part.count:
            size = {"x": round(x, 1), "y": round(_BARS_BASE - height, 1), "width": round(half, 1)}
            rectangle = element("rect", class_="count-bar", height=round(height, 1), **size)
            bars.append(element("g", element("title", _words(part)), rectangle))
    return element("g", *bars, class_=side)


def _words(part: ReliabilityBin) -> str:
    return f"{part.count:,} answers, {percent(part.confidence)} sure, {percent(part.accuracy)} right"


def _summary(evidence: CalibrationEvidence) -> Markup:
    heads = [side_name(evidence.names, side) for side in SIDES]
    found = [evidence.sides[side] for side in SIDES]
    rows: list[list[Child]] = [
        ["Sure, on average", *[percent(side.confidence) for side in found]],
        ["Right answers", *[percent(side.accuracy) for side in found]],
        ["Surer than right by", *[_points(side.overconfidence, side.overconfidence_ci95) for side in found]],
        ["Calibration error", *[_error(side) for side in found]],
        ["… by chance alone", *[_chance(side) for side in found]],
    ]
    each = "means over seeds, each seed's error in small; " if evidence.seeds > 1 else ""
    caption = f"On {evidence.examples:,} test examples; {each}in brackets 95 % intervals"
    return table(["", *heads], rows, caption=caption, class_="numbers")


def _points(value: float, ci95: tuple[float, float]) -> str:
    return f"{signed(100 * value)} points ({signed(100 * ci95[0])} to {signed(100 * ci95[1])})"


def _error(found: Calibration) -> Markup:
    low, high = (100 * end for end in found.ci95)
    each = element("small", ", ".join(map(percent, found.errors))) if len(found.errors) > 1 else None
    return join([element("span", f"{percent(found.error)} ({low:.1f} to {high:.1f} %)"), each])


def _chance(found: Calibration) -> str:
    return f"{percent(found.chance)}, up to {percent(found.chance_most)}"


def _curve(evidence: CalibrationEvidence) -> Markup:
    heads = [
        element("span", sign_of(side), f"{capitalise(evidence.names[side])}: {what}", class_=side)
        for side in SIDES
        for what in ("answers", "mean confidence", "share right")
    ]
    pairs = zip(evidence.sides["left"].bins, evidence.sides["right"].bins, strict=True)
    rows: list[list[Child]] = [
        [f"{100 * left.low:.0f} to {100 * left.high:.0f} %", *_cells(left), *_cells(right)]
        for left, right in pairs
        if left.count or right.count
    ]
    return table(["confidence", *heads], rows, caption="Ten bins of equal width", class_="numbers")


def _cells(part: ReliabilityBin) -> list[Child]:
    if not part.count:
        return ["0", MISSING, MISSING]
    return [f"{part.count:,}", percent(part.confidence), percent(part.accuracy)]
