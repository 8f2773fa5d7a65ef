"""Which of several results nobody should prefer another one to: cost on one axis, quality on the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Point(NamedTuple):
    """A result.

    Attributes:
        cost: The less the better.
        quality: The more the better.
    """

    cost: float
    quality: float

    def dominates(self, other: Point) -> bool:
        """Whether it is nowhere worse than another one, and somewhere better."""
        return self.cost <= other.cost and self.quality >= other.quality and self != other


def pareto_front(points: Sequence[Point]) -> list[int]:
    """The places of those that no other dominates, the cheapest first; equal ones stand on it together.

    Source: Kung, Luccio & Preparata 1975, Journal of the ACM 22, 469-476.
    """
    front: list[int] = []
    for place in sorted(range(len(points)), key=lambda place: (points[place].cost, -points[place].quality)):
        best = points[front[-1]] if front else None
        if best is None or points[place].quality > best.quality or points[place] == best:
            front.append(place)
    return front
