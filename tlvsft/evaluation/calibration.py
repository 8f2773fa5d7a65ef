"""Whether a classifier is right as often as it says: reliability curve and expected calibration error.

The confidence of an answer is the probability of the class that is answered. Of several runs on the same examples each
is measured by itself, and the errors are averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlvsft.evaluation.intervals import wilson_interval
from tlvsft.evaluation.statistics import PairedDifference, batches, central_interval, resample_mean

Answers = tuple[np.ndarray, np.ndarray]
"""How sure each answer is, 0–1, and whether it is right."""

BINS = 10
"""Equal widths of confidence, as in the papers. Few, since few examples in a bin look like miscalibration."""
_RESAMPLES, _FEWEST_RESAMPLES = 1_000, 200
_MOST_ANSWERS_DRAWN = 20_000_000
"""Over all resamples: of more answers fewer resamples are drawn, so that it takes no more than a few seconds."""
_SEED = 0xECE
_LEVEL = 0.05
_ROUNDING = 1e-12
_HALF_EXAMPLES = (0.5**0.5, -(0.5**0.5))
"""Deviations of two made-up examples: an interval has a width where every answer is right, too; as in `statistics`."""


@dataclass(frozen=True)
class ReliabilityBin:
    """The answers whose confidence is above `low` and at most `high`.

    Attributes:
        count: How many; of several runs, all their answers.
        confidence: Their mean confidence; `None` where there are none.
        accuracy: Which share of them is right; `None` likewise.
        ci95: The accuracy's 95 % interval; `None` likewise.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None
    ci95: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How well confidence and accuracy of one side's runs agree. All values are shares, 0–1.

    Attributes:
        bins: The reliability curve, all runs together.
        error: Expected calibration error, mean over runs.
        errors: That of each run.
        ci95: 95 % interval of the error that more examples would show, corrected for what few of them add to it.
        chance: The error that models of the same confidences would show on as many examples, were each of them right
            exactly as often as it says.
        chance_most: What they would exceed once in twenty times.
        p_value: How often they would show an error at least as large.
        confidence: Mean over all answers.
        accuracy: Share of right answers.
        overconfidence: The difference: positive, the models are surer than right.
        overconfidence_ci95: Its 95 % interval.
    """

    bins: tuple[ReliabilityBin, ...]
    error: float
    errors: tuple[float, ...]
    ci95: tuple[float, float]
    chance: float
    chance_most: float
    p_value: float
    confidence: float
    accuracy: float
    overconfidence: float
    overconfidence_ci95: tuple[float, float]

    @property
    def is_calibrated(self) -> bool:
        """Whether chance alone would explain the error."""
        return self.p_value >= _LEVEL

    @property
    def leans(self) -> bool:
        """Whether confidence is above accuracy, or below it, by more than chance: the sharper question of the two."""
        low, high = self.overconfidence_ci95
        return low > 0 or high < 0


def read_confidences(probabilities: np.ndarray, labels: np.ndarray) -> Answers:
    """How sure each answer is, and whether it is right.

    Args:
        probabilities: `(n, num_classes)`.
        labels: `(n,)`.

    Returns:
        `(n,)` float64 in 0–1, and `(n,)` bool.
    """
    confidences = np.minimum(probabilities.max(axis=1).astype(np.float64), 1.0)
    return confidences, probabilities.argmax(axis=1) == labels


def reliability_curve(confidences: np.ndarray, correct: np.ndarray, *, runs: int = 1) -> tuple[ReliabilityBin, ...]:
    """Mean confidence and accuracy in `BINS` bins of equal width.

    Args:
        confidences: `(n,)` in 0–1.
        correct: `(n,)` bool.
        runs: How many runs answered the same examples, which don't make intervals narrower.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599, section 2.
    """
    edges = np.linspace(0, 1, BINS + 1)
    places = _places(confidences)
    counts = np.bincount(places, minlength=BINS)
    sure = np.bincount(places, confidences, minlength=BINS)
    right = np.bincount(places, correct, minlength=BINS)
    return tuple(
        ReliabilityBin(
            low=float(edges[place]),
            high=float(edges[place + 1]),
            count=int(count),
            confidence=float(sure[place] / count) if count else None,
            accuracy=float(right[place] / count) if count else None,
            ci95=_share_interval(right[place] / count, count / runs) if count else None,
        )
        for place, count in enumerate(counts)
    )


def calibration_error(confidences: np.ndarray, correct: np.ndarray) -> float:
    """Expected calibration error: the bins' gaps between confidence and accuracy, weighted by their answers.

    Args:
        confidences: `(n,)` in 0–1.
        correct: `(n,)` bool.

    Source: Naeini et al. 2015, AAAI; Guo et al. 2017, arXiv:1706.04599, equation 3.
    """
    return float(np.abs(np.bincount(_places(confidences), correct - confidences)).sum() / len(correct))


def measure_calibration(confidences: np.ndarray, correct: np.ndarray) -> Calibration:
    """Reliability curve and calibration error of a side's runs, beside what chance would show.

    The error is never 0: with few answers in a bin their accuracy misses its mean by chance, and each miss counts
    (Nixon et al. 2019, arXiv:1904.01685; Kumar et al. 2019, arXiv:1909.10155; Roelofs et al. 2022, arXiv:2012.08668).
    So a perfectly calibrated model with the same confidences is simulated: each answer is right with the probability
    that it says (Bröcker & Smith 2007, Weather and Forecasting 22, 651-661, "consistency resampling"). An example that
    several runs answered is as easy or hard for all of them, which makes large errors of their mean more probable.

    The interval is the basic bootstrap's over examples, which takes off twice the bias that resampling shows; where
    chance alone explains the error, it begins at 0. Simulated (`benchmarks/intervals.py`, 270 and 512 examples), it
    holds the true error in 88 to 96 % of cases.

    Args:
        confidences: Of each run's answers to the same examples, `(runs, n)` in 0–1.
        correct: Which are right, `(runs, n)` bool.

    Raises:
        ValueError: There are no answers, or the shapes differ.
    """
    if confidences.shape != correct.shape or confidences.ndim != 2 or not confidences.size:
        raise ValueError(f"Confidences need answers of one shape, not {confidences.shape} and {correct.shape}.")
    errors = tuple(calibration_error(*run) for run in zip(confidences, correct, strict=True))
    error = float(np.mean(errors))
    by_chance = _chance_errors(confidences)
    p_value = (1 + int(np.sum(by_chance >= error - _ROUNDING))) / (1 + len(by_chance))
    low, high = basic_interval(error, _resampled_errors(confidences, correct))
    surer = confidences - correct
    each = surer.mean(axis=0)
    drawn = resample_mean(np.append(each - each.mean(), _HALF_EXAMPLES), _RESAMPLES, np.random.default_rng(_SEED))
    return Calibration(
        bins=reliability_curve(confidences.ravel(), correct.ravel(), runs=len(confidences)),
        error=error,
        errors=errors,
        ci95=(low if p_value < _LEVEL else 0.0, high),
        chance=float(by_chance.mean()),
        chance_most=float(np.quantile(by_chance, 1 - _LEVEL)),
        p_value=p_value,
        confidence=float(confidences.mean()),
        accuracy=float(correct.mean()),
        overconfidence=float(surer.mean()),
        overconfidence_ci95=central_interval(surer.mean() + drawn),
    )


def compare_calibration(left: Answers, right: Answers) -> PairedDifference:
    """Compares the calibration errors of two sides on the same examples.

    The p-value is that of a permutation test: were the sides alike, either could have given the other's answers to each
    example. The interval is the basic bootstrap's over examples.

    Args:
        left: Confidences `(runs, n)`, and which answers are right, `(runs, n)` bool.
        right: The same of the right side.

    Returns:
        The right side's error minus the left's.

    Source: Good 2005, Permutation, Parametric and Bootstrap Tests of Hypotheses, chapter 3.
    """
    error, other = (
        float(np.mean([calibration_error(*run) for run in zip(*side, strict=True)])) for side in (left, right)
    )
    difference = other - error
    drawn = _resampled_errors(*right) - _resampled_errors(*left)  # the same examples in each draw
    low, high = central_interval(drawn)
    swapped = _swapped_differences(left, right)
    beyond = int(np.sum(np.abs(swapped) >= abs(difference) - _ROUNDING))
    return PairedDifference(
        difference=difference,
        ci95=(2 * difference - high, 2 * difference - low),
        p_value=(1 + beyond) / (1 + len(swapped)),
    )


def basic_interval(value: float, drawn: np.ndarray) -> tuple[float, float]:
    """The basic bootstrap's 95 % interval of something that can't be negative.

    Source: Davison & Hinkley 1997, Bootstrap Methods and their Application, section 5.2.
    """
    low, high = central_interval(drawn)
    return max(0.0, 2 * value - high), max(0.0, 2 * value - low)


def count_resamples(answers: int) -> int:
    """How often so many answers, of all runs together, are drawn again."""
    return max(_FEWEST_RESAMPLES, min(_RESAMPLES, _MOST_ANSWERS_DRAWN // answers))


def _share_interval(share: float, answers: float) -> tuple[float, float]:
    """The interval of a share of about so many answers."""
    trials = max(1, round(answers))
    return wilson_interval(round(share * trials), trials)


def _places(confidences: np.ndarray) -> np.ndarray:
    """The bin of each confidence; an edge belongs to the bin below it."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidences)


def _chance_errors(confidences: np.ndarray) -> np.ndarray:
    """Errors of perfectly calibrated models with these confidences `(runs, n)`: `(resamples,)`."""
    rng = np.random.default_rng(_SEED)
    examples = confidences.shape[1]
    bins = [_membership(run) for run in confidences]

    def draw(rows: int) -> np.ndarray:
        luck = rng.random((rows, examples))
        sums = [((luck < run) - run) @ of_run for run, of_run in zip(confidences, bins, strict=True)]
        return _mean_error(np.stack(sums), examples)

    return np.concatenate([draw(rows) for rows in batches(count_resamples(confidences.size), examples)])


def _resampled_errors(confidences: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """Errors on as many examples, drawn from these with replacement: `(resamples,)`."""
    rng = np.random.default_rng(_SEED)
    examples = confidences.shape[1]
    misses = _misses(confidences, correct)

    def draw(rows: int) -> np.ndarray:
        picked = rng.integers(0, examples, (rows, examples)) + examples * np.arange(rows)[:, None]
        times = np.bincount(picked.ravel(), minlength=rows * examples).reshape(rows, examples)
        return _mean_error(times.astype(np.float64) @ misses, examples)

    return np.concatenate([draw(rows) for rows in batches(count_resamples(confidences.size), examples)])


def _swapped_differences(left: Answers, right: Answers) -> np.ndarray:
    """Differences of the errors after the sides swapped a random half of their answers: `(resamples,)`."""
    rng = np.random.default_rng(_SEED)
    examples = left[0].shape[1]
    first, second = _misses(*left), _misses(*right)

    def draw(rows: int) -> np.ndarray:
        given = rng.integers(0, 2, (rows, examples)).astype(np.float64)
        exchanged = given @ (second - first)  # (runs, rows, BINS)
        left_gaps, right_gaps = first.sum(axis=1)[:, None] + exchanged, second.sum(axis=1)[:, None] - exchanged
        return np.asarray(_mean_error(right_gaps, examples) - _mean_error(left_gaps, examples))

    return np.concatenate([draw(rows) for rows in batches(count_resamples(left[0].size), examples)])


def _misses(confidences: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """What each answer adds to the gap of its bin: `(runs, n, BINS)`."""
    return np.stack(
        [_membership(run) * (right - run)[:, None] for run, right in zip(confidences, correct, strict=True)]
    )


def _membership(confidences: np.ndarray) -> np.ndarray:
    """Which answer is in which bin: `(n, BINS)` of 0 and 1."""
    belongs: np.ndarray = np.eye(BINS)[_places(confidences)]
    return belongs


def _mean_error(gaps: np.ndarray, examples: int) -> np.ndarray:
    """The mean of several runs' errors from what each bin sums up to, `(runs, rows, BINS)`: `(rows,)`."""
    return np.asarray(np.abs(gaps).sum(axis=2).mean(axis=0) / examples)
