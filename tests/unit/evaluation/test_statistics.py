"""How sure a comparison is: right p-values, right intervals, few false verdicts, and real differences found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest, norm

from tlvsft.evaluation.statistics import PairedDifference, mcnemar, tango_interval, two_way_bootstrap

Correct = np.ndarray


def answers(*, both: int = 0, only_left: int = 0, only_right: int = 0, neither: int = 0) -> tuple[Correct, Correct]:
    left = np.repeat([True, True, False, False], [both, only_left, only_right, neither])
    right = np.repeat([True, False, True, False], [both, only_left, only_right, neither])
    return left, right


def simulate(
    rng: np.random.Generator,
    *,
    seeds: int,
    examples: int,
    difference: float = 0.0,
    spread: float = 0.02,
    left_spread: float | None = None,
    shared: float = 0.0,
) -> tuple[Correct, Correct]:
    """Answers with hard and easy examples, good and bad seeds, and chance; about 80 % of the left ones are right.

    Accuracies vary over seeds with the standard deviation `spread`, those of the left side with `left_spread`; beyond
    that a seed lifts both sides alike with the standard deviation `shared`.
    """
    hardness = rng.normal(size=(1, examples)) * 0.8
    density = 0.28  # of the standard normal distribution where 80 % lie below: accuracy per unit of the latent score
    fortune = rng.normal(size=(seeds, 1)) * shared / density if shared else 0.0

    def side(shift: float, spread: float) -> Correct:
        luck = rng.normal(size=(seeds, 1)) * spread / density
        return np.asarray(
            0.84 + shift / density + luck + fortune + hardness + rng.normal(size=(seeds, examples)) * 0.6 > 0
        )

    return side(0.0, spread if left_spread is None else left_spread), side(difference, spread)


def is_verdict(found: PairedDifference) -> bool:
    low, high = found.ci95
    return found.p_value < 0.05 and not low <= 0 <= high


def share_of_verdicts(*, comparisons: int, rng_seed: int, **simulated: float) -> float:
    rng = np.random.default_rng(rng_seed)
    called = [
        is_verdict(two_way_bootstrap(*simulate(rng, **simulated), resamples=500))  # type: ignore[arg-type]
        for _ in range(comparisons)
    ]
    return float(np.mean(called))


class TestMcnemar:
    @pytest.mark.parametrize(
        ("only_left", "only_right", "p_value"),
        [
            (0, 0, 1.0),
            (5, 5, 1.0),
            (0, 5, 2 / 2**5),
            (6, 0, 2 / 2**6),
            (1, 7, 2 * (1 + 8) / 2**8),
            (2, 8, 2 * (1 + 10 + 45) / 2**10),
        ],
    )
    def test_the_p_value_is_the_binomial_one(self, only_left: int, only_right: int, p_value: float) -> None:
        found = mcnemar(*answers(both=40, only_left=only_left, only_right=only_right, neither=10))
        assert found.p_value == pytest.approx(p_value)

    @pytest.mark.parametrize(("only_left", "only_right"), [(0, 9), (3, 12), (31, 55), (150, 86)])
    def test_the_p_value_is_that_of_a_binomial_test(self, only_left: int, only_right: int) -> None:
        """By hand: twice the smaller tail of so many tosses of a coin, the middle not counted twice."""
        tosses = only_left + only_right
        tail = binom.cdf(min(only_left, only_right), tosses, 0.5)
        found = mcnemar(*answers(both=100, only_left=only_left, only_right=only_right, neither=40))
        assert found.p_value == pytest.approx(binomtest(only_left, tosses).pvalue)
        assert found.p_value == pytest.approx(min(1.0, 2 * tail))

    @pytest.mark.parametrize(
        ("table", "p_value", "difference", "interval"),
        [
            ((1, 1, 7, 12), 0.0703, -6 / 21, (-0.517, -0.026)),
            ((59, 6, 16, 80), 0.052479, -10 / 161, (-0.1240, -0.0054)),
        ],
    )
    def test_gives_the_published_values(
        self, table: tuple[int, ...], p_value: float, difference: float, interval: tuple[float, float]
    ) -> None:
        """Airway hyper-responsiveness (Bentur et al. 2009) and complete response (Cavo et al. 2012).

        Source: Fagerland, Lydersen & Laake 2017, "Statistical Analysis of Contingency Tables", chapter 8, and the tests
            of their R package contingencytables.
        """
        both, only_right, only_left, neither = table
        found = mcnemar(*answers(both=both, only_left=only_left, only_right=only_right, neither=neither))
        assert found.p_value == pytest.approx(p_value, rel=1e-3)
        assert found.difference == pytest.approx(difference)
        assert found.ci95 == pytest.approx(interval, abs=5e-4)

    def test_examples_on_which_both_agree_leave_the_p_value_alone(self) -> None:
        few = mcnemar(*answers(only_left=3, only_right=12))
        many = mcnemar(*answers(only_left=3, only_right=12, both=500, neither=100))
        assert few.p_value == many.p_value
        assert many.difference == pytest.approx(9 / 615)

    def test_turning_the_sides_turns_the_signs(self) -> None:
        left, right = answers(both=50, only_left=4, only_right=15, neither=31)
        there, back = mcnemar(left, right), mcnemar(right, left)
        assert there.difference == pytest.approx(0.11)
        assert back.difference == pytest.approx(-there.difference)
        assert back.ci95 == pytest.approx((-there.ci95[1], -there.ci95[0]))
        assert back.p_value == pytest.approx(there.p_value)

    @pytest.mark.parametrize("count", [1, 10, 2_000])
    def test_agreement_everywhere_still_has_an_interval(self, count: int) -> None:
        found = mcnemar(*answers(both=count))
        assert (found.difference, found.p_value) == (0.0, 1.0)
        assert -1 <= found.ci95[0] < 0 < found.ci95[1] <= 1

    def test_disagreement_everywhere_still_has_an_interval(self) -> None:
        found = mcnemar(*answers(only_right=30))
        assert found.difference == 1.0
        assert 0.5 < found.ci95[0] < found.ci95[1] == pytest.approx(1.0)

    @pytest.mark.parametrize(("left", "right"), [(np.ones(3, bool), np.ones(4, bool)), (np.ones(0, bool),) * 2])
    def test_sides_that_do_not_match_are_refused(self, left: Correct, right: Correct) -> None:
        with pytest.raises(ValueError, match="same examples"):
            mcnemar(left, right)


class TestTangoInterval:
    def test_gives_the_published_value(self) -> None:
        """Airway hyper-responsiveness, 1 and 7 of 21 discordant: -0.517 to -0.026 (Fagerland et al. 2014)."""
        assert tango_interval(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)

    @pytest.mark.parametrize(("only_right", "only_left"), [(0, 0), (3, 3), (12, 1), (0, 40)])
    def test_contains_the_difference(self, only_right: int, only_left: int) -> None:
        low, high = tango_interval(only_right, only_left, 40)
        assert -1 <= low <= (only_right - only_left) / 40 <= high <= 1
        assert low < high

    def test_ends_where_the_score_test_does_not_reject(self) -> None:
        """With no difference under test the score statistic is (b - c) / sqrt(b + c): 1.96 puts the end at zero."""
        assert tango_interval(30, 14, 500)[0] > 0  # 16 / sqrt(44) = 2.41
        assert tango_interval(28, 16, 500)[0] < 0  # 12 / sqrt(44) = 1.81


class TestTwoWayBootstrap:
    def test_is_the_same_every_time(self) -> None:
        left, right = simulate(np.random.default_rng(0), seeds=3, examples=100)
        assert two_way_bootstrap(left, right) == two_way_bootstrap(left, right)
        assert two_way_bootstrap(left, right) != two_way_bootstrap(left, right, seed=1)

    def test_the_difference_is_that_of_the_accuracies(self) -> None:
        left, right = simulate(np.random.default_rng(1), seeds=4, examples=50, difference=0.1)
        found = two_way_bootstrap(left, right)
        assert found.difference == pytest.approx(right.mean() - left.mean())
        assert found.ci95[0] < found.difference < found.ci95[1]

    def test_one_seed_or_unequal_sides_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two seeds"):
            two_way_bootstrap(np.ones((1, 9), bool), np.ones((1, 9), bool))
        with pytest.raises(ValueError, match="same examples"):
            two_way_bootstrap(np.ones((2, 9), bool), np.ones((3, 9), bool))

    @pytest.mark.parametrize("examples", [1, 20])
    def test_twins_tie_and_still_have_an_interval(self, examples: int) -> None:
        same = np.ones((3, examples), bool)
        found = two_way_bootstrap(same, same)
        assert (found.difference, found.p_value) == (0.0, 1.0)
        assert -1 <= found.ci95[0] < 0 < found.ci95[1] <= 1

    def test_an_utter_difference_stays_within_bounds(self) -> None:
        found = two_way_bootstrap(np.zeros((3, 30), bool), np.ones((3, 30), bool))
        assert is_verdict(found)
        assert 0.5 < found.ci95[0] < found.ci95[1] == 1.0

    def test_seeds_that_disagree_widen_the_interval(self) -> None:
        steady = np.tile(np.arange(200) < 140, (4, 1))
        shaky = np.stack([np.arange(200) < right for right in (100, 130, 150, 180)])
        left = np.tile(np.arange(200) < 140, (4, 1))[:, ::-1]
        widths = [np.diff(two_way_bootstrap(left, right).ci95)[0] for right in (steady, shaky)]
        assert shaky.mean() == steady.mean()
        assert widths[1] > 1.5 * widths[0]

    def test_the_same_answers_from_more_seeds_are_no_further_evidence(self) -> None:
        """Seeds that answer alike say nothing new about the examples: pooling them would halve the interval."""
        left, right = answers(both=60, only_left=8, only_right=18, neither=14)
        single = np.diff(mcnemar(left, right).ci95)[0]
        several = np.diff(two_way_bootstrap(np.tile(left, (9, 1)), np.tile(right, (9, 1))).ci95)[0]
        assert several == pytest.approx(single, rel=0.1)

    def test_the_p_value_agrees_with_the_interval(self) -> None:
        rng = np.random.default_rng(2)
        for difference in np.linspace(0, 0.12, 40):
            found = two_way_bootstrap(*simulate(rng, seeds=3, examples=200, difference=float(difference)))
            excludes_zero = not found.ci95[0] <= 0 <= found.ci95[1]
            assert (found.p_value < 0.05) == excludes_zero or found.p_value == pytest.approx(0.05, abs=2e-3)

    @pytest.mark.parametrize("seeds", [2, 3, 5])
    @pytest.mark.parametrize("difference", [0.0, 0.06])
    def test_the_interval_contains_the_true_difference(self, seeds: int, difference: float) -> None:
        """Of 200 intervals 190 or more in the mean; fewer than 182 would come by chance once in 200 times.

        The truth is that of the population: an answer is right where a normal variable is above zero.
        """
        rng = np.random.default_rng(100 + seeds)
        deviation = (0.8**2 + 0.6**2 + (0.03 / 0.28) ** 2) ** 0.5
        truth = norm.cdf((0.84 + difference / 0.28) / deviation) - norm.cdf(0.84 / deviation)
        covered = 0
        for _ in range(200):
            left, right = simulate(rng, seeds=seeds, examples=150, difference=difference, spread=0.03)
            low, high = two_way_bootstrap(left, right, resamples=500).ci95
            covered += low <= truth <= high
        assert covered >= 182

    @pytest.mark.parametrize("seeds", [2, 3, 4, 5, 10])
    def test_equal_methods_seldom_get_a_verdict(self, seeds: int) -> None:
        """At most about 5 of 100: more than 21 of 250 would happen by chance once in 100 times."""
        assert share_of_verdicts(comparisons=250, rng_seed=seeds, seeds=seeds, examples=150, spread=0.04) <= 21 / 250

    @pytest.mark.parametrize("seeds", [2, 3])
    def test_one_steady_and_one_moody_method_seldom_get_a_verdict(self, seeds: int) -> None:
        """As a linear probe and full fine-tuning may be. Pooling their spreads called 15 of 100 with two seeds."""
        spreads = {"spread": 0.06, "left_spread": 0.0}
        assert share_of_verdicts(comparisons=250, rng_seed=seeds, seeds=seeds, examples=800, **spreads) <= 21 / 250

    @pytest.mark.parametrize(("seeds", "difference", "least"), [(2, 0.15, 0.4), (3, 0.15, 0.8), (5, 0.1, 0.92)])
    def test_a_real_difference_is_called(self, seeds: int, difference: float, least: float) -> None:
        """Two seeds taken in pairs, with one degree of freedom, would call 36 of 100."""
        found = share_of_verdicts(comparisons=150, rng_seed=9, seeds=seeds, examples=270, difference=difference)
        assert found >= least

    def test_luck_that_both_sides_share_costs_no_power(self) -> None:
        """Three seeds taken one side at a time would call 32 of 100."""
        found = share_of_verdicts(
            comparisons=150, rng_seed=12, seeds=3, examples=270, difference=0.1, spread=0.01, shared=0.06
        )
        assert found >= 0.6
