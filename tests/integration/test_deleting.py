"""Deleting with real worker processes: while something runs, in chains, by two owners, beside a resident predictor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conditions import wait_until
from tests.integration.test_runs_chains import CLASSES, WORDS
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.deleting import count_descendants, delete_comparisons
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store

ENDLESS = 100_000


def config(*, steps: int = 3) -> ComparisonConfig:
    return ComparisonConfig(backbone="well", dataset=DatasetConfig(name="d"), labels=steps)


def test_what_trains_is_stopped_first_and_the_other_owner_is_left_alone(store: Store, scheduler: Scheduler) -> None:
    theirs = scheduler.submit(config(), owner="you")
    wait_until(lambda: store.comparison(theirs).is_over)
    running = scheduler.submit(config(steps=ENDLESS), owner="me")
    runs = store.comparison(running).runs
    wait_until(lambda: all(store.events(run.id) for run in runs))
    with pytest.raises(InvalidInput, match="stop it first"):
        delete_comparisons(store, [running], viewer="me")
    with pytest.raises(InvalidInput, match="There is no comparison"):
        delete_comparisons(store, [theirs], viewer="me")
    scheduler.stop(running, viewer="me")
    wait_until(lambda: store.comparison(running).is_over)
    assert all((store.run_folder(run.id) / "weights.safetensors").exists() for run in runs)
    delete_comparisons(store, [running], viewer="me")
    assert not any(store.run_folder(run.id).exists() for run in runs)
    assert not any(store.events(run.id) for run in runs)
    assert store.comparison(theirs).is_finished
    again = scheduler.submit(config(), owner="me")  # the queue goes on
    wait_until(lambda: store.comparison(again).is_finished)


def test_the_start_of_a_chain_goes_when_the_chain_is_over_and_takes_nothing_along(
    store: Store, scheduler: Scheduler
) -> None:
    first, second = scheduler.submit_chain([WORDS, replace(CLASSES, labels=ENDLESS)], owner="me")
    wait_until(lambda: store.comparison(first).is_finished)
    with pytest.raises(InvalidInput, match="is on its way"):
        delete_comparisons(store, [first], viewer="me")
    wait_until(lambda: all(store.events(run.id) for run in store.comparison(second).runs))
    scheduler.stop(second, viewer="me")
    wait_until(lambda: store.comparison(second).is_over)
    assert count_descendants(store, first) == 1
    delete_comparisons(store, [first], viewer="me")
    assert store.comparison(second).state == "stopped"
    assert all((store.run_folder(run.id) / "weights.safetensors").exists() for run in store.comparison(second).runs)
    with pytest.raises(InvalidInput, match="There is no comparison"):
        scheduler.submit(store.comparison(second).config, owner="me")  # it can't be run again from there
