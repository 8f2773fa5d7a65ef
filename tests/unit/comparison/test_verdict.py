"""Who won: only with evidence, in words that claim no more than it bears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import geometric_mean

import numpy as np
import pytest

from tests.unit.language_runs import DESCENDANT_CONFIG, LANGUAGE_CONFIG, add_descendant, record_language_runs
from tlvsft.comparison import decide_verdict
from tlvsft.comparison.verdict import pick_winner
from tlvsft.config import SIDES, ComparisonConfig, Side, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.evaluation.statistics import PairedDifference
from tlvsft.runs.store import Store

Record = Callable[..., str]


def answers(right: int, wrong: int) -> list[bool]:
    return [True] * right + [False] * wrong


@pytest.mark.parametrize(
    ("found", "winner"),
    [
        (PairedDifference(0.1, (0.02, 0.18), 0.01), "right"),
        (PairedDifference(-0.1, (-0.18, -0.02), 0.01), "left"),
        (PairedDifference(0.1, (0.02, 0.18), 0.05), "tie"),
        (PairedDifference(0.1, (-0.01, 0.21), 0.01), "tie"),
        (PairedDifference(0.1, (0.0, 0.2), 0.01), "tie"),
        (PairedDifference(0.0, (0.0, 0.0), 1.0), "tie"),
    ],
)
def test_a_winner_needs_both_kinds_of_evidence(found: PairedDifference, winner: str) -> None:
    assert pick_winner(found) == winner
    turned = {"left": "right", "right": "left", "tie": "tie"}
    assert pick_winner(found, better="lower") == turned[winner]


def test_one_seed_speaks_about_the_two_models(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    verdict = decide_verdict(
        store, record_comparison(digits_config, {("left", 0): answers(60, 40), ("right", 0): answers(90, 10)})
    )
    assert verdict is not None
    assert (verdict.winner, verdict.difference) == ("right", pytest.approx(0.3))
    assert verdict.ci95[0] < 0.3 < verdict.ci95[1]
    assert verdict.p_value < 0.001
    for phrase in (
        "Full fine-tuning is 30.0 ± 8.8 points better than linear probe with one seed",
        "90.0 % of 100 test examples right instead of 60.0 %",
        "these two trained models",
        "at 3 times the training time",
        "training took 1.5 s against 0.50 s",
        "Transfer learning loses here",
    ):
        assert phrase in verdict.statement
    assert (verdict.method, verdict.seeds, verdict.examples) == ("exact McNemar test", 1, 100)
    assert verdict.cost_ratio == pytest.approx(3)
    assert verdict.sources[0].startswith("McNemar 1947")


def test_several_seeds_speak_about_the_methods(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, seed=4, seeds=3)
    given = {
        (side, seed): answers(right, 100 - right) for side, right in (("left", 90), ("right", 40)) for seed in (4, 5, 6)
    }
    verdict = decide_verdict(store, record_comparison(config, given))
    assert verdict is not None
    assert (verdict.winner, verdict.difference) == ("left", pytest.approx(-0.5))
    assert "the methods on this task" in verdict.statement
    assert "over 3 seeds, at 33 % of the training time" in verdict.statement
    assert "Linear probe is 50.0 ± " in verdict.statement
    assert "Transfer learning loses" not in verdict.statement
    assert (verdict.method, verdict.seeds) == ("two-way bootstrap over seeds and test examples", 3)


def test_the_same_run_twice_is_called_that(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    given = {("left", 0): answers(60, 40), ("right", 0): answers(60, 40)}
    verdict = decide_verdict(store, record_comparison(replace(digits_config, right=digits_config.left), given))
    assert verdict is not None
    assert (verdict.winner, verdict.difference) == ("tie", 0)
    assert verdict.statement == (
        "Nothing to tell apart: both sides are the same method with the same settings and seeds, so they are the same "
        "models, trained twice. Each gets 60.0 % of 100 test examples right with one seed. Training took 0.50 s and "
        "1.5 s: that is how far two timings of the same work lie apart here."
    )
    other = decide_verdict(store, record_comparison(digits_config, given))
    assert other is not None
    assert other.statement.startswith("Too close to call")


def test_a_side_that_may_only_guess_is_said_to(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    given = {("left", 0): answers(12, 88), ("right", 0): answers(90, 10)}  # ten classes, ten of each
    verdict = decide_verdict(store, record_comparison(digits_config, given))
    assert verdict is not None
    assert "Linear probe can't be told from always naming the most frequent class (10.0 % right)." in verdict.statement


def test_too_close_to_call(store: Store, record_comparison: Record, digits_config: ComparisonConfig) -> None:
    rng = np.random.default_rng(0)
    left, right = (list(rng.permutation(answers(80, 20))) for _ in range(2))
    verdict = decide_verdict(store, record_comparison(digits_config, {("left", 0): left, ("right", 0): right}))
    assert verdict is not None
    assert verdict.winner == "tie"
    assert verdict.statement.startswith("Too close to call: ")


def test_twins_that_answer_differently_are_told_apart_by_side(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, right=VariantConfig(method="linear_probe"))
    verdict = decide_verdict(
        store, record_comparison(config, {("left", 0): answers(8, 2), ("right", 0): answers(8, 2)[::-1]})
    )
    assert verdict is not None
    assert (verdict.winner, verdict.difference, verdict.p_value) == ("tie", 0.0, 1.0)
    assert "linear probe (left)" in verdict.statement
    assert "linear probe (right)" in verdict.statement


def test_no_verdict_before_every_run_has_finished(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    assert decide_verdict(store, record_comparison(digits_config, {("left", 0): answers(8, 2)})) is None


def test_an_unknown_comparison_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        decide_verdict(store, "nosuchcomparison")


def record_detour(
    store: Store, finish_runs: Callable[..., None], config: ComparisonConfig, given: dict[tuple[Side, int], list[bool]]
) -> str:
    """A comparison of which the right side goes on from an earlier run; its own left run takes 1 s, its right 3 s."""
    comparison_id = add_descendant(store, config, "right")
    finish_runs(store, comparison_id, given)
    return comparison_id


def test_three_tasks_say_what_the_adaptation_bought(store: Store, finish_runs: Callable[..., None]) -> None:
    given: dict[tuple[Side, int], list[bool]] = {("left", 0): answers(60, 40), ("right", 0): answers(90, 10)}
    verdict = decide_verdict(store, record_detour(store, finish_runs, DESCENDANT_CONFIG, given))
    assert verdict is not None
    assert (verdict.winner, verdict.difference) == ("right", pytest.approx(0.3))
    assert "Adapting to book-reviews first bought 30.0 ± 8.8 points with one seed" in verdict.statement
    assert "31.0 s more training" in verdict.statement
    assert "(31.5 s against 0.50 s, adaptation included)" in verdict.statement
    assert verdict.cost_ratio == pytest.approx(63)


def test_a_detour_of_another_method_is_not_said_to_have_bought_the_difference(
    store: Store, finish_runs: Callable[..., None]
) -> None:
    config = replace(DESCENDANT_CONFIG, left=VariantConfig(method="linear_probe"))
    given: dict[tuple[Side, int], list[bool]] = {("left", 0): answers(60, 40), ("right", 0): answers(90, 10)}
    verdict = decide_verdict(store, record_detour(store, finish_runs, config, given))
    assert verdict is not None
    assert "bought" not in verdict.statement
    assert "Full fine-tuning (adapted to book-reviews first) is 30.0 ± 8.8 points better than" in verdict.statement
    assert "at 63 times the training time" in verdict.statement
    assert "training took 31.5 s against 0.50 s, adaptation included" in verdict.statement


def test_the_lower_perplexity_wins(store: Store) -> None:
    verdict = decide_verdict(
        store, record_language_runs(store, LANGUAGE_CONFIG, {("left", 0): 71.9, ("right", 0): 68.1})
    )
    assert verdict is not None
    assert (verdict.winner, verdict.difference) == ("right", pytest.approx(68.1 / 71.9 - 1))
    assert verdict.ci95[0] < verdict.difference < verdict.ci95[1] < 0
    assert verdict.p_value < 0.001
    assert "Full fine-tuning predicts the words of these texts better than partly frozen" in verdict.statement
    assert "perplexity 68.1 against 71.9" in verdict.statement
    assert (verdict.method, verdict.cost_ratio) == ("paired permutation test", pytest.approx(1.3))
    assert "Perplexity on general English: full fine-tuning 215.0, partly frozen 162.0" in verdict.statement


def test_perplexities_over_seeds_speak_about_the_methods(store: Store) -> None:
    given = {(side, seed): 60.0 + 20 * (side == "right") + seed for side in SIDES for seed in range(3)}
    comparison_id = record_language_runs(store, replace(LANGUAGE_CONFIG, seeds=3), given)
    verdict = decide_verdict(store, comparison_id)
    assert verdict is not None
    means = {side: geometric_mean(given[side, seed] for seed in range(3)) for side in SIDES}
    assert (verdict.winner, verdict.difference) == ("left", pytest.approx(means["right"] / means["left"] - 1))
    assert "the methods on this task" in verdict.statement


def test_equal_perplexities_tie(store: Store) -> None:
    verdict = decide_verdict(
        store, record_language_runs(store, LANGUAGE_CONFIG, {("left", 0): 70.0, ("right", 0): 70.0})
    )
    assert verdict is not None
    assert verdict.winner == "tie"
    assert verdict.statement.startswith("Too close to call: ")


def test_no_verdict_on_language_models_before_both_have_finished(store: Store) -> None:
    assert decide_verdict(store, record_language_runs(store, LANGUAGE_CONFIG, {("left", 0): 70.0})) is None
