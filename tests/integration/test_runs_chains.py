"""Comparisons that start from one another, with real worker processes: what waits, what ends with what."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from tests.conditions import wait_until
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import Descended, RunFinished
from tlvsft.runs.artifacts import load_checkpoint
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store

ENDLESS = 100_000
WORDS = ComparisonConfig(
    backbone="well",
    dataset=DatasetConfig(name="reviews"),
    left=VariantConfig(method="partial"),
    labels=5,
    task="language_modeling",
)
CLASSES = ComparisonConfig(
    backbone="well",
    dataset=DatasetConfig(name="reviews"),
    left=VariantConfig(method="full"),
    right=VariantConfig(method="full", start="previous-left"),
    labels=5,
)


def states(store: Store, comparison_id: str) -> set[str]:
    return {run.state for run in store.comparison(comparison_id).runs}


def wait_until_it_steps(store: Store, comparison_id: str) -> None:
    runs = store.comparison(comparison_id).runs
    wait_until(lambda: all(store.events(run.id) for run in runs))


def test_a_chain_of_two_runs_to_its_end(store: Store, scheduler: Scheduler) -> None:
    first, second = scheduler.submit_chain([replace(WORDS, seeds=2), replace(CLASSES, seeds=2)], owner=None)
    assert (scheduler.queue_place(second) or 0) >= 1
    wait_until(lambda: store.comparison(second).is_over)
    before, after = store.comparison(first), store.comparison(second)
    assert before.is_finished
    assert after.is_finished
    assert max(run.ended_at or 0 for run in before.runs) <= min(run.started_at or 0 for run in after.runs)
    for run in after.runs:
        events = [event for _, event in store.events(run.id)]
        assert isinstance(events[-1], RunFinished)
        learnt = load_checkpoint(store.run_folder(run.id)).changed_tensors["head.weight"]
        if run.side == "left":
            assert not any(isinstance(event, Descended) for event in events)
            assert torch.equal(learnt, torch.ones(2, 2))
            continue
        assert isinstance(events[0], Descended)
        (ancestor,) = events[0].lineage
        assert (ancestor.run_id, ancestor.seed) == (f"{first}-left-{run.seed}", run.seed)
        assert (ancestor.method, ancestor.perplexity, ancestor.test_accuracy) == ("partial", 70.0, None)
        assert torch.equal(learnt, torch.full((2, 2), 2.0))


def test_killing_the_ancestors_worker_fails_the_descendant_clearly(store: Store, scheduler: Scheduler) -> None:
    first, second = scheduler.submit_chain([replace(WORDS, labels=100), CLASSES], owner=None)
    wait_until_it_steps(store, first)
    os.kill(store.run(f"{first}-left-0").pid or 0, signal.SIGKILL)
    wait_until(lambda: store.comparison(second).is_over)
    assert states(store, first) == {"failed", "finished"}
    for run in store.comparison(second).runs:
        assert (run.state, run.invalid_input, run.started_at) == ("failed", True, None)
        assert f"{first}-left-0, which this one starts from, is failed: run that comparison again" in str(run.message)


def test_only_the_side_that_is_started_from_matters(store: Store, scheduler: Scheduler) -> None:
    first, second = scheduler.submit_chain(
        [
            replace(WORDS, backbone="breaks"),
            replace(
                CLASSES,
                backbone="breaks",
                left=VariantConfig(method="linear_probe"),
                right=VariantConfig(method="partial", start="previous-left"),
            ),
        ],
        owner=None,
    )
    wait_until(lambda: store.comparison(second).is_over)
    assert states(store, first) == {"finished", "failed"}
    assert states(store, second) == {"finished"}


@pytest.mark.parametrize("whole_chain", [False, True])
def test_stopping_the_ancestor_stops_what_waits_for_it(store: Store, scheduler: Scheduler, whole_chain: bool) -> None:
    first, second = scheduler.submit_chain([replace(WORDS, labels=ENDLESS), CLASSES], owner=None)
    wait_until_it_steps(store, first)
    scheduler.stop(second if whole_chain else first, whole_chain=whole_chain)
    wait_until(lambda: store.comparison(first).is_over)
    assert states(store, first) == {"stopped"}
    assert states(store, second) == {"stopped"}


def test_a_chain_that_is_interrupted_stays_so_and_is_not_started_from(
    store: Store, make_scheduler: Callable[..., Scheduler]
) -> None:
    server = make_scheduler()
    first, second = server.submit_chain([replace(WORDS, labels=ENDLESS), CLASSES], owner=None)
    wait_until_it_steps(store, first)
    server.close()
    assert states(store, first) | states(store, second) == {"interrupted"}
    again = make_scheduler()
    with pytest.raises(InvalidInput, match=f"{first}-left-0, which this one starts from, is interrupted"):
        again.submit(replace(CLASSES, right=VariantConfig(method="full", start=f"{first}-left")), owner=None)
    after = again.submit(replace(CLASSES, right=VariantConfig(method="full")), owner=None)
    wait_until(lambda: store.comparison(after).is_finished)
    assert states(store, second) == {"interrupted"}
