"""How far everything is and how long it will take, at each stage of a comparison with one seed and with several."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.ui.test_panels import FINISHED, STARTED
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import Evaluated, Event, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.ui.feed import Feed
from tlvsft.ui.live_panels import SideProgress, current_runs, progress_row
from tlvsft.ui.pace import comparison_left_s, run_left_s

UNTOUCHED = Evaluated(step=0, epoch=0, elapsed_s=1.0, val_loss=2.0, val_accuracy=0.1, examples=0)


def stepped(step: int, *, elapsed_s: float) -> StepTaken:
    return StepTaken(step=step, epoch=1.0, elapsed_s=elapsed_s, train_loss=1.0, examples=10 * step)


class Paper:
    """A comparison that trains on paper."""

    def __init__(self, store: Store, config: ComparisonConfig, *, owner: str = "me") -> None:
        self.store, self.id = store, store.add_comparison(config, owner=owner)

    def begin(self, side: Side, *events: Event, seed: int = 0) -> str:
        run = f"{self.id}-{side}-{seed}"
        self.store.begin_run(run, ProcessIdentity.own())
        self.store.append_events(run, events)
        return run

    def finish(self, side: Side, *, seed: int, elapsed_s: float) -> None:
        run = self.begin(side, STARTED, UNTOUCHED, stepped(40, elapsed_s=elapsed_s), seed=seed)
        self.store.end_run(run, "finished", event=replace(FINISHED, elapsed_s=elapsed_s))

    def look(self) -> dict[Side, SideProgress]:
        comparison, feed = self.store.comparison(self.id), Feed(self.store)
        return current_runs(comparison, {run.id: feed.progress(run.id) for run in comparison.runs})

    def words(self, side: Side = "left") -> str:
        return progress_row(self.look()[side], self.store.comparison(self.id)).words

    def done(self, side: Side = "left") -> int:
        return progress_row(self.look()[side], self.store.comparison(self.id)).done


@pytest.fixture
def one(store: Store, digits_config: ComparisonConfig) -> Paper:
    return Paper(store, digits_config)


@pytest.fixture
def four(store: Store, digits_config: ComparisonConfig) -> Paper:
    return Paper(store, replace(digits_config, seeds=4))


def test_each_stage_says_where_it_is(one: Paper) -> None:
    assert (one.words(), one.done()) == ("waiting", 0)
    run = one.begin("left")
    assert one.words().startswith("starting · ")
    one.store.append_events(run, [STARTED, UNTOUCHED, stepped(2, elapsed_s=2.0)])
    assert one.words().startswith("step 2 of 40 · ")
    assert "left" not in one.words()  # two steps have no pace yet
    one.store.append_event(run, stepped(10, elapsed_s=6.0))
    assert one.words().endswith(" · about 15 s left")
    assert one.done() == 25
    one.store.append_event(run, stepped(40, elapsed_s=21.0))
    assert one.words().startswith("testing · ")
    assert "left" not in one.words()
    one.store.end_run(run, "finished", event=replace(FINISHED, elapsed_s=22.0))
    assert (one.words(), one.done()) == ("done in 22.0 s", 100)


def test_a_stopped_run_says_how_far_it_came(one: Paper) -> None:
    run = one.begin("left", STARTED, UNTOUCHED, stepped(10, elapsed_s=6.0))
    one.store.request_stop(one.id)
    one.store.end_run(run, "stopped")
    assert one.words().startswith("stopped after 10 of 40 steps · ")
    assert one.done() == 25
    assert (one.words("right"), one.done("right")) == ("stopped before it began", 0)


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_what_ended_before_a_step_says_when(one: Paper, state: Any) -> None:
    one.store.end_run(one.begin("left"), state)
    assert one.words().startswith(f"{state} after ")


def test_several_seeds_count_as_one_way(four: Paper) -> None:
    assert four.words() == "seed 0 (1 of 4) · waiting"
    for side in SIDES:
        four.begin(side, STARTED, UNTOUCHED, stepped(20, elapsed_s=11.0))
    assert "seed 0 (1 of 4) · step 20 of 40" in four.words()
    assert "about 10 s left · all seeds: about " in four.words()
    assert four.done() == 12


def test_the_slower_side_says_when_all_seeds_are_done(four: Paper) -> None:
    four.finish("left", seed=0, elapsed_s=5.0)
    four.finish("right", seed=0, elapsed_s=30.0)
    four.begin("left", STARTED, UNTOUCHED, stepped(20, elapsed_s=3.0), seed=1)  # 2 s left
    four.begin("right", STARTED, UNTOUCHED, stepped(20, elapsed_s=11.0), seed=1)  # 10 s left, then twice 30 s
    assert "all seeds: about 1 min 10 s left" in four.words("left")
    assert "about 2 s left" in four.words("left")
    assert "all seeds: about 1 min 10 s left" in four.words("right")
    assert four.done("right") == 38


def test_who_is_through_with_a_seed_waits_for_the_other(four: Paper) -> None:
    four.finish("left", seed=0, elapsed_s=5.0)
    four.begin("right", STARTED, UNTOUCHED, stepped(20, elapsed_s=11.0))
    assert four.words("left").startswith("seed 1 (2 of 4) · waiting for the other side · all seeds: about ")
    assert four.done("left") == 25


def test_what_a_comparison_of_several_seeds_came_to(four: Paper) -> None:
    for side in SIDES:
        four.finish(side, seed=0, elapsed_s=5.0)
        four.begin(side, STARTED, UNTOUCHED, stepped(20, elapsed_s=3.0), seed=1)
    four.store.request_stop(four.id)
    for side in SIDES:
        four.store.end_run(f"{four.id}-{side}-1", "stopped")
    assert four.words().startswith("seed 1 (2 of 4) · stopped after 20 of 40 steps · ")
    assert four.done() == 38


def test_all_seeds_done(four: Paper) -> None:
    for seed in range(4):
        for side in SIDES:
            four.finish(side, seed=seed, elapsed_s=5.0)
    assert (four.words(), four.done()) == ("4 of 4 seeds done · the last in 5.0 s", 100)
    feed, comparison = Feed(four.store), four.store.comparison(four.id)
    progress = {run.id: feed.progress(run.id) for run in comparison.runs}
    assert comparison_left_s(comparison, progress) is None
    assert run_left_s(progress[f"{four.id}-left-0"]) is None
