"""Who won: only with evidence, in words that claim no more than it bears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tlvsft.comparison import decide_verdict
from tlvsft.comparison.verdict import Score, pick_winner, write_statement
from tlvsft.config import ComparisonConfig, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.evaluation.statistics import PairedDifference
from tlvsft.runs.store import Store

Record = Callable[..., str]
PROBE = Score(name="linear probe", popular_name="Transfer learning", accuracy=0.8, elapsed_s=2.0)
FULL = Score(name="full fine-tuning", popular_name="Fine-tuning", accuracy=0.9, elapsed_s=6.0)


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
        "Full fine-tuning is 30.0 points better",
        "90.0 %",
        "60.0 %",
        "these two trained models",
        "3× the time",
    ):
        assert phrase in verdict.statement
    assert "Transfer learning does not win here" in verdict.statement


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
    assert "3 seeds" in verdict.statement
    assert "Linear probe is 50.0 points better" in verdict.statement
    assert "Transfer learning does not win" not in verdict.statement


def test_too_close_to_call(store: Store, record_comparison: Record, digits_config: ComparisonConfig) -> None:
    rng = np.random.default_rng(0)
    left, right = (list(rng.permutation(answers(80, 20))) for _ in range(2))
    verdict = decide_verdict(store, record_comparison(digits_config, {("left", 0): left, ("right", 0): right}))
    assert verdict is not None
    assert verdict.winner == "tie"
    assert verdict.statement.startswith("Too close to call: ")


def test_twins_tie_and_are_told_apart_by_side(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, right=VariantConfig(method="linear_probe"))
    verdict = decide_verdict(
        store, record_comparison(config, {("left", 0): answers(8, 2), ("right", 0): answers(8, 2)})
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


def test_the_interval_is_turned_towards_the_winner() -> None:
    found = PairedDifference(-0.1, (-0.18, -0.02), 0.013)
    statement = write_statement("left", found, left=PROBE, right=FULL, seeds=1, examples=1_234)
    assert "95 % interval +2.0 to +18.0, p = 0.013" in statement
    assert "1,234 test examples" in statement


@pytest.mark.parametrize(
    ("seconds", "words"),
    [((2.0, 6.0), "3× the time"), ((2.0, 2.05), "about the same time"), ((6.0, 2.0), "0.33× the time")],
)
def test_the_cost_is_named(seconds: tuple[float, float], words: str) -> None:
    left, right = replace(PROBE, elapsed_s=seconds[0]), replace(FULL, elapsed_s=seconds[1])
    found = PairedDifference(0.1, (0.02, 0.18), 0.01)
    assert words in write_statement("right", found, left=left, right=right, seeds=1, examples=100)
