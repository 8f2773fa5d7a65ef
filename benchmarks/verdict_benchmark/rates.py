"""Shares of comparisons, each with its exact binomial interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.verdict_benchmark.trials import READ_ABOUT_METHODS, Trial

_TAIL = 0.025


@dataclass(frozen=True)
class Share:
    """So many of so many comparisons, which are independent draws from the bank."""

    count: int
    of: int

    @property
    def rate(self) -> float:
        """0–1; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0

    @property
    def ci95(self) -> tuple[float, float]:
        """Its 95 % interval.

        Source: Clopper & Pearson 1934, Biometrika 26, 404-413.
        """
        from scipy.stats import beta

        low = beta.ppf(_TAIL, self.count, self.of - self.count + 1) if self.count else 0.0
        high = beta.ppf(1 - _TAIL, self.count + 1, self.of - self.count) if self.count < self.of else 1.0
        return float(low), float(high)

    def __str__(self) -> str:
        low, high = self.ci95
        return f"{100 * self.rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


class Outcome:
    """What a rule made of all comparisons."""

    def __init__(self, trials: Iterable[Trial]) -> None:
        self._trials = tuple(trials)

    def false_verdicts(self, seeds: int | None = None, *, kind: str = "A/A") -> Share:
        """Winners among comparisons without a true difference; `kind` also `A/B`: other methods, equally good."""
        return self._share(lambda trial: trial.is_verdict, kind=kind, seeds=seeds, effect=0.0)

    def power(self, effect: float, seeds: int | None = None) -> Share:
        """Right winners among comparisons of a stated effect."""
        return self._share(
            lambda trial: trial.is_verdict and not trial.is_wrong, kind="A/B", seeds=seeds, effect=effect
        )

    def wrong_winners(self, effect: float, seeds: int | None = None) -> Share:
        """Winners on the wrong side."""
        return self._share(lambda trial: trial.is_wrong, kind="A/B", seeds=seeds, effect=effect)

    def coverage(self, seeds: int | None = None) -> Share:
        """Intervals that contain the true difference, over all comparisons that claim to."""
        chosen = [trial for trial in self._trials if trial.is_claim and seeds in {None, trial.seeds}]
        return Share(sum(trial.covers for trial in chosen), len(chosen))

    def verdicts_as_they_are(self, seeds: int) -> Share:
        """Right winners between the two methods with the difference that they have."""
        return self._share(
            lambda trial: trial.is_verdict and not trial.is_wrong, kind="as they are", seeds=seeds, effect=None
        )

    def luck_of_the_seed(self) -> Share:
        """Winners among single runs of one and the same method: wrong only if read as a verdict about methods."""
        return self._share(lambda trial: trial.is_verdict, kind=READ_ABOUT_METHODS, seeds=1, effect=0.0)

    def comparisons(self, kind: str, *, with_effect: bool = False) -> int:
        """How many there are of a kind, those with a stated effect alone if asked for."""
        return sum(trial.kind == kind and (not with_effect or bool(trial.effect)) for trial in self._trials)

    def _share(self, holds: Callable[[Trial], bool], *, kind: str, seeds: int | None, effect: float | None) -> Share:
        chosen = [
            trial
            for trial in self._trials
            if trial.kind == kind and trial.effect == effect and seeds in {None, trial.seeds}
        ]
        return Share(sum(map(holds, chosen)), len(chosen))
