"""A classification verdict in words: who, by how much, how surely, at what cost, and about what it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tlvsft.comparison.naming import Lineage, capitalise, describe_steps

if TYPE_CHECKING:
    from tlvsft.evaluation.statistics import PairedDifference

Winner = Literal["left", "right", "tie"]

SAME_TIME = (0.95, 1.05)
"""Ratios of two costs that are called the same."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """One side's part of the evidence, averaged over seeds.

    Attributes:
        name: What the side is called inside a sentence.
        popular_name: What most people call its method.
        accuracy: Test accuracy, 0–1.
        elapsed_s: Worker start to end of test, in seconds, with that of the runs that it started from.
        lineage: Those runs, the oldest first.
    """

    name: str
    popular_name: str
    accuracy: float
    elapsed_s: float
    lineage: Lineage = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a verdict rests on: the difference, and over how many seeds and test examples."""

    found: PairedDifference
    seeds: int
    examples: int

    @property
    def about(self) -> str:
        """The last sentence: what may be concluded about what."""
        return f"This is about {'the methods on this task' if self.seeds > 1 else 'these two trained models'}."

    def tested_on(self, things: str) -> str:
        """How much there was to go by."""
        return f"{self.examples:,} test {things}" + (f", {self.seeds} seeds" if self.seeds > 1 else "")

    @property
    def chance(self) -> str:
        """The p-value."""
        return "p < 0.001" if self.found.p_value < 0.001 else f"p = {self.found.p_value:.2g}"

    def points(self, *, flip: bool) -> str:
        """The interval in percentage points, turned round where the left side is the subject."""
        low, high = self.found.ci95
        low, high = (-high, -low) if flip else (low, high)
        return f"95 % interval {100 * low:+.1f} to {100 * high:+.1f}, {self.chance}"


def write_statement(winner: Winner, evidence: Evidence, *, left: Score, right: Score) -> str:
    """The verdict on two methods, or on whatever else differs."""
    first, second = (left, right) if winner == "left" else (right, left)
    tested, points = evidence.tested_on("examples"), evidence.points(flip=winner == "left")
    difference = 100 * evidence.found.difference
    cost = describe_cost(first.elapsed_s, second.elapsed_s, first.lineage or second.lineage)
    if winner == "tie":
        return (
            f"Too close to call: {right.name} gets {_percent(right.accuracy)} right, {left.name} "
            f"{_percent(left.accuracy)} ({tested}; difference {difference:+.1f} points, {points}). "
            f"{capitalise(first.name)} took {cost}. {evidence.about}"
        )
    shares = f"{_percent(first.accuracy)} against {_percent(second.accuracy)}"
    lost = second.popular_name == "Transfer learning" != first.popular_name
    upset = " Transfer learning does not win here." if lost else ""
    return (
        f"{capitalise(first.name)} is {abs(difference):.1f} points better than {second.name} "
        f"({shares} right on {tested}; {points}), at {cost}.{upset} {evidence.about}"
    )


def write_detour_statement(winner: Winner, evidence: Evidence, *, left: Score, right: Score) -> str:
    """The verdict where one side differs in nothing but an earlier run that it goes on from: what that step bought."""
    detour, straight = (left, right) if left.lineage else (right, left)
    flip = detour is left
    step = capitalise(describe_steps(detour.lineage))
    difference = 100 * evidence.found.difference * (-1 if flip else 1)
    shares = f"{_percent(detour.accuracy)} against {_percent(straight.accuracy)} right"
    tested, points = evidence.tested_on("examples"), evidence.points(flip=flip)
    extra_s = detour.elapsed_s - straight.elapsed_s
    spent = f"{abs(extra_s):.1f} s {'more' if extra_s >= 0 else 'less'}"
    times = f"{detour.elapsed_s:.1f} s against {straight.elapsed_s:.1f} s, {_included(detour.lineage)}"
    if winner == "tie":
        return (
            f"{step} bought nothing that can be told apart from chance: {shares} on {tested} (difference "
            f"{difference:+.1f} points, {points}), for {spent} ({times}). {evidence.about}"
        )
    bought = "bought" if difference > 0 else "lost"
    return (
        f"{step} {bought} {abs(difference):.1f} points ({shares} on {tested}; {points}) for {spent} ({times}). "
        f"{evidence.about}"
    )


def describe_cost(first_s: float, second_s: float, lineage: Lineage) -> str:
    """The first side's time beside the second's, in seconds; `lineage` is what either started from."""
    ratio = first_s / second_s if second_s > 0 else 1.0
    included = f", {_included(lineage)}" if lineage else ""
    if SAME_TIME[0] <= ratio <= SAME_TIME[1]:
        return f"about the same time ({first_s:.1f} s{included})"
    return f"{ratio:.2g}× the time ({first_s:.1f} s against {second_s:.1f} s{included})"


def _included(lineage: Lineage) -> str:
    adapted = all(ancestor.task == "language_modeling" for ancestor in lineage)
    return f"{'adaptation' if adapted else 'earlier training'} included"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
