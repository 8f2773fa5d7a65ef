"""A verdict on classifiers in words: each case, to the letter where it matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.language_runs import ADAPTED
from tlvsft.comparison.decisions import MCNEMAR, TWO_WAY_BOOTSTRAP
from tlvsft.comparison.statements import (
    Evidence,
    Score,
    describe_cost,
    describe_estimate,
    warn_of_guessing,
    write_detour_statement,
    write_statement,
)
from tlvsft.evaluation.statistics import PairedDifference

PROBE = Score(name="linear probe", popular_name="Transfer learning", accuracy=0.925, train_s=1.13)
FULL = Score(name="full fine-tuning", popular_name="Fine-tuning", accuracy=0.956, train_s=7.01)
FOUND = PairedDifference(0.031, (0.017, 0.045), 0.0004)
MODELS = "Decided by an exact McNemar test: this is about these two trained models, and other seeds may say otherwise."
METHODS = "Decided by a two-way bootstrap over seeds and test examples: this is about the methods on this task."


def evidence(found: PairedDifference = FOUND, *, seeds: int = 1, examples: int = 270) -> Evidence:
    decision = MCNEMAR if seeds == 1 else TWO_WAY_BOOTSTRAP
    return Evidence(found=found, decision=decision, seeds=seeds, examples=examples)


def test_a_winner_over_several_seeds() -> None:
    assert write_statement("right", evidence(seeds=5), left=PROBE, right=FULL) == (
        "Full fine-tuning is 3.1 ± 1.4 points better than linear probe over 5 seeds, at 6.2 times the training time. "
        "It gets 95.6 % of 270 test examples right instead of 92.5 %; training took 7.0 s against 1.1 s. Transfer "
        f"learning loses here. {METHODS}"
    )


def test_a_winner_with_one_seed() -> None:
    found = PairedDifference(-0.031, (-0.045, -0.017), 0.0004)
    probe, full = replace(PROBE, accuracy=0.956), replace(FULL, accuracy=0.925)
    statement = write_statement("left", evidence(found, examples=1_234), left=probe, right=full)
    assert statement == (
        "Linear probe is 3.1 ± 1.4 points better than full fine-tuning with one seed, at 16 % of the training time. "
        "It gets 95.6 % of 1,234 test examples right instead of 92.5 %; training took 1.1 s against 7.0 s. " + MODELS
    )


def test_transfer_learning_loses_only_against_something_else() -> None:
    other = replace(FULL, popular_name="Transfer learning", name="linear probe (right)")
    assert "Transfer learning loses" not in write_statement("right", evidence(), left=PROBE, right=other)
    assert "Transfer learning loses here." in write_statement("right", evidence(), left=PROBE, right=FULL)


@pytest.mark.parametrize(("seeds", "basis"), [(1, MODELS), (4, METHODS)])
def test_a_tie_is_called_one_and_says_why(seeds: int, basis: str) -> None:
    found = PairedDifference(0.004, (-0.011, 0.019), 0.62)
    statement = write_statement("tie", evidence(found, seeds=seeds), left=PROBE, right=FULL)
    over = "with one seed" if seeds == 1 else "over 4 seeds"
    assert statement == (
        f"Too close to call: full fine-tuning gets 95.6 % of 270 test examples right, linear probe 92.5 %, {over}. The "
        "difference of 0.4 ± 1.5 points may be chance (p = 0.62). Full fine-tuning took 6.2 times the training time "
        f"(7.0 s against 1.1 s). {basis}"
    )


def test_in_a_tie_the_side_that_is_ahead_is_named_first() -> None:
    found = PairedDifference(-0.004, (-0.019, 0.011), 0.62)
    probe, full = replace(PROBE, accuracy=0.956), replace(FULL, accuracy=0.952)
    statement = write_statement("tie", evidence(found), left=probe, right=full)
    assert statement.startswith("Too close to call: linear probe gets 95.6 %")
    assert "The difference of 0.4 ± 1.5 points" in statement
    assert "Linear probe took 16 % of the training time (1.1 s against 7.0 s)" in statement


@pytest.mark.parametrize(
    ("size", "interval", "words"),
    [
        (3.1, [1.7, 4.5], "3.1 ± 1.4 points"),
        (3.1, [4.5, 1.7], "3.1 ± 1.4 points"),
        (0.0, [-1.4, 1.4], "0.0 ± 1.4 points"),
        (5.0, [2.5, 9.0], "5.0 points (95 % interval 2.5 to 9.0)"),
        (0.4, [-3.0, 1.0], "0.4 points (95 % interval −3.0 to 1.0)"),
        (4.0, [1.0, 7.9], "4.0 ± 3.5 points"),
        (5.0, [1.0, 12.0], "5.0 points (95 % interval 1.0 to 12.0)"),
        (2.1, [0.04, 4.16], "2.1 points (95 % interval 0.04 to 4.16)"),
    ],
)
def test_an_estimate_is_given_with_plus_minus_where_that_says_all(
    size: float, interval: list[float], words: str
) -> None:
    """The ends stand there where one arm is much longer, and where ± would make a winner look like a tie."""
    assert describe_estimate(size, interval, "points") == words


@pytest.mark.parametrize(
    ("first_s", "second_s", "words"),
    [
        (6.2, 1.0, "6.2 times the training time"),
        (1.0, 8.0, "12 % of the training time"),
        (22.4, 1.0, "22 times the training time"),
        (1234.0, 1.0, "1,234 times the training time"),
        (1.04, 1.0, "about the same training time"),
        (1.0, 0.0, "about the same training time"),
    ],
)
def test_the_cost_is_a_multiple_that_can_be_read_aloud(first_s: float, second_s: float, words: str) -> None:
    assert describe_cost(first_s, second_s) == words


def test_what_guessing_would_reach_stands_beside_the_verdict() -> None:
    assert warn_of_guessing([], 0.5) == ""
    assert warn_of_guessing(["LoRA", "full fine-tuning"], 0.503) == (
        "Neither can be told from always naming the most frequent class (50.3 % right)."
    )
    alone = warn_of_guessing(["linear probe"], 0.5)
    assert alone == "Linear probe can't be told from always naming the most frequent class (50.0 % right)."
    statement = write_statement("right", replace(evidence(), caution=alone), left=PROBE, right=FULL)
    assert f"loses here. {alone} Decided by" in statement


DETOUR = Score(
    name="full fine-tuning (adapted to book-reviews first)",
    popular_name="Fine-tuning",
    accuracy=0.873,
    train_s=65.0,
    lineage=(ADAPTED,),
)
STRAIGHT = replace(DETOUR, name="full fine-tuning (straight from wiki-gpt)", accuracy=0.852, train_s=24.0, lineage=())


def test_a_detour_that_paid() -> None:
    found = PairedDifference(0.021, (0.003, 0.039), 0.03)
    assert write_detour_statement("right", evidence(found, examples=512), left=STRAIGHT, right=DETOUR) == (
        "Adapting to book-reviews first bought 2.1 ± 1.8 points with one seed, for 41.0 s more training: 87.3 % "
        f"against 85.2 % of 512 test examples right (65.0 s against 24.0 s, adaptation included). {MODELS}"
    )


def test_a_detour_on_the_left_is_still_the_subject() -> None:
    found = PairedDifference(-0.021, (-0.039, -0.003), 0.03)
    statement = write_detour_statement("left", evidence(found, seeds=3), left=DETOUR, right=STRAIGHT)
    assert "bought 2.1 ± 1.8 points over 3 seeds, for 41.0 s more training" in statement
    assert statement.endswith(METHODS)


def test_a_detour_that_cost_points() -> None:
    found = PairedDifference(-0.05, (-0.08, -0.02), 0.001)
    statement = write_detour_statement("left", evidence(found), left=STRAIGHT, right=replace(DETOUR, accuracy=0.802))
    assert "Adapting to book-reviews first lost 5.0 ± 3.0 points with one seed" in statement
    assert "80.2 % against 85.2 % of 270 test examples right" in statement


@pytest.mark.parametrize("is_left", [False, True])
def test_a_detour_that_bought_nothing_that_can_be_told_from_chance(is_left: bool) -> None:
    found = PairedDifference(*((-0.004, (-0.028, 0.02)) if is_left else (0.004, (-0.02, 0.028))), 0.8)
    left, right = (DETOUR, STRAIGHT) if is_left else (STRAIGHT, DETOUR)
    statement = write_detour_statement("tie", evidence(found), left=left, right=right)
    assert statement.startswith("Adapting to book-reviews first bought nothing that can be told apart from chance with")
    assert "a difference of 0.4 ± 2.4 points (p = 0.8), for 41.0 s more training" in statement


def test_a_detour_may_save_time() -> None:
    found = PairedDifference(0.021, (0.003, 0.039), 0.03)
    statement = write_detour_statement("right", evidence(found), left=replace(STRAIGHT, train_s=70.0), right=DETOUR)
    assert "for 5.0 s less training" in statement
