"""A classification verdict in words: who, by how much, how surely, at what cost, and about what it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tlvsft.comparison.decisions import Decision, describe_chance
from tlvsft.comparison.figures import multiple
from tlvsft.comparison.naming import Lineage, capitalise, describe_steps

if TYPE_CHECKING:
    from tlvsft.evaluation.statistics import PairedDifference

Winner = Literal["left", "right", "tie"]

SAME_TIME = (0.95, 1.05)
"""Ratios of two costs that are called the same."""
_LOPSIDED = 0.75
"""Where the shorter arm of an interval is less than this part of the longer one, its ends are given instead of ±."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """One side's part of the evidence, averaged over seeds.

    Attributes:
        name: What the side is called inside a sentence.
        popular_name: What most people call its method.
        accuracy: Test accuracy, 0–1.
        train_s: Training alone, in seconds, with that of the runs that it started from.
        lineage: Those runs, the oldest first.
    """

    name: str
    popular_name: str
    accuracy: float
    train_s: float
    lineage: Lineage = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a verdict rests on: the difference, how it was tested, and over how many seeds and test examples.

    Attributes:
        caution: A sentence that belongs beside it, if any.
    """

    found: PairedDifference
    decision: Decision
    seeds: int
    examples: int
    caution: str = ""

    @property
    def about(self) -> str:
        """The last sentence: how it was decided, and what may be concluded about what."""
        article = "an" if self.decision.name[0] in "aeiou" else "a"
        decided = f"Decided by {article} {self.decision.name}: this is about {self.decision.speaks_of}."
        return f"{self.caution} {decided}" if self.caution else decided

    @property
    def over_seeds(self) -> str:
        """How many runs of each side there were."""
        return "with one seed" if self.seeds == 1 else f"over {self.seeds} seeds"

    @property
    def tested(self) -> str:
        """On what it was tested."""
        return f"{self.examples:,} test {self.decision.things}"

    @property
    def chance(self) -> str:
        """The p-value."""
        return describe_chance(self.found.p_value)

    def points(self, *, flip: bool) -> str:
        """The difference in percentage points and how sure it is, turned round where the left side is the subject."""
        sign = -100 if flip else 100
        return describe_estimate(sign * self.found.difference, [sign * end for end in self.found.ci95], "points")


def write_statement(winner: Winner, evidence: Evidence, *, left: Score, right: Score) -> str:
    """The verdict on two methods, or on whatever else differs."""
    left_leads = winner == "left" or (winner == "tie" and evidence.found.difference < 0)
    first, second = (left, right) if left_leads else (right, left)
    points = evidence.points(flip=left_leads)
    times = describe_times(first.train_s, second.train_s, first.lineage or second.lineage)
    cost = describe_cost(first.train_s, second.train_s)
    if winner == "tie":
        return (
            f"Too close to call: {first.name} gets {_percent(first.accuracy)} of {evidence.tested} right, "
            f"{second.name} {_percent(second.accuracy)}, {evidence.over_seeds}. The difference of {points} may be "
            f"chance ({evidence.chance}). {capitalise(first.name)} took {cost} ({times}). {evidence.about}"
        )
    lost = second.popular_name == "Transfer learning" != first.popular_name
    return (
        f"{capitalise(first.name)} is {points} better than {second.name} {evidence.over_seeds}, at {cost}. "
        f"It gets {_percent(first.accuracy)} of {evidence.tested} right instead of {_percent(second.accuracy)}; "
        f"training took {times}.{' Transfer learning loses here.' if lost else ''} {evidence.about}"
    )


def warn_of_guessing(names: Sequence[str], share: float) -> str:
    """That what was learnt may be nothing; empty where it is more.

    Args:
        names: Sides whose accuracy can't be told from that of naming one class always.
        share: Of the most frequent class in the test examples, 0–1.
    """
    if not names:
        return ""
    who = "Neither" if len(names) > 1 else capitalise(names[0])
    verb = "can" if len(names) > 1 else "can't"
    return f"{who} {verb} be told from always naming the most frequent class ({_percent(share)} right)."


def write_twin_statement(evidence: Evidence, reached: str, *, left_s: float, right_s: float) -> str:
    """What a comparison of a run with itself says: nothing of methods, but how far two timings of the same lie apart.

    Args:
        evidence: Of no difference at all.
        reached: What each side reached, after "each".
        left_s: Training time of the left side, in seconds.
        right_s: That of the right side.
    """
    return (
        f"Nothing to tell apart: both sides are the same method with the same settings and seeds, so they are the same "
        f"models, trained twice. Each {reached} {evidence.over_seeds}. Training took {_seconds(left_s)} and "
        f"{_seconds(right_s)}: that is how far two timings of the same work lie apart here."
    )


def write_detour_statement(winner: Winner, evidence: Evidence, *, left: Score, right: Score) -> str:
    """The verdict where one side differs in nothing but an earlier run that it goes on from: what that step bought."""
    detour, straight = (left, right) if left.lineage else (right, left)
    step = capitalise(describe_steps(detour.lineage))
    gain = evidence.found.difference * (-1 if detour is left else 1)
    shares = f"{_percent(detour.accuracy)} against {_percent(straight.accuracy)} of {evidence.tested} right"
    extra_s = detour.train_s - straight.train_s
    spent = f"{abs(extra_s):.1f} s {'more' if extra_s >= 0 else 'less'} training"
    times = describe_times(detour.train_s, straight.train_s, detour.lineage)
    if winner == "tie":
        points = evidence.points(flip=detour is left)
        return (
            f"{step} bought nothing that can be told apart from chance {evidence.over_seeds}: {shares}, a difference "
            f"of {points} ({evidence.chance}), for {spent} ({times}). {evidence.about}"
        )
    points = evidence.points(flip=winner == "left")
    return (
        f"{step} {'bought' if gain > 0 else 'lost'} {points} {evidence.over_seeds}, for {spent}: {shares} ({times}). "
        f"{evidence.about}"
    )


def describe_estimate(size: float, interval: list[float], unit: str) -> str:
    """A figure with its 95 % interval: `3.1 ± 1.4 points`, or both ends where ± would hide what they say.

    Args:
        size: The figure, in `unit`.
        interval: Its ends, in any order.
        unit: Of all three.
    """
    low, high = sorted(interval)
    shorter, longer = sorted((size - low, high - size))
    half = (high - low) / 2
    looks_like_zero = low > 0 and round(half, 1) >= round(size, 1)
    if shorter < _LOPSIDED * longer or looks_like_zero:
        digits = 2 if 0 < low < 0.05 else 1
        ends = f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "−")
        return f"{size:.1f} {unit} (95 % interval {ends})"
    return f"{size:.1f} ± {half:.1f} {unit}"


def describe_cost(first_s: float, second_s: float) -> str:
    """The first side's training time as a multiple of the second's."""
    ratio = first_s / second_s if second_s > 0 else 1.0
    if SAME_TIME[0] <= ratio <= SAME_TIME[1]:
        return "about the same training time"
    return describe_ratio(ratio, "training time")


def describe_ratio(ratio: float, what: str) -> str:
    """How much one side's cost is of the other's: `6.2 times the training time`, or `16 % of the training time`."""
    return f"{multiple(ratio)} times the {what}" if ratio >= 1 else f"{multiple(100 * ratio)} % of the {what}"


def describe_times(first_s: float, second_s: float, lineage: Lineage) -> str:
    """What was compared: both times of training alone; `lineage` is what either started from."""
    included = f", {_included(lineage)}" if lineage else ""
    return f"{_seconds(first_s)} against {_seconds(second_s)}{included}"


def _included(lineage: Lineage) -> str:
    adapted = all(ancestor.task == "language_modeling" for ancestor in lineage)
    return f"{'adaptation' if adapted else 'earlier training'} included"


def _seconds(duration_s: float) -> str:
    """With so many digits that a ratio can be followed."""
    return f"{duration_s:.1f} s" if duration_s >= 1 else f"{duration_s:#.2g} s"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
