"""How sure a comparison is: two paired classifiers, or two methods over several seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
_QUANTILE = 1.959963984540054
"""Of the standard normal distribution, for a two-sided 95 % interval."""
_HALVINGS = 60
"""Bisection steps: enough for the last bit of a fraction."""


@dataclass(frozen=True)
class PairedDifference:
    """By how much the right side is better than the left, on the same test examples.

    Attributes:
        difference: Accuracy of the right side minus accuracy of the left, a fraction from -1 to 1.
        ci95: Its 95 % confidence interval.
        p_value: How probable a difference at least as large would be, were the two sides equally good.
    """

    difference: float
    ci95: tuple[float, float]
    p_value: float


def mcnemar(left_correct: np.ndarray, right_correct: np.ndarray) -> PairedDifference:
    """Compares two trained models on the test examples that both answered.

    The p-value is McNemar's exact one; the interval is Tango's, which has a width even where the models never differ.

    Args:
        left_correct: Which examples the left model got right, `(n,)` bool.
        right_correct: The same for the right model.

    Source: McNemar 1947, Psychometrika 12; Tango 1998, Statistics in Medicine 17, 891-908; recommended by Fagerland,
        Lydersen & Laake 2014, Statistics in Medicine 33, 2850-2875.
    """
    from scipy.stats import binomtest

    examples = len(left_correct)
    only_right = int(np.sum(right_correct & ~left_correct))
    only_left = int(np.sum(left_correct & ~right_correct))
    differing = only_right + only_left
    return PairedDifference(
        difference=(only_right - only_left) / examples,
        ci95=tango_interval(only_right, only_left, examples),
        p_value=float(binomtest(only_right, differing, 0.5).pvalue) if differing else 1.0,
    )


def tango_interval(only_right: int, only_left: int, examples: int) -> tuple[float, float]:
    """The score interval for a difference of paired proportions, 95 %.

    Args:
        only_right: Examples that only the right model got right.
        only_left: Examples that only the left model got right.
        examples: All test examples.

    Source: Tango 1998, equations 24-26.
    """
    upper = _tango_limit(only_right, only_left, examples)
    lower = -_tango_limit(only_left, only_right, examples)
    return lower, upper


def _tango_limit(gained: int, lost: int, examples: int) -> float:
    """The largest difference that the data don't contradict."""
    low, high = (gained - lost) / examples, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _tango_statistic(gained, lost, examples, middle) > -_QUANTILE:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _tango_statistic(gained: int, lost: int, examples: int, difference: float) -> float:
    """Standardised distance of what was seen from `difference`; the nuisance share is at its restricted maximum."""
    a = 2 * examples
    b = -gained - lost + (2 * examples - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    lost_share = ((b * b - 4 * a * c) ** 0.5 - b) / (2 * a)
    variance = examples * (2 * lost_share + difference * (1 - difference))
    distance = gained - lost - examples * difference
    return distance / variance**0.5 if variance > 0 else -np.inf * (distance < 0)


def two_way_bootstrap(
    left_correct: np.ndarray, right_correct: np.ndarray, *, resamples: int = 10_000, seed: int = 0
) -> PairedDifference:
    """Compares two methods over seeds and test examples, of which both are samples.

    The difference of each seed and example is taken apart into an effect of the seed, one of the example, and the rest.
    Examples are resampled with replacement. Seeds are too few for that (two of them have three resamples): their part
    is redrawn from a normal distribution whose variance is itself redrawn from its sampling distribution, that is,
    from Student's t with `seeds - 1` degrees of freedom. Both parts are drawn together and added.

    With two seeds only a very large difference is called: two seeds say little about a method.

    Args:
        left_correct: Which examples each run of the left method got right, `(seeds, n)` bool, at least two seeds.
        right_correct: The same for the right method; rows are paired by seed.
        resamples: How many draws.
        seed: Of the draws.

    Source: Owen 2007, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 386-411, on resampling both ways;
        Efron & Tibshirani 1993, section 6.5, on its bias when few are resampled; Weerahandi 1993, JASA 88, 899-905,
        on the sum of the two parts (the Behrens-Fisher solution; it errs on the side of wider intervals).
    """
    gains = right_correct.astype(np.float64) - left_correct  # (seeds, n), each -1, 0 or 1
    rng = np.random.default_rng(seed)
    difference = float(gains.mean())
    drawn = difference + _redraw_seeds(gains, resamples, rng) + _resample_examples(gains, resamples, rng)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    beyond = min(np.mean(drawn <= 0), np.mean(drawn >= 0))
    return PairedDifference(difference, (float(low), float(high)), float(min(1.0, 2 * beyond + 1 / resamples)))


def _redraw_seeds(gains: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Errors of the mean that come from the seeds: `(resamples,)`."""
    seeds, examples = gains.shape
    variances = float(gains.mean(axis=1).var(ddof=1)) * (seeds - 1) / rng.chisquare(seeds - 1, resamples)
    # The seeds' means can't truly vary less than chance within the examples makes them, though few may happen to.
    variances = np.maximum(variances, _rest_variance(gains) / examples)
    return np.asarray(np.sqrt(variances / seeds) * rng.standard_normal(resamples))


def _resample_examples(gains: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Errors of the mean that come from the test examples: `(resamples,)`.

    The examples' means vary by the rest, too, which the seeds' part contains already: that share is taken out.
    """
    seeds, examples = gains.shape
    values, counts = np.unique(gains.sum(axis=0), return_counts=True)
    picked = rng.multinomial(examples, counts / examples, resamples)  # (resamples, distinct values)
    errors = picked @ values / (examples * seeds) - gains.mean()
    total = float(gains.mean(axis=0).var(ddof=1))
    own = max(0.0, total - _rest_variance(gains) / seeds)
    return np.asarray(errors * (own / total) ** 0.5 if total > 0 else errors)


def _rest_variance(gains: np.ndarray) -> float:
    """Variance that neither the seed nor the example explains."""
    seeds, examples = gains.shape
    rest = gains - gains.mean(axis=0) - gains.mean(axis=1, keepdims=True) + gains.mean()
    return float(np.sum(rest**2) / ((seeds - 1) * (examples - 1)))
