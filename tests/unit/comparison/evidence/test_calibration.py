"""Calibration: read from stored answers, said in words, drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.calibration import CalibrationEvidence, read_calibration
from tlvsft.config import ComparisonConfig, Side
from tlvsft.evaluation.calibration import compare_calibration
from tlvsft.report.evidence.calibration import calibration_drawing
from tlvsft.runs.artifacts import save_predictions
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
EXAMPLES = 400


@pytest.fixture
def record_confidences(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> Callable[..., CalibrationEvidence]:
    """Records answers between two classes: sides are surer than right by so much."""

    def record(*, left: float, right: float, seeds: int = 1) -> CalibrationEvidence:
        config = replace(digits_config, seeds=seeds)
        surer: dict[Side, float] = {"left": left, "right": right}
        answers = {(side, seed): [True] * EXAMPLES for side in surer for seed in config.all_seeds()}
        comparison_id = record_comparison(config, answers)
        for number, run in enumerate(store.comparison(comparison_id).runs):
            rng = np.random.default_rng(60 + number)
            confidences = rng.uniform(0.55, 0.95, EXAMPLES)
            labels = (rng.random(EXAMPLES) >= confidences - surer[run.side]).astype(int)
            probabilities = np.stack([confidences, 1 - confidences], axis=1)
            save_predictions(store.run_folder(run.id), labels=labels, probabilities=probabilities)
        found = read_calibration(read_observed(store, comparison_id))
        assert found is not None
        return found

    return record


def test_who_is_overconfident_is_said_and_who_can_be_trusted_more(
    record_confidences: Callable[..., CalibrationEvidence],
) -> None:
    found = record_confidences(left=0.0, right=0.3)
    assert found.sides["left"].is_calibrated
    assert "Linear probe is 7" in found.sentence
    assert "is not more than chance would show" in found.sentence
    assert "it is overconfident, and its calibration error" in found.sentence
    assert "The confidence of linear probe can be trusted more: its error is" in found.sentence


def test_underconfidence_has_its_own_word(record_confidences: Callable[..., CalibrationEvidence]) -> None:
    found = record_confidences(left=-0.2, right=0.0)
    assert "it is underconfident" in found.sentence
    assert "overconfident" not in found.sentence
    assert "The confidence of full fine-tuning can be trusted more" in found.sentence


def test_two_that_err_alike_are_too_close_to_call(record_confidences: Callable[..., CalibrationEvidence]) -> None:
    found = record_confidences(left=0.3, right=0.3)
    assert "Whose confidence can be trusted more is too close to call" in found.sentence


def test_two_that_are_calibrated_are_not_compared(record_confidences: Callable[..., CalibrationEvidence]) -> None:
    found = record_confidences(left=0.0, right=0.0)
    assert found.sentence.endswith("Both can be taken at their word, as far as this many test examples can tell.")


def test_one_that_leans_isnt_taken_at_its_word_though_its_error_may_be_chance(
    record_confidences: Callable[..., CalibrationEvidence],
) -> None:
    found = record_confidences(left=0.0, right=0.055)
    right = found.sides["right"]
    assert right.is_calibrated
    assert right.leans
    low, high = (100 * end for end in right.overconfidence_ci95)
    assert (
        f"it is overconfident by {100 * right.overconfidence:.1f} points (95 % interval {low:.1f} to {high:.1f}), "
        f"though its calibration error, {100 * right.error:.1f} %, is not more than chance would show (up to"
    ) in found.sentence
    assert "taken at their word" not in found.sentence


def test_the_same_run_twice_errs_the_same(record_confidences: Callable[..., CalibrationEvidence]) -> None:
    found = record_confidences(left=0.3, right=0.3)
    twice = replace(found, difference=compare_calibration(*[(np.full((1, 9), 0.9), np.arange(9)[None] < 5)] * 2))
    assert twice.sentence.endswith("Their errors are the same.")


def test_the_json_has_bins_intervals_and_chance(record_confidences: Callable[..., CalibrationEvidence]) -> None:
    evidence = record_confidences(left=0.0, right=0.3, seeds=2)
    described = json.loads(json.dumps(evidence.to_dict(), allow_nan=False))
    assert (described["seeds"], described["examples"]) == (2, EXAMPLES)
    assert evidence.sentence.endswith("This is about these 4 trained models, not about other seeds.")
    assert len(described["left"]["bins"]) == 10
    assert sum(part["count"] for part in described["left"]["bins"]) == 2 * EXAMPLES
    assert described["left"]["bins"][0]["confidence"] is None
    assert len(described["right"]["errors"]) == 2
    assert described["right"]["error"] == pytest.approx(sum(described["right"]["errors"]) / 2)
    assert described["difference"]["ci95"][0] > 0


def test_words_have_no_confidence_to_trust(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    comparison_id = record_comparison(digits_config, {("left", 0): [True], ("right", 0): [True]})
    observed = read_observed(store, comparison_id)
    words = replace(observed.comparison, config=replace(observed.config, task="language_modeling"))
    assert read_calibration(replace(observed, comparison=words)) is None


def test_the_drawing_has_a_mark_and_a_bar_for_each_bin_and_the_numbers(
    record_confidences: Callable[..., CalibrationEvidence],
) -> None:
    found = record_confidences(left=0.0, right=0.3, seeds=2)
    drawn = calibration_drawing(found)
    filled = {side: [part for part in found.sides[side].bins if part.count] for side in ("left", "right")}
    assert drawn.count("<circle") == len(filled["left"]) == 5
    assert drawn.count('<path class="mark"') == len(filled["right"])
    assert drawn.count('class="count-bar"') == 10
    assert 'class="diagonal"' in drawn
    assert f"{filled['left'][0].count:,} answers" in drawn
    assert "each seed&#x27;s error in small" in drawn
    assert f"{100 * found.sides['right'].error:.1f} %" in drawn
