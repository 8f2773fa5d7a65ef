"""A language modelling verdict in words: who predicts the texts better, at what cost, and what both still know."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.comparison.naming import Lineage, capitalise
from tlvsft.comparison.statements import Evidence, Winner, describe_cost, describe_estimate, describe_times


@dataclass(frozen=True, kw_only=True)
class TextScore:
    """One side's part of the evidence; perplexities are geometric means over seeds.

    Attributes:
        name: What the side is called inside a sentence.
        popular_name: What most people call its method.
        perplexity: On the test texts.
        source_perplexity: On general English; `None` where it wasn't measured.
        train_s: Training alone, in seconds, with that of the runs that it started from.
        lineage: Those runs, the oldest first.
    """

    name: str
    popular_name: str
    perplexity: float
    source_perplexity: float | None
    train_s: float
    lineage: Lineage = ()


@dataclass(frozen=True, kw_only=True)
class Untouched:
    """The pretrained model's perplexities, on the test texts and on general English."""

    perplexity: float | None
    source_perplexity: float | None


def write_perplexity_statement(
    winner: Winner, evidence: Evidence, *, left: TextScore, right: TextScore, untouched: Untouched
) -> str:
    """The verdict: the lower perplexity on the test texts wins."""
    left_leads = winner == "left" or (winner == "tie" and evidence.found.difference > 0)
    first, second = (left, right) if left_leads else (right, left)
    before = "" if untouched.perplexity is None else f" ({_number(untouched.perplexity)} before)"
    figures = f"perplexity {_number(first.perplexity)} against {_number(second.perplexity)}{before}"
    times = describe_times(first.train_s, second.train_s, first.lineage or second.lineage)
    cost = describe_cost(first.train_s, second.train_s)
    gain = _describe_gain(evidence, flip=left_leads)
    if winner == "tie":
        opening = (
            f"Too close to call: {figures}, {first.name} against {second.name} on {evidence.tested}, "
            f"{evidence.over_seeds}. The difference of {gain} may be chance ({evidence.chance}). "
            f"{capitalise(first.name)} took {cost} ({times})."
        )
    else:
        lost = second.popular_name == "Transfer learning" != first.popular_name
        opening = (
            f"{capitalise(first.name)} predicts the words of these texts better than {second.name} "
            f"{evidence.over_seeds}: {gain} less perplexity, at {cost}. "
            f"On {evidence.tested} it has {figures}; training took {times}."
            f"{' Transfer learning loses here.' if lost else ''}"
        )
    parts = (opening, _warn(first, second, untouched), _describe_forgetting(first, second, untouched), evidence.about)
    return " ".join(filter(None, parts))


def _describe_gain(evidence: Evidence, *, flip: bool) -> str:
    """By how much the first perplexity is below the other one; `flip` where the left side is the first."""
    found = evidence.found
    ratios = [1 + change for change in (found.difference, *found.ci95)]
    if flip:
        ratios = [1 / ratio for ratio in ratios]
    gain, *ends = (100 * (1 - ratio) for ratio in ratios)
    return describe_estimate(gain, ends, "%")


def _warn(first: TextScore, second: TextScore, untouched: Untouched) -> str:
    if untouched.perplexity is None or min(first.perplexity, second.perplexity) < untouched.perplexity:
        return ""
    return "Neither predicts them better than the untouched model."


def _describe_forgetting(first: TextScore, second: TextScore, untouched: Untouched) -> str:
    """What both sides still know of general English; whether they differ beyond chance the evidence says."""
    before = untouched.source_perplexity
    known = [
        f"{score.name} {_number(score.source_perplexity)}"
        for score in (first, second)
        if score.source_perplexity is not None
    ]
    if before is None or len(known) < 2:
        return ""
    return f"Perplexity on general English: {known[0]}, {known[1]} ({_number(before)} before)."


def _number(perplexity: float) -> str:
    return f"{perplexity:,.1f}" if perplexity < 1_000 else f"{perplexity:,.0f}"
