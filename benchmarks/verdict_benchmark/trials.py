"""Comparisons drawn from the bank, each with its true difference and what a rule says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.verdict_benchmark.bank import Bank
from benchmarks.verdict_benchmark.populations import Pair, level, mixture, own_difference, same_method, two_methods
from benchmarks.verdict_benchmark.rules import Rule
from tlvsft.comparison.statements import Winner
from tlvsft.comparison.verdict import pick_winner

Kind = Literal["A/A", "A/B", "as they are", "A/A, read about methods"]
READ_ABOUT_METHODS: Kind = "A/A, read about methods"
"""Single runs of one method, not levelled: the two models may truly differ, the method doesn't differ from itself."""
SEEDS_PER_SIDE = (1, 2, 3, 5, 10)
EFFECTS = (0.01, 0.02, 0.04, 0.08)
TEST_EXAMPLES = 270
"""As many as the app tests digits on."""
_MOST_TRIES = 100


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many comparisons of each kind there are for each number of seeds.

    Attributes:
        aa: A/A comparisons.
        equal: A/B comparisons whose effect is 0.
        ab: A/B comparisons of each stated effect.
        as_they_are: Comparisons of the two methods with the difference that they have.
    """

    aa: int = 1000
    equal: int = 400
    ab: int = 200
    as_they_are: int = 200


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One comparison, before anybody has decided it.

    Attributes:
        kind: How its two sides were made.
        seeds: Runs of each side.
        effect: The stated one, without its sign; `None` where none was made.
        truth: The true difference, right minus left.
        left: Which test examples each run got right, `(seeds, test examples)` bool.
        right: The same for the right side.
    """

    kind: Kind
    seeds: int
    effect: float | None
    truth: float
    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A comparison and what a rule said of it."""

    kind: Kind
    seeds: int
    effect: float | None
    truth: float
    winner: Winner
    covers: bool

    @property
    def is_verdict(self) -> bool:
        """Whether it named a winner."""
        return self.winner != "tie"

    @property
    def is_claim(self) -> bool:
        """Whether it is about what the app says it is about: of one seed the two models, of several the methods."""
        return self.kind != READ_ABOUT_METHODS

    @property
    def is_wrong(self) -> bool:
        """Whether it named a winner that isn't one."""
        return self.is_verdict and (self.winner == "right") != (self.truth > 0)


def draw_comparisons(bank: Bank, plan: Plan, *, seed: int = 0, sizes: Sequence[int] = SEEDS_PER_SIDE) -> list[Drawn]:
    """All comparisons of a plan; the same for the same bank, plan and seed."""
    rng = np.random.default_rng(seed)
    drawn: list[Drawn] = []
    for seeds in sizes:
        drawn += [_draw("A/A", seeds, 0.0, bank, rng) for _ in range(plan.aa)]
        drawn += [_draw("A/B", seeds, 0.0, bank, rng) for _ in range(plan.equal)]
        drawn += [_draw("A/B", seeds, effect, bank, rng) for effect in EFFECTS for _ in range(plan.ab)]
        drawn += [_draw("as they are", seeds, None, bank, rng) for _ in range(plan.as_they_are)]
    if 1 in sizes:
        drawn += [_draw(READ_ABOUT_METHODS, 1, 0.0, bank, rng) for _ in range(plan.aa)]
    return drawn


def judge(comparisons: Sequence[Drawn], rule: Rule) -> list[Trial]:
    """What a rule says of each of them."""
    return list(_judge(comparisons, rule))


def _judge(comparisons: Sequence[Drawn], rule: Rule) -> Iterator[Trial]:
    for drawn in comparisons:
        found = rule(drawn.left, drawn.right)
        low, high = found.ci95
        yield Trial(
            kind=drawn.kind,
            seeds=drawn.seeds,
            effect=drawn.effect,
            truth=drawn.truth,
            winner=pick_winner(found),
            covers=low <= drawn.truth <= high,
        )


def _draw(kind: Kind, seeds: int, effect: float | None, bank: Bank, rng: np.random.Generator) -> Drawn:
    pair = _pair(kind, seeds, effect, bank, rng)
    pair = pair.turned() if rng.random() < 0.5 else pair
    left, right = pair.draw_examples(TEST_EXAMPLES, rng)
    return Drawn(kind=kind, seeds=seeds, effect=effect, truth=pair.truth, left=left, right=right)


def _pair(kind: Kind, seeds: int, effect: float | None, bank: Bank, rng: np.random.Generator) -> Pair:
    """Two sides with a known difference: over methods, or of these two models where there is one seed."""
    if effect is None:
        pair = two_methods(bank, seeds, rng)
        return own_difference(pair) if seeds == 1 else pair
    for _ in range(_MOST_TRIES):
        signed = effect * rng.choice((-1, 1))
        pair = same_method(bank, seeds, rng) if kind != "A/B" else mixture(bank, signed, seeds, rng)
        if seeds > 1 or kind == READ_ABOUT_METHODS:
            return pair
        levelled = level(pair, signed, rng)
        if levelled is not None:
            return levelled
    raise ValueError(f"No pair of runs could be levelled to an effect of {effect}.")
