"""A language modelling verdict in words: who predicts the texts better, at what cost, and who forgets more."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.comparison.naming import Lineage, capitalise
from tlvsft.comparison.statements import Evidence, Winner, describe_cost

_ABOUT_AS_MUCH = 1.01
"""Perplexities on general English whose ratio is below this are called alike: they are stated, not tested."""


@dataclass(frozen=True, kw_only=True)
class TextScore:
    """One side's part of the evidence; perplexities are geometric means over seeds.

    Attributes:
        name: What the side is called inside a sentence.
        perplexity: On the test texts.
        source_perplexity: On general English; `None` where it wasn't measured.
        elapsed_s: Worker start to end of test, in seconds, with that of the runs that it started from.
        lineage: Those runs, the oldest first.
    """

    name: str
    perplexity: float
    source_perplexity: float | None
    elapsed_s: float
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
    first, second = (left, right) if winner == "left" else (right, left)
    tested = evidence.tested_on("texts")
    before = "" if untouched.perplexity is None else f"{_number(untouched.perplexity)} before; "
    cost = describe_cost(first.elapsed_s, second.elapsed_s, first.lineage or second.lineage)
    if winner == "tie":
        opening = (
            f"Too close to call: {right.name} has perplexity {_number(right.perplexity)}, {left.name} "
            f"{_number(left.perplexity)} ({before}{_describe_difference(evidence)}, {tested}). "
            f"{capitalise(first.name)} took {cost}."
        )
    else:
        opening = (
            f"{capitalise(first.name)} predicts the words of these texts better: perplexity "
            f"{_number(first.perplexity)} against {_number(second.perplexity)} "
            f"({before}{_describe_gain(evidence, flip=winner == 'left')}, {tested}), at {cost}."
        )
    parts = (opening, _warn(first, second, untouched), _describe_forgetting(first, second, untouched), evidence.about)
    return " ".join(filter(None, parts))


def _describe_difference(evidence: Evidence) -> str:
    """By how much the right perplexity is above the left one."""
    low, high = evidence.found.ci95
    return (
        f"difference {100 * evidence.found.difference:+.1f} %, 95 % interval {100 * low:+.1f} to {100 * high:+.1f} %, "
        f"{evidence.chance}"
    )


def _describe_gain(evidence: Evidence, *, flip: bool) -> str:
    """By how much the winner's perplexity is below the other one; `flip` where the left side won."""
    found = evidence.found
    ratios = [1 + change for change in (found.difference, *found.ci95)]
    if flip:
        ratios = [1 / ratio for ratio in ratios]
    gain, *ends = (100 * (1 - ratio) for ratio in ratios)
    return f"{gain:.1f} % lower, 95 % interval {min(ends):.1f} to {max(ends):.1f} %, {evidence.chance}"


def _warn(first: TextScore, second: TextScore, untouched: Untouched) -> str:
    if untouched.perplexity is None or min(first.perplexity, second.perplexity) < untouched.perplexity:
        return ""
    return "Neither predicts them better than the untouched model."


def _describe_forgetting(first: TextScore, second: TextScore, untouched: Untouched) -> str:
    """What both sides still know of general English, whoever forgot more."""
    before = untouched.source_perplexity
    known = [(score.source_perplexity, score.name) for score in (first, second) if score.source_perplexity is not None]
    if before is None or len(known) < 2:
        return ""
    (least, less), (most, more) = sorted(known)
    figures = f"perplexity {_number(most)} against {_number(least)} ({_number(before)} before)"
    if most < before * _ABOUT_AS_MUCH:
        return f"Neither forgets general English: {figures}."
    if most < least * _ABOUT_AS_MUCH:
        return f"Both forget about as much general English: {figures}."
    return f"{capitalise(more)} forgets more general English than {less}: {figures}."


def _number(perplexity: float) -> str:
    return f"{perplexity:,.1f}" if perplexity < 1_000 else f"{perplexity:,.0f}"
