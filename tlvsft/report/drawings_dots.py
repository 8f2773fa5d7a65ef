"""Dots on a line for each row, one for each side, with the range over seeds: plain SVG, readable in black and white."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tlvsft.config import SIDES, Side
from tlvsft.report.markup import Markup, element

WIDTH = 400
_ROW, _TOP, _BOTTOM, _LEFT, _RIGHT = 34, 8, 30, 96, 26
_MARK = 5.0
_APART = 6.0
"""Between the two sides' dots of a row, up and down from its middle."""


@dataclass(frozen=True)
class Dot:
    """A value and the range around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DotRow:
    """One row; a side without a dot has none."""

    name: str
    dots: Mapping[Side, Dot | None]


def dot_chart(
    rows: Sequence[DotRow], *, title: str, ticks: Sequence[tuple[float, str]], write: Callable[[float], str]
) -> Markup:
    """A chart with one row under the other.

    Args:
        rows: From top to bottom.
        title: What a screen reader says; the table beside the chart has the numbers.
        ticks: Places on the axis and their words, from its low end to its high one; at least two.
        write: A value in words, for tooltips.
    """
    bottom, start, end = _TOP + _ROW * len(rows), ticks[0][0], ticks[-1][0]

    def place(value: float) -> float:
        share = (value - start) / (end - start)
        return round(_LEFT + min(1.0, max(0.0, share)) * (WIDTH - _LEFT - _RIGHT), 1)

    parts = [element("path", class_="grid", d=f"M{place(tick)} {_TOP}V{bottom}") for tick, _ in ticks]
    parts += [element("text", words, class_="tick middle", x=place(tick), y=bottom + 18) for tick, words in ticks]
    for number, row in enumerate(rows):
        middle = _TOP + _ROW * (number + 0.5)
        parts.append(element("path", class_="grid", d=f"M{_LEFT} {middle}H{WIDTH - _RIGHT}"))
        parts.append(element("text", row.name, class_="tick end", x=_LEFT - 10, y=middle + 4))
        parts += [
            _draw(side, dot, middle, place, words=f"{row.name}: {write(dot.value)}")
            for side in SIDES
            if (dot := row.dots[side])
        ]
    return element(
        "svg",
        element("title", title),
        *parts,
        viewBox=f"0 0 {WIDTH} {bottom + _BOTTOM}",
        role="img",
        class_="drawn dots",
    )


def _draw(side: Side, dot: Dot, middle: float, place: Callable[[float], float], *, words: str) -> Markup:
    x, y = place(dot.value), middle + (-_APART if side == "left" else _APART)
    low, high = place(dot.low), place(dot.high)
    span = element("path", class_="line", d=f"M{low} {y}H{high}") if high > low else None
    return element("g", element("title", words), span, mark(side, x, y), class_=side)


def mark(side: Side, x: float, y: float, size: float = _MARK) -> Markup:
    """A circle on the left, a diamond on the right."""
    if side == "left":
        return element("circle", class_="mark", cx=x, cy=y, r=size)
    size += 1
    return element("path", class_="mark", d=f"M{x} {y - size}l{size} {size}l{-size} {size}l{-size} {-size}z")
