"""How sure a comparison of language models is: right ratios, p-values and intervals, and few false verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap, permutation_test

from tlvsft.evaluation.perplexities import compare_perplexities, nats_per_token, sign_flip_p_value
from tlvsft.evaluation.statistics import PairedDifference

Losses = np.ndarray


def simulate(
    rng: np.random.Generator, *, seeds: int, texts: int, difference: float = 0.0, spread: float = 0.0
) -> tuple[Losses, Losses, np.ndarray]:
    """Texts of unequal length and difficulty; perplexity about 70, the right side's `difference` nats per token higher.

    Loss per token varies over seeds with the standard deviation `spread`.
    """
    tokens = rng.integers(10, 120, texts)
    hardness = rng.normal(4.2, 0.5, (1, texts))

    def side(shift: float) -> Losses:
        luck = rng.normal(size=(seeds, 1)) * spread
        return np.asarray((hardness + shift + luck + rng.normal(size=(seeds, texts)) * 0.15) * tokens)

    return side(0.0), side(difference), tokens


def is_verdict(found: PairedDifference) -> bool:
    low, high = found.ci95
    return found.p_value < 0.05 and not low <= 0 <= high


def share_of_verdicts(*, comparisons: int, rng_seed: int, **simulated: float) -> float:
    rng = np.random.default_rng(rng_seed)
    called = [
        is_verdict(compare_perplexities(*simulate(rng, **simulated), resamples=500))  # type: ignore[arg-type]
        for _ in range(comparisons)
    ]
    return float(np.mean(called))


class TestNatsPerToken:
    def test_their_mean_is_the_loss_per_token_over_all_texts(self) -> None:
        losses, tokens = np.array([[6.0, 30.0], [3.0, 9.0]]), np.array([2, 10])
        scores = nats_per_token(losses, tokens)
        assert scores.mean(axis=1) == pytest.approx([36 / 12, 12 / 12])
        assert scores[0] == pytest.approx([3.0, 3.0])  # both texts lose 3 nats per token: nothing varies
        assert scores[1] == pytest.approx([1 + (3 - 2) / 6, 1 + (9 - 10) / 6])


class TestSignFlips:
    def test_gives_the_exact_value_of_few_texts(self) -> None:
        gains = np.array([0.3, -0.1, 0.8, 0.4, 0.25])
        exact = permutation_test((gains,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
        assert exact == pytest.approx(4 / 32)  # by hand: -0.1 may have either sign, and so may the whole
        assert sign_flip_p_value(gains, resamples=20_000, rng=np.random.default_rng(0)) == pytest.approx(
            exact, abs=0.01
        )

    def test_twins_have_a_value_of_one(self) -> None:
        assert sign_flip_p_value(np.zeros(40), resamples=100, rng=np.random.default_rng(0)) == 1.0

    def test_is_never_zero(self) -> None:
        assert sign_flip_p_value(np.ones(400), resamples=99, rng=np.random.default_rng(0)) == 0.01


class TestTwoModels:
    def test_the_difference_is_that_of_the_perplexities(self) -> None:
        left, right = np.array([[8.0, 40.0]]), np.array([[7.0, 35.0]])
        found = compare_perplexities(left, right, np.array([2, 10]))
        assert found.difference == pytest.approx(np.exp(42 / 12) / np.exp(48 / 12) - 1)

    def test_the_interval_is_that_of_the_bootstrap_of_the_ratio(self) -> None:
        left, right, tokens = simulate(np.random.default_rng(3), seeds=1, texts=400, difference=-0.05)

        def ratio(gains: np.ndarray, tokens: np.ndarray, axis: int) -> np.ndarray:
            return np.asarray(np.expm1(gains.sum(axis=axis) / tokens.sum(axis=axis)))

        reference = bootstrap(
            ((right - left)[0], tokens), ratio, paired=True, method="percentile", n_resamples=50_000, batch=2_000
        ).confidence_interval
        found = compare_perplexities(left, right, tokens, resamples=50_000)
        assert found.ci95 == pytest.approx((reference.low, reference.high), abs=6e-4)
        assert found.ci95[0] < found.difference < found.ci95[1] < 0

    def test_turning_the_sides_turns_the_ratio(self) -> None:
        left, right, tokens = simulate(np.random.default_rng(4), seeds=1, texts=200, difference=0.03)
        there, back = compare_perplexities(left, right, tokens), compare_perplexities(right, left, tokens)
        assert (1 + there.difference) * (1 + back.difference) == pytest.approx(1)
        assert (1 + there.ci95[0]) * (1 + back.ci95[1]) == pytest.approx(1, abs=2e-3)

    def test_twins_tie(self) -> None:
        left, _, tokens = simulate(np.random.default_rng(5), seeds=1, texts=30)
        assert compare_perplexities(left, left, tokens) == PairedDifference(0.0, (0.0, 0.0), 1.0)

    def test_a_single_text_decides_nothing(self) -> None:
        found = compare_perplexities(np.array([[90.0]]), np.array([[10.0]]), np.array([20]))
        assert not is_verdict(found)

    def test_is_the_same_every_time(self) -> None:
        given = simulate(np.random.default_rng(6), seeds=1, texts=50)
        assert compare_perplexities(*given) == compare_perplexities(*given)
        assert compare_perplexities(*given) != compare_perplexities(*given, seed=1)

    @pytest.mark.parametrize(
        ("left", "right", "tokens"),
        [
            (np.ones((1, 3)), np.ones((1, 4)), np.ones(3)),
            (np.ones((1, 3)), np.ones((1, 3)), np.ones(2)),
            (np.ones(3), np.ones(3), np.ones(3)),
            (np.ones((1, 0)), np.ones((1, 0)), np.ones(0)),
            (np.ones((1, 2)), np.ones((1, 2)), np.zeros(2)),
        ],
    )
    def test_what_does_not_fit_is_refused(self, left: Losses, right: Losses, tokens: np.ndarray) -> None:
        with pytest.raises(ValueError, match=r"Shapes don't fit|no token"):
            compare_perplexities(left, right, tokens)

    @pytest.mark.parametrize("texts", [8, 30, 300])
    def test_equal_models_seldom_get_a_verdict(self, texts: int) -> None:
        """At most about 5 of 100: more than 27 of 300 would happen by chance once in 200 times."""
        assert share_of_verdicts(comparisons=300, rng_seed=texts, seeds=1, texts=texts) <= 27 / 300

    def test_a_real_difference_is_called(self) -> None:
        assert share_of_verdicts(comparisons=100, rng_seed=7, seeds=1, texts=300, difference=-0.05) > 0.95


class TestTwoMethods:
    def test_the_difference_is_that_of_the_geometric_means(self) -> None:
        left, right, tokens = simulate(np.random.default_rng(8), seeds=3, texts=60, difference=0.1)
        found = compare_perplexities(left, right, tokens)
        per_seed = [np.exp(side.sum(axis=1) / tokens.sum()) for side in (left, right)]
        geometric = [np.prod(perplexities) ** (1 / 3) for perplexities in per_seed]
        assert found.difference == pytest.approx(geometric[1] / geometric[0] - 1)
        assert found.ci95[0] < found.difference < found.ci95[1]

    def test_seeds_that_disagree_widen_the_interval(self) -> None:
        widths = []
        for spread in (0.0, 0.05):
            given = simulate(np.random.default_rng(9), seeds=4, texts=200, spread=spread)
            widths.append(np.diff(compare_perplexities(*given).ci95)[0])
        assert widths[1] > 2 * widths[0]

    def test_twins_tie(self) -> None:
        left, _, tokens = simulate(np.random.default_rng(10), seeds=3, texts=30, spread=0.02)
        found = compare_perplexities(left, left, tokens)
        assert found.difference == 0.0
        assert found.p_value > 0.95

    @pytest.mark.parametrize("seeds", [2, 3, 5])
    def test_equal_methods_seldom_get_a_verdict(self, seeds: int) -> None:
        """At most about 5 of 100: more than 21 of 250 would happen by chance once in 100 times."""
        found = share_of_verdicts(comparisons=250, rng_seed=seeds, seeds=seeds, texts=150, spread=0.02)
        assert found <= 21 / 250

    def test_a_real_difference_is_called(self) -> None:
        found = share_of_verdicts(comparisons=60, rng_seed=11, seeds=3, texts=300, difference=-0.1, spread=0.01)
        assert found > 0.9
