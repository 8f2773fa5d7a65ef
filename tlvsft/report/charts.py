"""Curves as plain SVG: no script, readable in black and white, and drawn from the numbers of the table beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tlvsft.config import Side
from tlvsft.report.markup import Markup, element

WIDTH, HEIGHT = 480, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 38
_TICKS = 5
_MARK = 4.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One curve.

    Attributes:
        points: Steps and values; what isn't finite is left out.
        style: `bold` with a mark at each point, or `faint` and dashed.
    """

    side: Side
    points: Sequence[tuple[float, float]]
    style: Literal["bold", "faint"]


@dataclass(frozen=True)
class _Scale:
    """Maps values to places on the paper."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def line_chart(lines: Sequence[Line], *, title: str, y_title: str, per_cent: bool = False, from_zero: bool) -> Markup:
    """A chart over steps.

    Args:
        lines: The curves.
        title: What a screen reader says; the table beside the chart has the numbers.
        y_title: What is drawn.
        per_cent: Whether values are shares, drawn on 0–100 %.
        from_zero: Whether the axis begins at 0.
    """
    known = [line for line in lines if _finite(line)]
    values = [value for line in known for _, value in _finite(line)]
    steps = [step for line in known for step, _ in _finite(line)]
    if not values:
        return element("p", "There is nothing to draw: no validation was made.", class_="facts")
    y_ticks = [0.0, 0.25, 0.5, 0.75, 1.0] if per_cent else find_ticks(0.0 if from_zero else min(values), max(values))
    x_ticks = find_ticks(0.0, max(1.0, *steps))
    across = _Scale(x_ticks[0], x_ticks[-1], _LEFT, WIDTH - _RIGHT)
    up = _Scale(y_ticks[0], y_ticks[-1], HEIGHT - _BOTTOM, _TOP)
    return element(
        "svg",
        element("title", title),
        *_grid(x_ticks, y_ticks, across, up, per_cent=per_cent),
        element("text", y_title, class_="axis", x=_LEFT, y=_TOP - 1),
        element("text", "steps", class_="axis end", x=WIDTH - _RIGHT, y=HEIGHT - 4),
        *[_curve(line, across, up) for line in known],
        viewBox=f"0 -8 {WIDTH} {HEIGHT + 8}",
        role="img",
        class_="drawn",
    )


def find_ticks(low: float, high: float) -> list[float]:
    """Round numbers that take in a range: the first is at most `low`, the last at least `high`."""
    width = high - low if high > low else max(abs(high), 1.0)
    rough = width / (_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = max(first + 1, math.ceil(high / step - 1e-9))
    return [number * step for number in range(first, last + 1)]


def _finite(line: Line) -> list[tuple[float, float]]:
    return [(step, value) for step, value in line.points if math.isfinite(value)]


def _grid(
    x_ticks: Sequence[float], y_ticks: Sequence[float], across: _Scale, up: _Scale, *, per_cent: bool
) -> list[Markup]:
    parts = []
    for tick in y_ticks:
        y = up.place(tick)
        label = f"{100 * tick:g} %" if per_cent else f"{tick:,.6g}"
        rule = element("path", class_="grid", d=f"M{_LEFT} {y}H{WIDTH - _RIGHT}")
        parts += [rule, element("text", label, class_="tick end", x=_LEFT - 6, y=y + 4)]
    below = HEIGHT - _BOTTOM + 16
    return parts + [
        element("text", f"{tick:,.6g}", class_="tick middle", x=across.place(tick), y=below) for tick in x_ticks
    ]


def _curve(line: Line, across: _Scale, up: _Scale) -> Markup:
    places = [(across.place(step), up.place(value)) for step, value in _finite(line)]
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    marks = [_mark(line.side, x, y) for x, y in places] if line.style == "bold" else []
    return element("g", element("path", class_="line", d=path), *marks, class_=f"{line.side} {line.style}")


def _mark(side: Side, x: float, y: float) -> Markup:
    """A circle on the left, a diamond on the right: the sides can be told apart without colours."""
    if side == "left":
        return element("circle", class_="mark", cx=x, cy=y, r=_MARK)
    size = _MARK + 1
    return element("path", class_="mark", d=f"M{x} {y - size}l{size} {size}l{-size} {size}l{-size} {-size}z")
