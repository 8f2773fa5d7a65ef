"""How the lines of a sweep's figure are told apart: by dashes, marks and their names, and only then by colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlvsft.catalog.methods import METHODS
from tlvsft.config import Side
from tlvsft.report.markup import Markup, element

Sides = Mapping[str, Side]
"""Which methods have a side's colour."""
USUAL_SIDES: Sides = {"linear_probe": "left", "full": "right"}
_SIZE = 5.0
_DASHES = {"left": "", "right": "9 4"}
_OTHER_DASHES = ("2 4", "8 3 2 3", "5 5", "12 3 2 3 2 3", "1 3", "14 5", "4 2", "6 2 1 2")
_OTHER_MARKS = ("square", "triangle", "cross", "hexagon", "flag", "bar", "hollow", "plus")
_OUTLINES = {
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    "flag": ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
    "hexagon": ((-0.55, -1), (0.55, -1), (1.1, 0), (0.55, 1), (-0.55, 1), (-1.1, 0)),
    "bar": ((-1.3, -0.45), (1.3, -0.45), (1.3, 0.45), (-1.3, 0.45)),
    "cross": (
        (-1.1, -0.6), (-0.6, -1.1), (0, -0.5), (0.6, -1.1), (1.1, -0.6), (0.5, 0),
        (1.1, 0.6), (0.6, 1.1), (0, 0.5), (-0.6, 1.1), (-1.1, 0.6), (-0.5, 0),
    ),
    "plus": (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
        (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Look:
    """One line's looks.

    Attributes:
        class_: `left` or `right` for the two methods that are compared, `control` for one without pretraining, which
            is grey, `other` for the rest.
        dash: As SVG's `stroke-dasharray`; empty is a solid line.
        mark: The shape at each measured place.
    """

    class_: str
    dash: str
    mark: str

    def place_mark(self, x: float, y: float, *, title: str | None = None) -> Markup:
        """The mark at a place; `title` is what a pointer over it is told."""
        inside = None if title is None else element("title", title)
        if self.mark in {"circle", "hollow"}:
            return element("circle", inside, class_=f"mark {self.mark}", cx=x, cy=y, r=_SIZE - 0.8)
        return element("path", inside, class_="mark", d=outline(_OUTLINES[self.mark], x, y, size=_SIZE))


def choose_looks(methods: Sequence[str], sides: Sides) -> dict[str, Look]:
    """A look for each method, no two the same.

    Args:
        methods: In the order in which they are drawn.
        sides: Which of them are the two that are compared.
    """
    looks: dict[str, Look] = {}
    others = iter(zip(_OTHER_DASHES, _OTHER_MARKS, strict=True))
    for method in methods:
        side = sides.get(method)
        if side is not None:
            looks[method] = Look(class_=side, dash=_DASHES[side], mark="circle" if side == "left" else "diamond")
            continue
        dash, mark = next(others)
        looks[method] = Look(class_="other" if METHODS[method].pretrained else "control", dash=dash, mark=mark)
    return looks


def outline(points: Sequence[tuple[float, float]], x: float, y: float, *, size: float) -> str:
    """A closed path around a place."""
    return "M" + "L".join(f"{x + size * right:.1f} {y + size * down:.1f}" for right, down in points) + "z"


def star(x: float, y: float, *, is_solid: bool, title: str) -> Markup:
    """Where two curves cross: a solid star where that is sure, a hollow one where it may be chance."""
    turns = [math.pi * (number / 5 - 0.5) for number in range(10)]
    points = [
        ((0.42 if number % 2 else 1) * math.cos(turn), (0.42 if number % 2 else 1) * math.sin(turn))
        for number, turn in enumerate(turns)
    ]
    class_ = f"star {'sure' if is_solid else 'unsure'}"
    return element("path", element("title", title), class_=class_, d=outline(points, x, y, size=8.5))
