"""Medians and the ranges around them: pure arithmetic on what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """A median, with the smallest and the largest of what it was taken from."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(median(values), min(values), max(values))


def paired_ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Ratios of what was measured together, one per pair.

    What slows the machine down for a while slows both of a pair, so their ratio holds more firmly than either time.
    """
    return Spread.of([one / other for one, other in zip(above, below, strict=True)])


def unevenness(values: Sequence[float]) -> float:
    """How much larger the largest is than the smallest, as a share: 0 where all are equal."""
    return max(values) / min(values) - 1
