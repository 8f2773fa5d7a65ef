"""How sure a comparison is: of two trained classifiers, or of two methods over several seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
_QUANTILE = 1.959963984540054
"""Of the standard normal distribution, for a two-sided 95 % interval."""
_HALVINGS = 60
"""Bisection steps: enough for the last bit of a fraction."""
_CELLS_AT_ONCE = 2_000_000
"""Most numbers that a resampling holds in memory at once."""
_PAIRED_FROM_SEEDS = 3
"""From this many seeds on the spread of their differences is measured; below, each side's own spread is."""
_MADE_UP = (0.5**0.5, -(0.5**0.5))
"""Deviations of two made-up examples, one for each side, whose squares sum to 1: half an example in each of four cells.

Source: Agresti & Min 2005, Statistics in Medicine 24, 729-740, for a paired difference with few or no disagreements.
"""


@dataclass(frozen=True)
class PairedDifference:
    """How the right side compares with the left, on the same test examples.

    Attributes:
        difference: Of accuracies: the right side's minus the left's, a fraction from -1 to 1. Of perplexities: by what
            fraction the right side's is above the left's, negative where it is below.
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

    Raises:
        ValueError: There are no examples, or the sides differ in shape.

    Source: McNemar 1947, Psychometrika 12; Tango 1998, Statistics in Medicine 17, 891-908; recommended by Fagerland,
        Lydersen & Laake 2014, Statistics in Medicine 33, 2850-2875.
    """
    from scipy.stats import binomtest

    _check_pair(left_correct, right_correct, dimensions=1)
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
    from Student's t. Both parts are drawn together and added.

    From three seeds on the spread of the paired differences counts: a lucky label subset lifts both sides alike (real
    runs of a probe and of full fine-tuning with the same seed correlate at 0.85 to 0.92, `benchmarks/verdict.py`). With
    two seeds, t with one degree of freedom would miss nearly every real difference. There the spread of each side over
    seeds is estimated by itself, which gives up to twice the degrees of freedom: Welch's, which fall to one where one
    side varies much more than the other. The interval then comes out too wide, not too narrow. False verdicts are at
    most 5 % in both cases, simulated (for any ratio of the two spreads; fixed degrees of freedom: up to 15 %) and on
    real runs.

    Args:
        left_correct: Which examples each run of the left method got right, `(seeds, n)` bool, at least two seeds.
        right_correct: The same for the right method; rows are paired by seed.
        resamples: How many draws.
        seed: Of the draws.

    Raises:
        ValueError: Fewer than two seeds, no examples, or the sides differ in shape.

    Source: Owen 2007, "The pigeonhole bootstrap", Annals of Applied Statistics 1, 386-411, on resampling both ways;
        Bouthillier et al. 2021, arXiv:2103.03098, on why a verdict about methods must draw seeds, too;
        Welch 1947, Biometrika 34, 28-35, on two spreads;
        Hesterberg 2015, The American Statistician 69, 371-386, on its narrowness when few are resampled;
        Weerahandi 1993, JASA 88, 899-905, on the sum of the two parts (the Behrens-Fisher solution; it errs on the side
        of wider intervals).
    """
    _check_pair(left_correct, right_correct, dimensions=2)
    if len(left_correct) < 2:
        raise ValueError("A verdict about methods needs two seeds or more; compare single models with mcnemar().")
    left, right = left_correct.astype(np.float64), right_correct.astype(np.float64)  # (seeds, n)
    drawn = redraw_both_ways(left, right, resamples=resamples, seed=seed, made_up=_MADE_UP)
    low, high = np.clip(central_interval(drawn), -1, 1)
    return PairedDifference(float((right - left).mean()), (float(low), float(high)), two_sided_p_value(drawn))


def redraw_both_ways(
    left: np.ndarray, right: np.ndarray, *, resamples: int, seed: int, made_up: tuple[float, ...] = ()
) -> np.ndarray:
    """The mean of right - left as it might have come out with other seeds and other test examples.

    Args:
        left: A score of each run of the left method on each example, `(seeds, n)` float64, at least two seeds.
        right: The same for the right method; rows are paired by seed.
        resamples: How many draws.
        seed: Of the draws.
        made_up: Deviations of made-up examples that are resampled with the others.

    Returns:
        `(resamples,)` float64; see `two_way_bootstrap` for how, and for sources.
    """
    rng = np.random.default_rng(seed)
    from_seeds = _redraw_seeds(left, right, resamples, rng)
    from_examples = _resample_examples(right - left, resamples, rng, made_up=made_up)
    return np.asarray((right - left).mean() + from_seeds + from_examples)


def resample_mean(
    deviations: np.ndarray, resamples: int, rng: np.random.Generator, *, counts: np.ndarray | None = None
) -> np.ndarray:
    """The bootstrap of a mean: means of as many values as there are, drawn from them with replacement.

    Args:
        deviations: The values, `(k,)`.
        resamples: How many means.
        rng: Where chance comes from.
        counts: How often each value occurs, `(k,)`; once unless given.

    Returns:
        `(resamples,)` float64.
    """
    counts = np.ones(len(deviations), dtype=np.int64) if counts is None else counts
    total = counts.sum()
    picked = (rng.multinomial(total, counts / total, rows) for rows in batches(resamples, len(counts)))  # (rows, k)
    return np.concatenate([times @ deviations / total for times in picked])


def batches(resamples: int, width: int) -> list[int]:
    """How many rows of `width` numbers to draw at a time, so that any number of resamples fits into memory."""
    at_once = max(1, _CELLS_AT_ONCE // width)
    return [min(at_once, resamples - done) for done in range(0, resamples, at_once)]


def central_interval(drawn: np.ndarray, *, tail: float = (1 - CONFIDENCE) / 2) -> tuple[float, float]:
    """The interval that leaves the share `tail` of the draws out on each side; 95 % unless told otherwise."""
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def two_sided_p_value(drawn: np.ndarray) -> float:
    """Twice the share of the draws on the other side of zero; never quite 0."""
    beyond = min(float(np.mean(drawn <= 0)), float(np.mean(drawn >= 0)))
    return min(1.0, 2 * beyond + 1 / len(drawn))


def _redraw_seeds(left: np.ndarray, right: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Errors of the mean difference that come from the seeds: `(resamples,)`."""
    seeds, examples = left.shape
    apart = [float(side.mean(axis=1).var(ddof=1)) for side in (left, right)]
    if seeds < _PAIRED_FROM_SEEDS and sum(apart) > 0:
        variance = sum(apart)
        freedom = (seeds - 1) * variance**2 / sum(spread**2 for spread in apart)
    else:
        variance, freedom = float((right - left).mean(axis=1).var(ddof=1)), seeds - 1
    variances = variance * freedom / rng.chisquare(freedom, resamples)
    # The seeds' means can't truly vary less than chance within the examples makes them, though few may happen to.
    variances = np.maximum(variances, _rest_variance(right - left) / examples)
    return np.asarray(np.sqrt(variances / seeds) * rng.standard_normal(resamples))


def _resample_examples(
    gains: np.ndarray, resamples: int, rng: np.random.Generator, *, made_up: tuple[float, ...]
) -> np.ndarray:
    """Errors of the mean that come from the test examples: `(resamples,)`.

    The examples' means vary by the rest, too, which the seeds' part contains already: that share is taken out.
    """
    values, counts = np.unique(gains.mean(axis=0), return_counts=True)
    deviations = np.append(values - gains.mean(), made_up)
    errors = resample_mean(deviations, resamples, rng, counts=np.append(counts, np.ones(len(made_up), np.int64)))
    total = float(gains.mean(axis=0).var())
    own = max(0.0, total - _rest_variance(gains) / len(gains))
    return np.asarray(errors * (own / total) ** 0.5 if total > 0 else errors)


def _rest_variance(gains: np.ndarray) -> float:
    """Variance that neither the seed nor the example explains."""
    seeds, examples = gains.shape
    rest = gains - gains.mean(axis=0) - gains.mean(axis=1, keepdims=True) + gains.mean()
    return float(np.sum(rest**2) / ((seeds - 1) * max(1, examples - 1)))


def _check_pair(left: np.ndarray, right: np.ndarray, *, dimensions: int) -> None:
    if left.shape != right.shape or left.ndim != dimensions or not left.size:
        raise ValueError(f"Both sides need the same examples, at least one, not {left.shape} and {right.shape}.")
