"""Slopes: what a value was before and what it is after, one line for each side, with the interval at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tlvsft.config import Side
from tlvsft.report.charts import find_ticks
from tlvsft.report.markup import Markup, element

WIDTH, HEIGHT = 480, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 92, 14, 30
_BEFORE_X, _AFTER_X = _LEFT + 40, WIDTH - _RIGHT - 30
_APART: dict[Side, int] = {"left": -7, "right": 7}
"""By how much the sides' ends stand beside each other, so that intervals don't cover one another."""
_CAP = 5
_LINE_HEIGHT = 18
"""Labels closer than this are moved apart."""


@dataclass(frozen=True, kw_only=True)
class Slope:
    """One side's way from before to after.

    Attributes:
        low: Lower end of the interval of `after`; `high` the upper one; `None` where there is none.
        hint: What a pointer that rests on it is told.
    """

    side: Side
    before: float
    after: float
    low: float | None
    high: float | None
    hint: str


def slope_chart(slopes: Sequence[Slope], *, title: str, write: Callable[[float], str], per_cent: bool) -> Markup:
    """A chart of slopes.

    Args:
        slopes: At least one; what they begin with is the same for all.
        title: What a screen reader says; the table beside the chart has the numbers.
        write: A value in words.
        per_cent: Whether values are shares, drawn on 0–100 %; else the axis begins at 0, too.
    """
    ends = [end for slope in slopes for end in (slope.before, slope.after, slope.high) if end is not None]
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0] if per_cent else find_ticks(0.0, max(ends))

    def place(value: float) -> float:
        return round(HEIGHT - _BOTTOM - value / ticks[-1] * (HEIGHT - _BOTTOM - _TOP), 1)

    labels = _spread([place(slope.after) for slope in slopes])
    return element(
        "svg",
        element("title", title),
        *_grid(ticks, place, per_cent=per_cent),
        element("text", write(slopes[0].before), class_="value middle", x=_BEFORE_X, y=place(slopes[0].before) - 10),
        *[_draw(slope, place) for slope in slopes],
        *[
            element("text", _sign(slope.side), write(slope.after), class_="value", x=_AFTER_X + 18, y=round(y + 4, 1))
            for slope, y in zip(slopes, labels, strict=True)
        ],
        viewBox=f"0 -14 {WIDTH} {HEIGHT + 14}",
        role="img",
        class_="drawn slopes",
    )


def _grid(ticks: Sequence[float], place: Callable[[float], float], *, per_cent: bool) -> list[Markup]:
    parts = []
    for tick in ticks:
        label = f"{100 * tick:g} %" if per_cent else f"{tick:,.6g}"
        parts.append(element("path", class_="grid", d=f"M{_LEFT} {place(tick)}H{WIDTH - _RIGHT}"))
        parts.append(element("text", label, class_="tick end", x=_LEFT - 6, y=place(tick) + 4))
    for words, x in (("before", _BEFORE_X), ("after", _AFTER_X)):
        parts.append(element("text", words, class_="tick middle", x=x, y=HEIGHT - _BOTTOM + 18))
    return parts


def _draw(slope: Slope, place: Callable[[float], float]) -> Markup:
    x, y = _AFTER_X + _APART[slope.side], place(slope.after)
    parts = [element("title", slope.hint)]
    if slope.low is not None and slope.high is not None:
        low, high = place(max(slope.low, 0.0)), place(slope.high)
        caps = "".join(f"M{x - _CAP} {end}h{2 * _CAP}" for end in (low, high))
        parts.append(element("path", class_="whisker", d=f"M{x} {low}V{high}{caps}"))
    parts.append(element("path", class_="line", d=f"M{_BEFORE_X} {place(slope.before)}L{x} {y}"))
    parts += [_mark(slope.side, _BEFORE_X, place(slope.before)), _mark(slope.side, x, y)]
    return element("g", *parts, class_=slope.side)


def _mark(side: Side, x: float, y: float) -> Markup:
    """A circle on the left, a diamond on the right: the sides can be told apart without colours."""
    if side == "left":
        return element("circle", class_="mark", cx=x, cy=y, r=4.5)
    return element("path", class_="mark", d=f"M{x} {y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z")


def _sign(side: Side) -> Markup:
    return element("tspan", "● " if side == "left" else "◆ ", class_=f"sign {side}")


def _spread(places: Sequence[float]) -> list[float]:
    """Places of labels, moved apart where they would cover one another."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    spread = list(places)
    for above, below in pairwise(order):
        overlap = _LINE_HEIGHT - (spread[below] - spread[above])
        if overlap > 0:
            spread[above] -= overlap / 2
            spread[below] += overlap / 2
    return spread
