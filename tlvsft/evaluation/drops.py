"""How much accuracy a change of the data costs a model, and whether it costs one method more than another.

A *score* is a number for each run and example, `(seeds, n)`, whose mean over examples is what is asked about: right or
wrong, a share of several answers, or, for a drop, what the example contributes to it.
"""

from __future__ import annotations

import numpy as np

from tlvsft.evaluation.statistics import (
    PairedDifference,
    central_interval,
    mcnemar,
    redraw_both_ways,
    resample_mean,
    two_sided_p_value,
    two_way_bootstrap,
)

_RESAMPLES = 10_000
_SEED = 0
_HALF_EXAMPLES = (0.5**0.5, -(0.5**0.5))
"""Deviations of two made-up examples: an interval has a width where nothing differs, too; as in `statistics`."""


def compare_answers(left_correct: np.ndarray, right_correct: np.ndarray) -> PairedDifference:
    """Compares two sides, or one side before and after, by which of the same examples each run got right.

    Args:
        left_correct: `(seeds, n)` bool.
        right_correct: The same; rows are paired by seed.

    Raises:
        ValueError: There are no examples, or the sides differ in shape.
    """
    if len(left_correct) == 1:
        return mcnemar(left_correct[0], right_correct[0])
    return two_way_bootstrap(left_correct, right_correct)


def compare_scores(left: np.ndarray, right: np.ndarray, *, largest: float = 1.0) -> PairedDifference:
    """Compares two sides by scores of the same examples: of one seed by resampling these, of several, seeds as well.

    Args:
        left: `(seeds, n)` float64.
        right: The same; rows are paired by seed.
        largest: What one example's right answer counts for at most, in units of the score.

    Raises:
        ValueError: There are no examples, or the sides differ in shape.

    Source: Efron & Tibshirani 1993, chapter 13 (percentile intervals); for several seeds see `two_way_bootstrap`.
    """
    if left.shape != right.shape or left.ndim != 2 or not left.size:
        raise ValueError(f"Both sides need scores of the same examples, at least one, not {left.shape}, {right.shape}.")
    made_up = tuple(largest * deviation for deviation in _HALF_EXAMPLES)
    gains = right - left
    if len(left) > 1:
        drawn = redraw_both_ways(left, right, resamples=_RESAMPLES, seed=_SEED, made_up=made_up)
    else:
        values, counts = np.unique(gains[0], return_counts=True)
        deviations = np.append(values - gains.mean(), made_up)
        rng = np.random.default_rng(_SEED)
        drawn = gains.mean() + resample_mean(deviations, _RESAMPLES, rng, counts=np.append(counts, (1, 1)))
    low, high = central_interval(drawn)
    return PairedDifference(float(gains.mean()), (low, high), two_sided_p_value(drawn))


def drop_scores(ordinary: np.ndarray, shifted: np.ndarray) -> np.ndarray:
    """What each example contributes to the change of accuracy, where the same examples were answered twice.

    Args:
        ordinary: Which examples each run got right as they are, `(seeds, n)`.
        shifted: The same of the shifted examples; or the share of several shifts that it got right.

    Returns:
        `(seeds, n)` float64; each run's mean is its accuracy on the shifted ones minus that on the ordinary ones.
    """
    return np.asarray(shifted.astype(np.float64) - ordinary)


def group_drop_scores(ordinary: np.ndarray, shifted: np.ndarray) -> np.ndarray:
    """The same where the ordinary and the shifted examples are different ones.

    An example counts with its distance from its group's mean, so that resampling all of them together doesn't mistake
    the sizes of the groups, which are fixed, for chance.

    Args:
        ordinary: Which of the ordinary examples each run got right, `(seeds, n)`.
        shifted: Which of the others, `(seeds, m)`.

    Returns:
        `(seeds, n + m)` float64; each run's mean is its accuracy on the shifted ones minus that on the ordinary ones.
    """
    counts = ordinary.shape[1], shifted.shape[1]
    total = sum(counts)
    parts = [
        sign * total / count * (correct - correct.mean())
        for sign, count, correct in zip((-1, 1), counts, (ordinary, shifted), strict=True)
    ]
    scores: np.ndarray = np.concatenate(parts, axis=1) + (shifted.mean() - ordinary.mean())
    return scores
