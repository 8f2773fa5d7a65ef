"""How sure a mean accuracy is, by itself: of one trained model, or of a method over several seeds."""

from __future__ import annotations

import numpy as np

from tlvsft.evaluation.statistics import central_interval, redraw_both_ways

Share = tuple[float, tuple[float, float]]
"""A share of examples, 0–1, with its 95 % interval."""

RESAMPLES = 2_000
_QUANTILE = 1.959963984540054
"""Of the standard normal distribution, for a two-sided 95 % interval."""
_MADE_UP = (0.5, 0.5, -0.5, -0.5)
"""Deviations of two made-up successes and two failures, so that no interval is empty where all is right.

Source: Agresti & Coull 1998, The American Statistician 52, 119-126.
"""


def accuracy_interval(correct: np.ndarray, *, resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of a method's accuracy, over seeds and test examples together.

    With one seed it is over the test examples alone, Wilson's. With several both are redrawn, as
    `tlvsft.evaluation.statistics.two_way_bootstrap` has it; there, few seeds give wide intervals.

    Args:
        correct: Which examples each run got right, `(seeds, n)` bool, at least one of each.
        resamples: How many draws.
        seed: Of the draws.

    Raises:
        ValueError: There are no seeds or no examples.
    """
    if correct.ndim != 2 or not correct.size:
        raise ValueError(f"An accuracy needs seeds and examples, at least one of each, not {correct.shape}.")
    if len(correct) == 1:
        return wilson_interval(int(correct.sum()), correct.shape[1])
    scores = correct.astype(np.float64)  # (seeds, n)
    drawn = redraw_both_ways(np.zeros_like(scores), scores, resamples=resamples, seed=seed, made_up=_MADE_UP)
    low, high = np.clip(central_interval(drawn), 0, 1)
    return float(low), float(high)


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The score interval for one proportion, 95 %.

    Source: Wilson 1927, Journal of the American Statistical Association 22, 209-212.
    """
    share, spread = successes / trials, _QUANTILE**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = (spread * share * (1 - share) + spread**2 / 4) ** 0.5 / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_interval(first: Share, second: Share) -> tuple[float, float]:
    """The 95 % interval of the second share minus the first, of different examples, from Wilson's of both.

    Source: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.
    """
    (one, (one_low, one_high)), (other, (other_low, other_high)) = first, second
    low = ((other - other_low) ** 2 + (one_high - one) ** 2) ** 0.5
    high = ((other_high - other) ** 2 + (one - one_low) ** 2) ** 0.5
    return other - one - low, other - one + high
