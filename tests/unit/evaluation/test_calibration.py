"""Reliability curves and calibration errors, against values worked out by hand and scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from tlvsft.evaluation import calibration
from tlvsft.evaluation.calibration import (
    BINS,
    basic_interval,
    calibration_error,
    compare_calibration,
    measure_calibration,
    read_confidences,
    reliability_curve,
)

SURE = np.array([0.95, 0.95, 0.75, 0.75, 0.75, 0.75, 0.35, 0.31])
RIGHT = np.array([True, True, True, True, True, False, False, True])
"""Gaps by hand: 0.9-1.0: 0.95 - 1; 0.7-0.8: 0.75 - 0.75; 0.3-0.4: 0.33 - 0.5. Weighted: (2 · 0.05 + 2 · 0.17) / 8."""


def _answers(examples: int, overconfidence: float, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidences = rng.uniform(0.5, 1.0, examples)
    return confidences[None], (rng.random(examples) < confidences - overconfidence)[None]


def test_the_error_by_hand() -> None:
    assert calibration_error(SURE, RIGHT) == pytest.approx(0.055)


def test_the_curve_by_hand() -> None:
    curve = reliability_curve(SURE, RIGHT)
    assert len(curve) == BINS == 10
    assert [part.count for part in curve] == [0, 0, 0, 2, 0, 0, 0, 4, 0, 2]
    assert (curve[3].low, curve[3].high) == pytest.approx((0.3, 0.4))
    assert curve[3].confidence == pytest.approx(0.33)
    assert curve[3].accuracy == 0.5
    assert curve[7].ci95 == pytest.approx((0.3006, 0.9544), abs=1e-4)  # Wilson's, of 3 in 4
    assert (curve[0].confidence, curve[0].accuracy, curve[0].ci95) == (None, None, None)


def test_an_edge_belongs_to_the_bin_below_and_certainty_to_the_last() -> None:
    curve = reliability_curve(np.array([0.5, 1.0]), np.array([True, True]))
    assert curve[4].count == 1
    assert curve[9].count == 1


def test_the_curve_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    confidences = rng.uniform(0.1, 1, 500)
    correct = rng.random(500) < confidences**2
    accuracies, means = calibration_curve(correct, confidences, n_bins=BINS, strategy="uniform")
    filled = [part for part in reliability_curve(confidences, correct) if part.count]
    np.testing.assert_allclose([part.accuracy for part in filled], accuracies)
    np.testing.assert_allclose([part.confidence for part in filled], means)
    weights = np.array([part.count for part in filled]) / 500
    assert calibration_error(confidences, correct) == pytest.approx(float(weights @ np.abs(accuracies - means)))


def test_confidence_is_the_probability_of_the_answer() -> None:
    probabilities = np.array([[0.2, 0.8], [0.6, 0.4], [np.float32(1.0000001), 0.0]], dtype=np.float32)
    confidences, correct = read_confidences(probabilities, np.array([1, 1, 0]))
    assert confidences == pytest.approx([0.8, 0.6, 1.0])
    assert confidences.max() <= 1
    assert correct.tolist() == [True, False, True]


def test_of_a_calibrated_model_chance_explains_the_error() -> None:
    found = measure_calibration(*_answers(400, 0.0))
    assert found.error > 0.01
    assert found.is_calibrated
    assert found.ci95[0] == 0
    assert found.error <= found.chance_most
    assert found.overconfidence_ci95[0] < 0 < found.overconfidence_ci95[1]


def test_overconfidence_is_found() -> None:
    found = measure_calibration(*_answers(400, 0.2))
    assert not found.is_calibrated
    assert found.p_value < 0.001
    assert found.overconfidence == pytest.approx(found.confidence - found.accuracy)
    assert found.overconfidence_ci95[0] < 0.2 < found.overconfidence_ci95[1]
    assert found.ci95[0] < 0.2 < found.ci95[1]
    assert found.error > found.chance_most > found.chance


def test_what_chance_shows_can_be_worked_out() -> None:
    """Confidence 0.5 in one bin: the error is |right / n - 0.5|, whose mean is that of a folded binomial."""
    examples = 100
    found = measure_calibration(np.full((1, examples), 0.5), np.arange(examples)[None] % 2 == 0)
    assert found.error == 0
    assert found.p_value == 1
    assert found.chance == pytest.approx(np.sqrt(2 / np.pi) * 0.5 / np.sqrt(examples), rel=0.06)
    assert found.chance_most == pytest.approx(0.0980, abs=0.011)  # 1.96 standard deviations of 0.05


def test_false_alarms_are_as_rare_as_promised() -> None:
    alarms = [not measure_calibration(*_answers(120, 0.0, seed=seed)).is_calibrated for seed in range(60)]
    assert sum(alarms) <= 8  # 3 expected; more than 8 come out once in 300 times


def test_several_runs_are_measured_one_by_one() -> None:
    confidences = np.stack([SURE, np.ones(8)])
    correct = np.stack([RIGHT, RIGHT])
    found = measure_calibration(confidences, correct)
    assert found.errors == pytest.approx((0.055, 0.25))
    assert found.error == pytest.approx((0.055 + 0.25) / 2)
    assert sum(part.count for part in found.bins) == 16
    assert found.bins[9].count == 10
    assert found.bins[9].ci95 == reliability_curve(np.full(5, 0.95), np.arange(5) < 4)[9].ci95  # 8 of 10, by two runs


def test_runs_that_agree_are_no_more_evidence_than_one() -> None:
    confidences, correct = _answers(200, 0.0)
    one = measure_calibration(confidences, correct)
    three = measure_calibration(np.repeat(confidences, 3, axis=0), np.repeat(correct, 3, axis=0))
    assert three.chance_most == pytest.approx(one.chance_most)
    assert three.p_value == one.p_value
    assert three.ci95 == pytest.approx(one.ci95)


def test_sides_are_told_apart_where_one_is_overconfident_and_not_where_they_are_alike() -> None:
    good, bad = _answers(400, 0.0), _answers(400, 0.2, seed=1)
    found = compare_calibration(good, bad)
    errors = [calibration_error(side[0][0], side[1][0]) for side in (good, bad)]
    assert found.difference == pytest.approx(errors[1] - errors[0])
    assert found.p_value < 0.01
    assert found.ci95[0] > 0.05
    alike = compare_calibration(good, _answers(400, 0.0, seed=2))
    assert alike.p_value > 0.05
    assert alike.ci95[0] < 0 < alike.ci95[1]
    assert compare_calibration(good, good).p_value == 1


def test_no_answers_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        measure_calibration(np.zeros((1, 0)), np.zeros((1, 0), dtype=bool))


@pytest.mark.parametrize(("answers", "resamples"), [(360, 1000), (20_000, 1000), (40_000, 500), (10**7, 200)])
def test_more_answers_are_drawn_less_often(answers: int, resamples: int) -> None:
    assert calibration.count_resamples(answers) == resamples


def test_of_very_many_answers_only_so_many_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "_MOST_ANSWERS_DRAWN", 300 * 1000)
    confidences = np.full((2, 500), 0.75)
    found = calibration.measure_calibration(confidences, np.zeros((2, 500), dtype=bool))
    assert found.p_value == pytest.approx(1 / 301)


def test_the_basic_interval_is_mirrored_at_the_value_and_never_negative() -> None:
    """Draws from 0 to 0.2: the percentile interval is 0.005 to 0.195, so the basic one 2 · 0.12 minus its ends."""
    drawn = np.linspace(0, 0.2, 2_001)
    assert basic_interval(0.12, drawn) == pytest.approx((0.045, 0.235))
    assert basic_interval(0.05, drawn) == pytest.approx((0.0, 0.095))
