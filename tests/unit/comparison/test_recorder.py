"""A finished comparison becomes a small file that says what happened when, on which machine, and who was better."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from tlvsft.comparison.recorder import highs_and_lows, make_recording, thin_out, this_machine, timed_events
from tlvsft.comparison.recording_reader import read_recording
from tlvsft.comparison.recordings import RECORDING_BYTES, RecordedEvent, write_recording
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import Evaluated, Noted, StepTaken
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False] * 20, ("right", 0): [True] * 39 + [False]}


def step(number: int, loss: float = 1.0) -> StepTaken:
    return StepTaken(step=number, epoch=1.0, elapsed_s=number / 10, train_loss=loss, examples=number)


def steps(losses: list[float]) -> list[RecordedEvent]:
    return timed_events(step(number, loss) for number, loss in enumerate(losses, start=1))


def test_a_recording_has_all_events_with_their_times_and_the_verdict(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    comparison_id = record_comparison(digits_config, ANSWERS)
    recording = make_recording(store, comparison_id)
    assert read_recording(write_recording(recording)) == recording
    assert recording.config == digits_config
    assert recording.machine == this_machine()
    assert recording.verdict.winner == "right"
    left = recording.runs[0]
    kinds = [event.kind for event in left.events]
    assert kinds == ["RunStarted", "Noted", "StepTaken", "StepTaken", "Evaluated", "RunFinished"]
    assert [event.at_s for event in left.events] == [0.0, 0.0, 0.5, 0.9, 1.0, 1.0]
    evaluated = left.events[4].event()
    assert isinstance(evaluated, Evaluated)
    assert math.isinf(evaluated.val_loss)  # which JSON doesn't know


def test_a_few_test_examples_of_each_outcome_come_along(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    recording = make_recording(store, record_comparison(digits_config, ANSWERS))
    outcomes = [(item.left == item.truth, item.right == item.truth) for item in recording.examples]
    assert outcomes == [(False, True)] * 2 + [(True, True)] * 3  # five examples were stored
    assert recording.examples[0].text == "text 1"


def test_what_has_not_finished_is_no_recording(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(digits_config, owner=None)
    with pytest.raises(InvalidInput, match="must finish first"):
        make_recording(store, comparison_id)


def test_events_without_a_time_came_right_after_the_one_before() -> None:
    events = timed_events([Noted(message="a"), step(3), Noted(message="b")])
    assert [event.at_s for event in events] == [0.0, 0.3, 0.3]


def test_a_long_run_is_thinned_out_and_keeps_its_peaks(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    losses = [1 + place % 7 / 10 for place in range(6_000)]
    losses[4_321] = 99.0
    kept = thin_out(steps(losses), most=400)
    shown = [event.fields["train_loss"] for event in kept]
    assert len(kept) <= 400
    assert max(shown) == 99.0
    assert (kept[0].fields["step"], kept[-1].fields["step"]) == (1, 6_000)
    evaluated = Evaluated(step=1, epoch=1.0, elapsed_s=1.0, val_loss=1.0, val_accuracy=0.5, examples=1)
    both = thin_out([*steps(losses[:10]), *timed_events([evaluated] * 90)], most=20)
    assert [event.kind for event in both].count("Evaluated") <= 21


@pytest.mark.parametrize("count", [0, 1, 4, 5, 19, 20, 21, 1_000])
def test_highs_and_lows_are_few_and_in_order(count: int) -> None:
    heights = [None if place % 5 == 0 else float(place % 13) for place in range(count)]
    kept = highs_and_lows(heights, most=20)
    assert kept == sorted(set(kept))
    assert len(kept) <= 20
    assert not count or (kept[0], kept[-1]) == (0, count - 1)


def test_a_file_is_never_larger_than_allowed(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    config = replace(digits_config, seeds=6)
    comparison_id = record_comparison(config, {(side, seed): [True] for side in ("left", "right") for seed in range(6)})
    for run in store.comparison(comparison_id).runs:
        finish = store.events(run.id)[-1][1]
        store.append_events(run.id, [*(step(number, loss=1 / number) for number in range(3, 900)), finish])
    written = write_recording(make_recording(store, comparison_id))
    assert len(written.encode()) <= RECORDING_BYTES
    assert len(json.loads(written)["runs"]) == 12
