"""What was forgotten as evidence: intervals against scipy and known examples, words against the numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.unit.evidence_runs import Arrays, finish_observed
from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.forgotten import ForgottenEvidence, read_forgotten
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, Side, VariantConfig
from tlvsft.evaluation.perplexities import compare_perplexities
from tlvsft.evaluation.statistics import tango_interval
from tlvsft.report.evidence.forgotten import forgotten_drawing
from tlvsft.runs.store import Store

WORDS = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name="book-reviews"))
TOKENS = np.tile([40, 80, 120], 30)
BEFORE = np.log(100.0) * TOKENS
Answers = Mapping[tuple[Side, int], Sequence[bool] | np.ndarray]


def losses(perplexity: float, number: int) -> np.ndarray:
    """Of 90 texts that together have exactly this perplexity."""
    noise = np.random.default_rng(number).normal(size=len(TOKENS)) * 0.1 * TOKENS
    return np.asarray(np.log(perplexity) * TOKENS + noise - noise.sum() / TOKENS.sum() * TOKENS)


def read(store: Store, config: ComparisonConfig, figures: Callable[[Side, int], Any], arrays: Any) -> ForgottenEvidence:
    found = read_forgotten(read_observed(store, finish_observed(store, config, figures=figures, arrays=arrays)))
    assert found is not None
    return found


def read_words(
    store: Store, after: Mapping[tuple[Side, int], float], *, unchanged: Sequence[Side] = (), config: Any = WORDS
) -> ForgottenEvidence:
    def figures(side: Side, seed: int) -> dict[str, Any]:
        return {
            "source_perplexity_before": 100.0,
            "source_perplexity_after": after[side, seed],
            "source_texts": 90,
            "source_unchanged": side in unchanged,
        }

    def arrays(side: Side, seed: int) -> Arrays:
        number = seed + 10 * SIDES.index(side)
        later = BEFORE if side in unchanged else losses(after[side, seed], number)
        return {"general_english": {"before": BEFORE, "after": later, "tokens": TOKENS}}

    return read(store, config, figures, arrays)


def read_agreement(
    store: Store, same: Answers, *, unchanged: Sequence[Side] = (), config: ComparisonConfig
) -> ForgottenEvidence:
    def figures(side: Side, seed: int) -> dict[str, Any]:
        answers = np.asarray(same[side, seed])
        return {
            "source_agreement": float(answers.mean()),
            "source_examples": len(answers),
            "source_unchanged": side in unchanged,
        }

    return read(store, config, figures, lambda side, seed: {"source_agreement": {"same": np.asarray(same[side, seed])}})


def test_words_before_and_after_with_the_verdicts_own_interval(store: Store) -> None:
    found = read_words(store, {("left", 0): 100.0, ("right", 0): 200.0}, unchanged=("left",))
    (measure,) = found.to_dict()["measures"]
    assert (measure["measured"], measure["examples"], measure["unit"]) == ("general_english", 90, "texts")
    expected = compare_perplexities(BEFORE[None], losses(200.0, 10)[None], TOKENS, resamples=4_000)
    right = measure["sides"]["right"]
    assert (right["before"], right["after"], right["unchanged"]) == (100.0, 200.0, False)
    assert right["change"] == pytest.approx(1.0)
    assert right["ci95"] == pytest.approx(list(expected.ci95))
    assert right["ci95"][0] < 1.0 < right["ci95"][1]
    assert measure["sides"]["left"] == {
        "before": 100.0,
        "after": 100.0,
        "change": 0.0,
        "ci95": [0.0, 0.0],
        "unchanged": True,
    }
    assert measure["forgot_more"] == "right"
    assert found.sentence.startswith(
        "Perplexity on general English (90 texts), lower is better: linear probe 100.0 as before, since its backbone "
        "is bit for bit the pretrained one; full fine-tuning 100.0 → 200.0 (+100 %, 95 % interval +"
    )
    assert found.sentence.endswith("Full fine-tuning forgot more of it (p < 0.001).")


def test_what_may_be_chance_is_said_to_be(store: Store) -> None:
    found = read_words(store, {("left", 0): 100.1, ("right", 0): 100.3})
    assert found.measures[0].forgot_more == "tie"
    assert found.sentence.count("which may be chance") == 2
    assert found.sentence.endswith("Which of them forgot more is too close to call.")


def test_several_seeds_are_about_the_methods(store: Store) -> None:
    config = replace(WORDS, seeds=3)
    after = {(side, seed): {"left": 110.0, "right": 200.0}[side] * 1.05**seed for side in SIDES for seed in range(3)}
    found = read_words(store, after, config=config)
    change = found.measures[0].changes["right"]
    assert change is not None
    assert change.after == pytest.approx(200.0 * 1.05)  # the geometric mean is the middle one's
    assert "(90 texts, means of 3 seeds)" in found.sentence
    assert found.measures[0].forgot_more == "right"


def test_agreement_has_wilsons_interval(store: Store, digits_config: ComparisonConfig) -> None:
    """Newcombe 1998, Statistics in Medicine 17, 857-872, table I: 81 of 263 give 0.2553 to 0.3662."""
    same = np.arange(263) < 81
    found = read_agreement(
        store, {("left", 0): np.ones(263, bool), ("right", 0): same}, unchanged=("left",), config=digits_config
    )
    right = found.to_dict()["measures"][0]["sides"]["right"]
    assert [round(1 + end, 4) for end in right["ci95"]] == [0.2553, 0.3662]
    assert (right["before"], right["after"]) == (1.0, pytest.approx(81 / 263))
    assert found.sentence == (
        "On 263 test images the pretrained head gives the same source class as before: linear probe 100.0 %, "
        "since its backbone is bit for bit the pretrained one; full fine-tuning 30.8 % (95 % interval 25.5 to 36.6 %). "
        "This is agreement, a proxy: it needs no true answers. Only full fine-tuning moved from it."
    )


def test_agreement_over_seeds(store: Store, digits_config: ComparisonConfig) -> None:
    rng = np.random.default_rng(0)
    same = {(side, seed): rng.random(200) < 0.6 for side in SIDES for seed in range(4)}
    found = read_agreement(store, same, config=replace(digits_config, seeds=4))
    measure = found.measures[0]
    assert measure.forgot_more == "tie"
    for side in SIDES:
        change = measure.changes[side]
        assert change is not None
        assert change.ci95 is not None
        assert change.after == pytest.approx(np.mean([same[side, seed].mean() for seed in range(4)]))
        assert change.ci95[0] < change.change < change.ci95[1]


def test_no_interval_of_an_agreement_says_more_than_all(store: Store, digits_config: ComparisonConfig) -> None:
    shares = {0: 0.40, 1: 0.60}
    same = {(side, seed): np.arange(200) < 200 * share for side in SIDES for seed, share in shares.items()}
    found = read_agreement(store, same, config=replace(digits_config, seeds=2))
    assert "linear probe 50.0 % (95 % interval 0.0 to 100.0 %)" in found.sentence
    for side in SIDES:
        change = found.measures[0].changes[side]
        assert change is not None
        assert change.ci95 == (-1.0, 0.0)


def test_who_alone_can_move_needs_no_test(store: Store, digits_config: ComparisonConfig) -> None:
    same = {("left", seed): np.ones(200, bool) for seed in range(2)}
    same |= {("right", seed): np.arange(200) < 80 + 40 * seed for seed in range(2)}
    found = read_agreement(store, same, unchanged=("left",), config=replace(digits_config, seeds=2))
    assert found.measures[0].forgot_more == "right"
    assert found.sentence.endswith("Only full fine-tuning moved from it.")


def test_true_accuracy_where_the_source_data_was_given(store: Store, digits_config: ComparisonConfig) -> None:
    before = np.arange(400) < 340
    after = np.arange(400) < 240

    def figures(side: Side, _seed: int) -> dict[str, Any]:
        last = before if side == "left" else after
        return {
            "heldout_accuracy_before": before.mean(),
            "heldout_accuracy_after": last.mean(),
            "heldout_examples": 400,
            "source_unchanged": side == "left",
        }

    def arrays(side: Side, _seed: int) -> Arrays:
        return {"heldout_source": {"before": before, "after": before if side == "left" else after}}

    found = read(store, digits_config, figures, arrays)
    change = found.measures[0].changes["right"]
    assert change is not None
    assert change.ci95 == pytest.approx(tango_interval(0, 100, 400))
    assert "True accuracy on 400 held-out Omniglot drawings: linear probe 85.0 % as before" in found.sentence
    assert "full fine-tuning 85.0 % → 60.0 % (−25.0 points, 95 % interval −29." in found.sentence


def test_the_same_run_twice_forgot_the_same(store: Store) -> None:
    def figures(_side: Side, _seed: int) -> dict[str, Any]:
        return {"source_perplexity_before": 100.0, "source_perplexity_after": 120.0}

    def arrays(_side: Side, _seed: int) -> Arrays:
        return {"general_english": {"before": BEFORE, "after": losses(120.0, 1), "tokens": TOKENS}}

    assert read(store, WORDS, figures, arrays).sentence.endswith("Both forgot the same.")


def test_what_a_control_never_knew_it_did_not_forget(store: Store) -> None:
    config = replace(WORDS, task="language_modeling", right=VariantConfig(method="from_scratch"))
    found = read_words(store, {("left", 0): 120.0, ("right", 0): 2_900.0}, config=config)
    assert found.measures[0].changes["right"] is None
    assert found.to_dict()["measures"][0]["difference"] is None
    assert "2,900" not in found.sentence
    assert found.sentence.endswith("From scratch starts from random weights: there is nothing to forget.")


@pytest.mark.parametrize("control", ["from_scratch", "random_features"])
def test_a_control_has_nothing_to_forget(store: Store, control: str) -> None:
    config = replace(WORDS, right=VariantConfig(method=control))

    def figures(side: Side, _seed: int) -> dict[str, Any]:
        return {} if side == "right" else {"source_perplexity_before": 100.0, "source_perplexity_after": 120.0}

    found = read(store, config, figures, lambda *_: {})
    assert found.controls == ("right",)
    assert "not measured" not in found.sentence
    assert found.sentence.endswith("starts from random weights: there is nothing to forget.")
    assert "100.0 → 120.0 (+20.0 %)" in found.sentence, "without single losses there is no interval"
    assert found.measures[0].gap is None


def test_two_controls_and_nothing_else(store: Store, digits_config: ComparisonConfig) -> None:
    sides = {
        side: VariantConfig(method=method)
        for side, method in zip(SIDES, ("from_scratch", "random_features"), strict=True)
    }
    found = read(store, replace(digits_config, **sides), lambda *_: {}, lambda *_: {})
    assert found.measures == ()
    assert "start from random weights: there is nothing to forget." in found.sentence


def test_old_comparisons_have_none(store: Store, digits_config: ComparisonConfig) -> None:
    assert read_forgotten(read_observed(store, finish_observed(store, digits_config))) is None


def test_what_was_damaged_loses_its_interval_alone(store: Store) -> None:
    after = {("left", 0): 120.0, ("right", 0): 130.0}
    comparison_id = finish_observed(
        store,
        WORDS,
        figures=lambda side, seed: {"source_perplexity_before": 100.0, "source_perplexity_after": after[side, seed]},
        arrays=lambda side, seed: {
            "general_english": {"before": BEFORE, "after": losses(after[side, seed], 1), "tokens": TOKENS}
        },
    )
    (store.run_folder(store.comparison(comparison_id).run("left").id) / "general_english.npz").write_bytes(b"no")
    found = read_forgotten(read_observed(store, comparison_id))
    assert found is not None
    left, right = (found.measures[0].changes[side] for side in SIDES)
    assert left is not None
    assert right is not None
    assert (left.ci95 is None, right.ci95 is None) == (True, False)


@pytest.mark.parametrize("after", [math.inf, math.nan])
def test_what_is_beyond_all_numbers_is_not_known(store: Store, after: float) -> None:
    comparison_id = finish_observed(
        store,
        WORDS,
        figures=lambda side, _: {
            "source_perplexity_before": 90.0,
            "source_perplexity_after": after if side == "right" else 95.0,
            "source_texts": 30,
        },
    )
    found = read_forgotten(read_observed(store, comparison_id))
    assert found is not None
    (measure,) = found.measures
    assert measure.changes["right"] is None
    assert measure.changes["left"] is not None
    assert "inf" not in found.sentence
    assert "nan" not in found.sentence
    assert forgotten_drawing(found)
