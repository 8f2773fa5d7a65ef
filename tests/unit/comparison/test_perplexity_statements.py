"""A language modelling verdict in words: what was measured, whoever it favours."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.language_runs import ADAPTED
from tlvsft.comparison.decisions import PERMUTATION, TWO_WAY_BOOTSTRAP_OF_TEXTS
from tlvsft.comparison.perplexity_statements import TextScore, Untouched, write_perplexity_statement
from tlvsft.comparison.statements import Evidence, Winner
from tlvsft.evaluation.statistics import PairedDifference

PARTIAL = TextScore(
    name="partly frozen",
    popular_name="Transfer learning / fine-tuning",
    perplexity=71.9,
    source_perplexity=162.0,
    train_s=20.0,
)
FULL = TextScore(
    name="full fine-tuning", popular_name="Fine-tuning", perplexity=68.1, source_perplexity=215.0, train_s=26.0
)
UNTOUCHED = Untouched(perplexity=141.6, source_perplexity=111.0)
FOUND = PairedDifference(68.1 / 71.9 - 1, (-0.065, -0.041), 0.0001)


def write(
    winner: Winner = "right",
    *,
    left: TextScore = PARTIAL,
    right: TextScore = FULL,
    untouched: Untouched = UNTOUCHED,
    found: PairedDifference = FOUND,
    seeds: int = 1,
) -> str:
    decision = PERMUTATION if seeds == 1 else TWO_WAY_BOOTSTRAP_OF_TEXTS
    evidence = Evidence(found=found, decision=decision, seeds=seeds, examples=512)
    return write_perplexity_statement(winner, evidence, left=left, right=right, untouched=untouched)


def test_the_winner_its_lead_its_cost_and_what_it_forgets() -> None:
    assert write() == (
        "Full fine-tuning predicts the words of these texts better than partly frozen with one seed: 5.3 ± 1.2 % less "
        "perplexity, at 1.3 times the training time. On 512 test texts it has perplexity 68.1 against 71.9 (141.6 "
        "before); training took 26.0 s against 20.0 s. Perplexity on general English: full fine-tuning 215.0, partly "
        "frozen 162.0 (111.0 before). Decided by a paired permutation test: this is about these two trained models, "
        "and other seeds may say otherwise."
    )


def test_a_winner_on_the_left_is_the_subject() -> None:
    found = PairedDifference(0.25, (0.1, 0.6), 0.01)
    statement = write("left", left=replace(PARTIAL, perplexity=60.0), right=replace(FULL, perplexity=75.0), found=found)
    assert statement.startswith("Partly frozen predicts the words of these texts better than full fine-tuning with one")
    assert "20.0 % (95 % interval 9.1 to 37.5) less perplexity, at 77 % of the training time" in statement
    assert "perplexity 60.0 against 75.0 (141.6 before)" in statement
    assert "Transfer learning loses" not in statement


def test_a_tie_is_called_one() -> None:
    statement = write("tie", found=PairedDifference(-0.004, (-0.013, 0.005), 0.4))
    assert statement.startswith(
        "Too close to call: perplexity 68.1 against 71.9 (141.6 before), full fine-tuning against partly frozen on 512 "
        "test texts, with one seed. The difference of 0.4 ± 0.9 % may be chance (p = 0.4). Full fine-tuning took 1.3 "
        "times the training time (26.0 s against 20.0 s)."
    )
    assert "better" not in statement


def test_in_a_tie_the_lower_perplexity_is_named_first() -> None:
    left, right = replace(PARTIAL, perplexity=68.0), replace(FULL, perplexity=68.3)
    statement = write("tie", left=left, right=right, found=PairedDifference(0.004, (-0.006, 0.014), 0.4))
    assert "perplexity 68.0 against 68.3 (141.6 before), partly frozen against full fine-tuning" in statement
    assert "The difference of 0.4 ± 1.0 % may be chance" in statement


def test_the_loss_of_transfer_learning_is_said() -> None:
    assert "Transfer learning loses here." in write(left=replace(PARTIAL, popular_name="Transfer learning"))


def test_several_seeds_speak_about_the_methods() -> None:
    statement = write(seeds=3)
    assert "over 3 seeds: 5.3 ± 1.2 % less perplexity" in statement
    assert statement.endswith("two-way bootstrap over seeds and test texts: this is about the methods on this task.")


def test_what_both_still_know_is_told_and_judged_elsewhere() -> None:
    statement = write(left=replace(PARTIAL, source_perplexity=111.0), right=replace(FULL, source_perplexity=4_215.2))
    assert "Perplexity on general English: full fine-tuning 4,215, partly frozen 111.0 (111.0 before)." in statement
    assert "forget" not in statement


def test_what_was_not_measured_is_not_mentioned() -> None:
    statement = write(
        left=replace(PARTIAL, source_perplexity=None), untouched=Untouched(perplexity=None, source_perplexity=None)
    )
    assert "general English" not in statement
    assert "before" not in statement
    assert "general English" not in write(untouched=replace(UNTOUCHED, source_perplexity=None))


def test_a_worsening_is_no_success() -> None:
    assert "Neither" not in write()
    statement = write(untouched=replace(UNTOUCHED, perplexity=50.0))
    assert "Neither predicts them better than the untouched model." in statement


def test_the_way_that_a_side_had_come_is_in_its_time() -> None:
    assert "adaptation included" in write(right=replace(FULL, lineage=(ADAPTED,)))
