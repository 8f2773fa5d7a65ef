"""The numbers of what was forgotten: changes with their intervals, and how far the sides are apart.

Intervals are those of the verdict (`tlvsft.evaluation`): of one seed, about these trained models; of several, about the
methods.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, geometric_mean
from typing import TYPE_CHECKING, Any

from tlvsft.catalog.forgotten import AGREEMENT_FILE, HELDOUT_FILE, LOSS_ARRAYS, RIGHT_ARRAYS, SAME_ARRAYS
from tlvsft.comparison.evidence.observed import Observed
from tlvsft.config import SIDES, Side
from tlvsft.errors import TlvsftError
from tlvsft.events import RunFinished
from tlvsft.runs.artifacts import load_observed

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.evaluation.statistics import PairedDifference

_RESAMPLES = 4_000
"""Of texts: enough for an interval that is read to two digits."""
_SIGNIFICANCE = 0.05

Figures = Callable[[RunFinished], tuple[float | None, float | None]]
_Rows = dict[str, "np.ndarray"]
"""Arrays of one side by name: `(seeds, examples)`."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one side; means over seeds, of perplexities geometric ones.

    Attributes:
        before: Of the untouched model: a perplexity, or a share (0–1); 1 for agreement, which is with itself.
        after: Of the trained one.
        change: Of perplexities by what fraction it is above that before; of shares the difference.
        ci95: Its 95 % interval; `None` where answers to single examples aren't kept.
        unchanged: Whether the backbone is bit for bit the pretrained one, so that nothing can have changed.
    """

    before: float
    after: float
    change: float
    ci95: tuple[float, float] | None
    unchanged: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "ci95": None if self.ci95 is None else list(self.ci95),
            "unchanged": self.unchanged,
        }


@dataclass(frozen=True, kw_only=True)
class Gap:
    """How the right side compares with the left after training, as `PairedDifference` has it."""

    difference: float
    ci95: tuple[float, float]
    p_value: float

    @property
    def is_sure(self) -> bool:
        """Whether chance alone is a poor explanation."""
        low, high = self.ci95
        return self.p_value < _SIGNIFICANCE and not low <= 0 <= high

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {"value": self.difference, "ci95": list(self.ci95), "p_value": self.p_value}


Weighed = tuple[dict[Side, Change | None], Gap | None]


def weigh_words(observed: Observed, file: str, figures: Figures) -> Weighed:
    """Perplexities before and after on texts of the source: losses of each text are in `file`."""
    from tlvsft.evaluation.perplexities import compare_perplexities

    def compare(first: np.ndarray, second: np.ndarray, tokens: np.ndarray) -> Gap:
        return _gap(compare_perplexities(first, second, tokens, resamples=_RESAMPLES))

    kept = {side: _load(observed, side, file, LOSS_ARRAYS) for side in SIDES}
    changes: dict[Side, Change | None] = {}
    for side, rows in kept.items():
        found = _known(observed.finishes(side), figures)
        gap = compare(rows["before"], rows["after"], rows["tokens"][0]) if rows else None
        changes[side] = _change(observed, side, found, gap, mean=geometric_mean, as_ratio=True)
    left, right = kept["left"], kept["right"]
    if not left or not right or left["after"].shape != right["after"].shape:
        return changes, None
    return changes, compare(left["after"], right["after"], left["tokens"][0])


def weigh_agreement(observed: Observed) -> Weighed:
    """How often the pretrained head says the same as before; a change of 0 is perfect agreement.

    One seed: Wilson's interval. Source: Wilson 1927, JASA 22, 209-212; Brown, Cai & DasGupta 2001, Statistical Science
    16, 101-133, who recommend it.
    """
    kept = {side: _load(observed, side, AGREEMENT_FILE, SAME_ARRAYS) for side in SIDES}
    changes: dict[Side, Change | None] = {}
    for side, rows in kept.items():
        found = _known(observed.finishes(side), lambda finish: (1.0, finish.source_agreement))
        gap = _agree(rows["same"]) if rows else None
        changes[side] = _change(observed, side, found, gap)
    left, right = kept["left"], kept["right"]
    return changes, _compare_right(left["same"], right["same"]) if left and right else None


def weigh_accuracy(observed: Observed) -> Weighed:
    """Accuracy on held-out source data before and after."""
    kept = {side: _load(observed, side, HELDOUT_FILE, RIGHT_ARRAYS) for side in SIDES}
    changes: dict[Side, Change | None] = {}
    for side, rows in kept.items():
        found = _known(
            observed.finishes(side), lambda finish: (finish.heldout_accuracy_before, finish.heldout_accuracy_after)
        )
        gap = _compare_right(rows["before"], rows["after"]) if rows else None
        changes[side] = _change(observed, side, found, gap)
    left, right = kept["left"], kept["right"]
    return changes, _compare_right(left["after"], right["after"]) if left and right else None


def _change(
    observed: Observed,
    side: Side,
    found: Sequence[tuple[float, float]],
    gap: Gap | None,
    *,
    mean: Callable[[Sequence[float]], float] = fmean,
    as_ratio: bool = False,
) -> Change | None:
    """Before and after of each run as one; `gap` is that of the single answers."""
    if not found:
        return None
    unchanged = all(finish.source_unchanged for finish in observed.finishes(side))
    before, after = (mean(values) if len(found) > 1 else values[0] for values in zip(*found, strict=True))
    change = after / before - 1 if as_ratio else after - before
    ci95 = (0.0, 0.0) if unchanged else None if gap is None else gap.ci95
    return Change(before=before, after=after, change=change, ci95=ci95, unchanged=unchanged)


def _known(finishes: Sequence[RunFinished], figures: Figures) -> list[tuple[float, float]]:
    """Before and after of each run; nothing where one of them doesn't know, or is beyond all numbers."""
    pairs = [figures(finish) for finish in finishes]
    known = [
        (before, after)
        for before, after in pairs
        if before is not None and after is not None and math.isfinite(before + after)
    ]
    return known if len(known) == len(pairs) else []


def _load(observed: Observed, side: Side, file: str, names: Sequence[str]) -> _Rows:
    """What was kept of one side's runs; nothing where one of them has nothing, or they don't fit together."""
    import numpy as np

    try:
        kept = [load_observed(observed.store.run_folder(run.record.id), file, names) for run in observed.side(side)]
        return {name: np.stack([arrays[name] for arrays in kept]) for name in names}
    except (TlvsftError, ValueError):
        return {}


def _agree(same: np.ndarray) -> Gap | None:
    """Agreement minus 1, from `(seeds, examples)` bool."""
    import numpy as np
    from scipy.stats import binomtest

    if len(same) > 1 or not same.size:
        gap = _compare_right(np.ones_like(same), same)
        return None if gap is None else replace(gap, ci95=(gap.ci95[0], min(gap.ci95[1], 0.0)))  # at most all agree
    interval = binomtest(int(same.sum()), same.size).proportion_ci(method="wilson")
    low, high = float(interval.low) - 1, float(interval.high) - 1
    return Gap(difference=float(same.mean()) - 1, ci95=(low, high), p_value=float(same.all()))


def _compare_right(first: np.ndarray, second: np.ndarray) -> Gap | None:
    """Shares of right answers to the same examples, `(seeds, examples)` bool each."""
    from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap

    if first.shape != second.shape or not first.size:
        return None
    return _gap(mcnemar(first[0], second[0]) if len(first) == 1 else two_way_bootstrap(first, second))


def _gap(found: PairedDifference) -> Gap:
    low, high = found.ci95
    return Gap(difference=float(found.difference), ci95=(float(low), float(high)), p_value=float(found.p_value))
