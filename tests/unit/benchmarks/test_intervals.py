"""The simulations of intervals: what is true in them, that they repeat, and when a promise is broken."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import intervals
from benchmarks.intervals import RESULTS, Row, Trial, answer_examples, draw_luck, list_trials, true_error


def row(count: int, *, is_false: bool = True) -> Row:
    return Row(what="x", setting="y", is_false=is_false, count=count, repeats=400)


@pytest.mark.parametrize(("count", "holds"), [(20, True), (28, True), (40, False)])
def test_a_false_rate_may_be_five_per_cent_within_chance(count: int, *, holds: bool) -> None:
    assert row(count).holds is holds
    assert ("ABOVE" in str(row(count))) is not holds
    assert row(count, is_false=False).holds


def test_the_true_error_is_by_how_much_a_model_is_surer_than_right() -> None:
    assert true_error(surer_by=0.0) == 0.0
    assert true_error(surer_by=0.1) == pytest.approx(0.1, abs=1e-6)


def test_simulated_answers_have_the_accuracy_that_was_asked_for() -> None:
    rng = np.random.default_rng(0)
    correct = answer_examples(rng, 0.94, rng.standard_normal(2_000), draw_luck(rng, 400))
    assert correct.mean() == pytest.approx(0.94, abs=0.01)
    assert np.ptp(correct.mean(axis=1)) > 0.03  # seeds are lucky or not
    assert np.array_equal(draw_luck(rng, 1), np.zeros(1))


def test_a_trial_repeats_and_no_two_share_their_numbers() -> None:
    trial = Trial(what="a", setting="b", draw=lambda rng: bool(rng.random() < 0.5))
    assert trial.run(200) == trial.run(200)
    assert trial.run(200).count != Trial(what="a", setting="c", draw=trial.draw).run(200).count
    names = [(trial.what, trial.setting) for trial in list_trials()]
    assert len(names) == len(set(names))


def test_a_broken_promise_fails_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "intervals.json"
    for always in (True, False):
        trial = Trial(what="a", setting="b", draw=lambda _, answer=always: answer)
        monkeypatch.setattr(intervals, "list_trials", lambda trial=trial: iter([trial]))
        assert intervals.main(["--json", str(target), "--repeats", "50"]) == (1 if always else 0)
        assert json.loads(target.read_text())["holds"] is not always


def test_the_committed_results_are_of_these_trials() -> None:
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["rows"]
    assert [(row["what"], row["setting"]) for row in rows] == [(trial.what, trial.setting) for trial in list_trials()]
