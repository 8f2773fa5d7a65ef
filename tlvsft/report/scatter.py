"""Runs as points over a logarithmic axis of cost, with the line of what is best for so much, as plain SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tlvsft.config import Side
from tlvsft.report.charts import HEIGHT, WIDTH, find_ticks
from tlvsft.report.markup import Markup, element

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 14, 40
_MARK = 6.0
_MOST_TICKS = 6
_ROOM = 1.15
"""The axis goes on beyond the cheapest and the dearest by this factor."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One point.

    Attributes:
        x: Above 0.
        look: Of one side a circle or a diamond; a letter; or faint.
        letter: For `letter`.
        words: What is told of it to whoever points at it.
        span: From where to where its value may be, where that is drawn.
    """

    x: float
    y: float
    look: Side | Literal["letter", "faint"]
    words: str
    letter: str = ""
    span: tuple[float, float] | None = None


def scatter_chart(
    spots: Sequence[Spot],
    front: Sequence[tuple[float, float]],
    *,
    title: str,
    x_title: str,
    per_cent: bool,
) -> Markup:
    """A chart of points.

    Args:
        spots: Later ones are drawn above earlier ones.
        front: The corners of the line, from left to right; it goes on to the edge.
        title: What a screen reader says; a table beside the chart has the numbers.
        x_title: Of the logarithmic axis, with its unit.
        per_cent: Whether values are shares, written as percentages.
    """
    factor = 100 if per_cent else 1
    low, high = min(spot.x for spot in spots) / _ROOM, max(spot.x for spot in spots) * _ROOM
    ends = [end for spot in spots for end in (spot.y, *(spot.span or ()))]
    ticks = find_ticks(factor * min(ends), factor * max(ends))
    bottom, top = HEIGHT - _BOTTOM, _TOP

    def across(value: float) -> float:
        share = math.log(value / low) / math.log(high / low)
        return round(_LEFT + share * (WIDTH - _RIGHT - _LEFT), 1)

    def up(value: float) -> float:
        share = (factor * value - ticks[0]) / (ticks[-1] - ticks[0])
        return round(bottom + share * (top - bottom), 1)

    rows = [
        part
        for tick in ticks
        for y in (up(tick / factor),)
        for part in (
            element("path", class_="grid", d=f"M{_LEFT} {y}H{WIDTH - _RIGHT}"),
            element("text", f"{tick:,.6g}{' %' if per_cent else ''}", class_="tick end", x=_LEFT - 6, y=y + 4),
        )
    ]
    columns = [
        element("text", f"{tick:,.6g}", class_="tick middle", x=across(tick), y=bottom + 16)
        for tick in log_ticks(low, high)
    ]
    corners = [(across(x), up(y)) for x, y in front]
    return element(
        "svg",
        element("title", title),
        *rows,
        *columns,
        element("text", x_title, class_="axis end", x=WIDTH - _RIGHT, y=HEIGHT - 5),
        element("path", class_="front", d=_steps(corners)) if corners else None,
        *[_draw(spot, across(spot.x), up(spot.y), [up(end) for end in spot.span or ()]) for spot in spots],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        class_="drawn scattered",
    )


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two: 1, 2 and 5 times each power of ten, more where they are near, fewer where far."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [factor * 10.0**power for power in powers for factor in factors]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= _MOST_TICKS:
            return inside if len(inside) > 1 else [tick for tick in find_ticks(low, high) if low <= tick <= high]
    return inside[:: math.ceil(len(inside) / _MOST_TICKS)]


def _steps(corners: Sequence[tuple[float, float]]) -> str:
    """Along each corner's height to the next one's place: in between nothing better can be had."""
    (x, y), *others = corners
    return f"M{x} {y}" + "".join(f"H{right}V{height}" for right, height in others) + f"H{WIDTH - _RIGHT}"


def _draw(spot: Spot, x: float, y: float, span: Sequence[float]) -> Markup:
    whisker = element("path", class_="whisker", d=f"M{x} {span[0]}V{span[1]}") if span else None
    return element("g", element("title", spot.words), whisker, _mark(spot, x, y), class_=spot.look)


def _mark(spot: Spot, x: float, y: float) -> Markup:
    if spot.look == "letter":
        return element("text", spot.letter, class_="middle", x=x, y=y + 4.5, translate="no")
    if spot.look == "right":
        return element("path", class_="mark", d=f"M{x} {y - _MARK - 1}l7 7l-7 7l-7 -7z")
    return element("circle", class_="mark", cx=x, cy=y, r=_MARK if spot.look == "left" else 2.5)
