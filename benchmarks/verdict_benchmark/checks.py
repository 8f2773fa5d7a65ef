"""What the verdict promises ("Done when" of issue 8), checked on what a rule made of the comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.verdict_benchmark.rates import Outcome, Share
from benchmarks.verdict_benchmark.trials import SEEDS_PER_SIDE

LEAST_COMPARISONS = 200
MOST_FALSE = 0.05
LEAST_COVERAGE = 0.95
LEAST_POWER = {1: (0.08, 0.8), 3: (0.08, 0.3), 5: (0.08, 0.8), 10: (0.04, 0.8)}
"""For so many seeds: the effect, and the share of comparisons in which it must be found. Of two seeds nothing is asked:
Student's t with one or two degrees of freedom can't find much."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise, whether it is kept, and what was found."""

    name: str
    holds: bool
    found: str


def run_checks(outcome: Outcome) -> list[Check]:
    """All checks. A rule that always says "tie" fails the last ones, one that is too eager the others."""
    aa, ab = outcome.comparisons("A/A"), outcome.comparisons("A/B", with_effect=True)
    return [
        Check(name=f"at least {LEAST_COMPARISONS} A/A comparisons", holds=aa >= LEAST_COMPARISONS, found=f"{aa:,}"),
        Check(name=f"at least {LEAST_COMPARISONS} A/B comparisons", holds=ab >= LEAST_COMPARISONS, found=f"{ab:,}"),
        *_check_false(outcome, "A/A", "false verdicts, A/A"),
        *_check_false(outcome, "A/B", "false verdicts, two methods that are equally good"),
        *_check_coverage(outcome),
        *(_check_power(outcome, seeds) for seeds in LEAST_POWER),
    ]


def all_hold(checks: Sequence[Check]) -> bool:
    """Whether every promise is kept."""
    return all(check.holds for check in checks)


def _check_false(outcome: Outcome, kind: str, name: str) -> list[Check]:
    """In all at most 5 %; for each number of seeds not significantly more."""
    every = outcome.false_verdicts(kind=kind)
    by_seeds = [(_seeds(seeds), outcome.false_verdicts(seeds, kind=kind)) for seeds in SEEDS_PER_SIDE]
    return [
        Check(name=f"{name}: at most 5 %", holds=every.rate <= MOST_FALSE, found=str(every)),
        *(
            Check(name=f"{name}, {words}: not above 5 %", holds=share.ci95[0] <= MOST_FALSE, found=str(share))
            for words, share in by_seeds
        ),
    ]


def _check_coverage(outcome: Outcome) -> list[Check]:
    every = outcome.coverage()
    by_seeds = [(_seeds(seeds), outcome.coverage(seeds)) for seeds in SEEDS_PER_SIDE]
    return [
        Check(name="95 % intervals that contain the truth", holds=every.rate >= LEAST_COVERAGE, found=str(every)),
        *(
            Check(name=f"the same, {words}: not below 95 %", holds=share.ci95[1] >= LEAST_COVERAGE, found=str(share))
            for words, share in by_seeds
        ),
    ]


def _check_power(outcome: Outcome, seeds: int) -> Check:
    effect, least = LEAST_POWER[seeds]
    found: Share = outcome.power(effect, seeds)
    name = f"power at {100 * effect:g} points, {_seeds(seeds)}: at least {100 * least:g} %"
    return Check(name=name, holds=found.rate >= least, found=str(found))


def _seeds(seeds: int) -> str:
    return "1 seed" if seeds == 1 else f"{seeds} seeds"
