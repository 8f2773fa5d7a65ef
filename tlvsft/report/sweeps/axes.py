"""Places on the paper: scales, ticks, grids and names at the ends of lines, for the figures of sweeps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlvsft.report.markup import Markup, element

_LINE, _TWO_LINES = 17.0, 32.0
_TICK_GAP = 5
"""Free paper between two ticks' words."""
_CHARACTER = 7.2
"""Width of a character of a tick."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A chart's paper in its own units, which are the page's pixels where it isn't shrunk.

    Attributes:
        wraps: Whether names are written on two lines, since there is no room beside the chart.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    wraps: bool = False

    @property
    def x_end(self) -> int:
        """Where the axes end on the right."""
        return self.width - self.right

    @property
    def y_end(self) -> int:
        """Where the axes stand at the bottom."""
        return self.height - self.bottom


@dataclass(frozen=True, kw_only=True)
class EndName:
    """A line's name, and where the line ends.

    Attributes:
        class_: Whose colours it has.
    """

    name: str
    class_: str
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Maps values to places on the paper; a logarithmic one takes positive values only."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def place(self, value: float) -> float:
        """Where a value stands."""
        low, high, at = (math.log(number) if self.is_log else number for number in (self.low, self.high, value))
        share = 0.5 if high == low else (at - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)


def thin_out(labels: Sequence[str], places: Sequence[float]) -> list[bool]:
    """Which ticks have room for their words; the last one always has, then as many as fit from the left.

    Args:
        labels: The words.
        places: Where their middles are, ascending.
    """
    halves = [_CHARACTER * len(label) / 2 for label in labels]
    shown = [False] * len(labels)
    if not labels:
        return shown
    shown[-1] = True
    free_from, last_from = -math.inf, places[-1] - halves[-1] - _TICK_GAP
    for number, (place, half) in enumerate(zip(places[:-1], halves[:-1], strict=True)):
        if place - half >= free_from and place + half <= last_from:
            shown[number] = True
            free_from = place + half + _TICK_GAP
    return shown


def spread(places: Sequence[float], heights: Sequence[float], *, low: float, high: float) -> list[float]:
    """Moves names up and down until none covers another, as little as need be; their order stays.

    Args:
        places: Where the middle of each would best be.
        heights: How high each is.
        low: The highest place on the paper, where values are smallest.
        high: The lowest one.
    """
    order = sorted(range(len(places)), key=lambda number: places[number])
    found = list(places)
    edge = low
    for number in order:
        found[number] = max(found[number], edge + heights[number] / 2)
        edge = found[number] + heights[number] / 2
    edge = high
    for number in reversed(order):
        found[number] = min(found[number], edge - heights[number] / 2)
        edge = found[number] - heights[number] / 2
    return [round(place, 1) for place in found]


def y_grid(frame: Frame, scale: Scale, ticks: Sequence[float], *, per_cent: bool) -> list[Markup]:
    """Level lines with their values beside them."""
    parts = []
    for tick in ticks:
        y = scale.place(tick)
        label = f"{100 * tick:g} %" if per_cent else f"{tick:,.6g}"
        parts.append(element("path", class_="grid", d=f"M{frame.left} {y}H{frame.x_end}"))
        parts.append(element("text", label, class_="tick end", x=frame.left - 6, y=y + 4))
    return parts


def x_ticks(frame: Frame, labels: Sequence[str], places: Sequence[float]) -> list[Markup]:
    """A stroke for each place, and its words where there is room."""
    shown = thin_out(labels, places)
    strokes = [element("path", class_="stroke", d=f"M{x} {frame.y_end}v5") for x in places]
    words = [
        element("text", label, class_="tick middle", x=x, y=frame.y_end + 19)
        for label, x, fits in zip(labels, places, shown, strict=True)
        if fits
    ]
    return [*strokes, *words]


def place_names(names: Sequence[EndName], frame: Frame) -> list[Markup]:
    """Each line's name on the right of the chart, with a thin line from its end."""
    heights = [_name_height(name.name, frame) for name in names]
    found = spread([name.y for name in names], heights, low=frame.top - 8, high=frame.y_end + 8)
    parts = []
    for name, height, place in zip(names, heights, found, strict=True):
        parts.append(element("path", class_="lead", d=f"M{name.x + 8} {name.y}L{frame.x_end + 4} {place}"))
        parts.append(_name(name, frame, place, height))
    return parts


def _name_height(name: str, frame: Frame) -> float:
    return _TWO_LINES if frame.wraps and " " in name else _LINE


def _name(name: EndName, frame: Frame, place: float, height: float) -> Markup:
    """One line, or as HTML, which breaks lines by itself, in any language."""
    x = frame.x_end + 8
    if not frame.wraps:
        return element("text", name.name, class_=f"name {name.class_}", x=x, y=place + 4)
    words = element("div", name.name, class_=f"name {name.class_}")
    return element("foreignObject", words, x=x, y=round(place - height / 2, 1), width=frame.width - x, height=height)
