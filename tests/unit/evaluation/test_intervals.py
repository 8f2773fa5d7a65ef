from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, t

from tlvsft.evaluation.intervals import accuracy_interval, difference_interval, wilson_interval


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (250, 270), (270, 270), (1, 1)])
def test_wilsons_interval_is_scipys(successes: int, trials: int) -> None:
    reference = binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10: 56 of 70 against 48 of 80."""
    shares = [(right / of, wilson_interval(right, of)) for right, of in ((48, 80), (56, 70))]
    assert difference_interval(*shares) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_with_one_seed_the_interval_is_over_the_test_examples() -> None:
    correct = np.array([[True] * 80 + [False] * 20])
    assert accuracy_interval(correct) == wilson_interval(80, 100)


def test_with_many_alike_examples_the_interval_is_students_over_the_seeds() -> None:
    examples = 20_000
    shares = (0.80, 0.84, 0.86)
    rng = np.random.default_rng(0)
    correct = np.stack([rng.permutation(np.arange(examples) < share * examples) for share in shares])
    half = t.ppf(0.975, df=2) * np.std(shares, ddof=1) / 3**0.5
    low, high = accuracy_interval(correct, resamples=40_000)
    assert (low + high) / 2 == pytest.approx(np.mean(shares), abs=0.003)
    assert (high - low) / 2 == pytest.approx(half, rel=0.05)


def test_where_seeds_agree_the_interval_is_that_of_the_examples() -> None:
    row = np.arange(400) < 300
    low, high = accuracy_interval(np.stack([row, row, row]), resamples=40_000)
    assert (low, high) == pytest.approx((0.75 - 1.96 * (0.75 * 0.25 / 400) ** 0.5, 0.75 + 0.0424), abs=0.004)


def test_no_interval_is_empty_or_outside_of_what_an_accuracy_can_be() -> None:
    low, high = accuracy_interval(np.ones((3, 270), dtype=bool))
    assert high == 1
    assert 0.97 < low < 0.999
    low, high = accuracy_interval(np.array([[True] * 50 + [False] * 50, [False] * 100]))
    assert 0 <= low < high <= 1


def test_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(1)
    covered, rounds, truth = 0, 300, 0.8
    for _ in range(rounds):
        # Seeds differ by 2 points, and examples in how hard they are.
        hardness = rng.beta(4, 1, size=200)
        lucky = rng.normal(0, 0.02, size=(3, 1))
        correct = rng.random((3, 200)) < np.clip(hardness + lucky, 0, 1)
        low, high = accuracy_interval(correct, resamples=500)
        covered += low <= truth <= high
    assert covered / rounds >= 0.93


@pytest.mark.parametrize("shape", [(0, 5), (2, 0), (5,)])
def test_nothing_has_no_interval(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least one of each"):
        accuracy_interval(np.ones(shape, dtype=bool))


def test_the_same_answers_give_the_same_interval() -> None:
    correct = np.random.default_rng(2).random((3, 50)) < 0.7
    assert accuracy_interval(correct) == accuracy_interval(correct)
