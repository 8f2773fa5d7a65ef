"""Where one method overtakes another as labels grow, and whether that is more than chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

from tlvsft.comparison.verdict import pick_winner
from tlvsft.sweeps.measurements import Answers, Figure, Measured
from tlvsft.sweeps.results import Crossing

RESAMPLES = 2_000


@dataclass(frozen=True, kw_only=True)
class Lead:
    """By how much the second of two methods is ahead of the first at one place.

    Attributes:
        x: Number of labels.
        difference: Of accuracies, the second's minus the first's, over the seeds that both have.
        is_clear: Whether a verdict would name a winner: p < 0.05, and a 95 % interval that leaves zero out.
    """

    x: int
    difference: float
    is_clear: bool


def find_crossings(figure: Figure, methods: Sequence[str]) -> tuple[Crossing, ...]:
    """All crossings of every two of the methods, from few labels to many."""
    found = [
        crossing
        for first, second in combinations([method for method in methods if method in figure], 2)
        for crossing in cross(first, second, leads_of(figure, first, second))
    ]
    return tuple(sorted(found, key=lambda crossing: crossing.x))


def leads_of(figure: Figure, first: str, second: str) -> list[Lead]:
    """The leads at every place at which both methods have a seed in common."""
    places = [x for x in figure[first] if x is not None and x in figure[second]]
    leads = [lead_at(x, figure[first][x], figure[second][x]) for x in places]
    return [lead for lead in leads if lead is not None]


def lead_at(x: int, first: Measured, second: Measured) -> Lead | None:
    """The lead at one place; `None` where the methods have no seed in common yet."""
    seeds = tuple(seed for seed in first.answers.seeds if seed in second.answers.seeds)
    if not seeds or first.answers.examples != second.answers.examples:
        return None
    difference, is_clear = _compare(
        _chosen(first.answers, seeds), _chosen(second.answers, seeds), first.answers.examples
    )
    return Lead(x=x, difference=difference, is_clear=is_clear)


def cross(first: str, second: str, leads: Sequence[Lead]) -> list[Crossing]:
    """The crossings of two methods.

    Where a clear lead of one is followed by a clear lead of the other, the curves surely cross in between, and once,
    however often they seem to within what may be chance: the middle one of these is where. All others are unsure.

    Args:
        first: A method.
        second: Another one.
        leads: The second's over the first, from few labels to many.
    """
    telling = [lead for lead in leads if lead.difference != 0]
    apparent = [pair for pair in pairwise(telling) if _changes_hands(*pair)]
    brackets = [pair for pair in pairwise([lead for lead in telling if lead.is_clear]) if _changes_hands(*pair)]
    found = []
    for left, right in brackets:
        within = [_zero_between(*pair) for pair in apparent if _is_within(pair, left, right)]
        found.append(_crossing(first, second, right, x=within[len(within) // 2], between=(left.x, right.x)))
    found += [
        _crossing(first, second, pair[1], x=_zero_between(*pair), between=None)
        for pair in apparent
        if not any(_is_within(pair, left, right) for left, right in brackets)
    ]
    return sorted(found, key=lambda crossing: crossing.x)


def _changes_hands(before: Lead, after: Lead) -> bool:
    return before.difference * after.difference < 0


def _is_within(pair: tuple[Lead, Lead], left: Lead, right: Lead) -> bool:
    return left.x <= pair[0].x and pair[1].x <= right.x


def _crossing(first: str, second: str, after: Lead, *, x: float, between: tuple[int, int] | None) -> Crossing:
    ahead, behind = (second, first) if after.difference > 0 else (first, second)
    return Crossing(behind=behind, ahead=ahead, x=x, between=between)


def _zero_between(before: Lead, after: Lead) -> float:
    """Where the difference is zero, linear over the logarithm of the labels."""
    share = before.difference / (before.difference - after.difference)
    return math.exp(math.log(before.x) + share * math.log(after.x / before.x))


def _chosen(answers: Answers, seeds: tuple[int, ...]) -> tuple[bytes, ...]:
    return tuple(answers.packed[answers.seeds.index(seed)] for seed in seeds)


@lru_cache(maxsize=4096)
def _compare(first: tuple[bytes, ...], second: tuple[bytes, ...], examples: int) -> tuple[float, bool]:
    """The difference of two methods, and whether it is more than chance, as a comparison's verdict has it."""
    from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap

    seeds = tuple(range(len(first)))
    left, right = (Answers(seeds=seeds, packed=packed, examples=examples).correct() for packed in (first, second))
    found = mcnemar(left[0], right[0]) if len(seeds) == 1 else two_way_bootstrap(left, right, resamples=RESAMPLES)
    return found.difference, pick_winner(found) != "tie"
