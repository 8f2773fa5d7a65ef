from __future__ import annotations

import os
import time

from tlvsft.config import ComparisonConfig
from tlvsft.events import RunStopped, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.reaper import INTERRUPTED_MESSAGE, STALE_AFTER_S, mark_interrupted
from tlvsft.runs.store import Store
from tlvsft.runs.waiting import WaitingLine

DEAD = ProcessIdentity(os.getpid(), "an earlier start")
LONG_AGO = time.time() - STALE_AFTER_S - 60


def begin(store: Store, config: ComparisonConfig, process: ProcessIdentity, *, heartbeat_at: float | None) -> str:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    store.begin_run(run_id, process)
    if heartbeat_at is not None:
        with store.database.writing() as connection:
            connection.execute("UPDATE runs SET heartbeat_at = ? WHERE id = ?", (heartbeat_at, run_id))
    return run_id


def test_silent_and_dead_is_interrupted(store: Store, config: ComparisonConfig) -> None:
    run_id = begin(store, config, DEAD, heartbeat_at=LONG_AGO)
    store.append_event(run_id, StepTaken(step=3, epoch=1.0, elapsed_s=2.0, train_loss=1.0, examples=30))
    assert mark_interrupted(store.database) == [run_id]
    run = store.run(run_id)
    assert (run.state, run.message) == ("interrupted", INTERRUPTED_MESSAGE)
    assert store.events(run_id)[-1] == (2, RunStopped(step=3, elapsed_s=2.0))
    assert mark_interrupted(store.database) == []


def test_silent_but_alive_is_merely_slow(store: Store, config: ComparisonConfig) -> None:
    run_id = begin(store, config, ProcessIdentity.own(), heartbeat_at=LONG_AGO)
    assert mark_interrupted(store.database) == []
    assert store.run(run_id).state == "running"


def test_dead_but_heard_of_just_now_is_left_to_its_scheduler(store: Store, config: ComparisonConfig) -> None:
    run_id = begin(store, config, DEAD, heartbeat_at=None)
    assert mark_interrupted(store.database) == []
    assert store.run(run_id).state == "running"


def test_queued_runs_go_with_their_dead_server(store: Store, two_seeds: ComparisonConfig) -> None:
    line = WaitingLine(store.database)
    line.beat()
    comparison_id = store.add_comparison(two_seeds, owner=None, server_id=line.server_id)
    with store.database.writing() as connection:
        connection.execute("UPDATE servers SET beat_at = ?", (LONG_AGO,))
    assert mark_interrupted(store.database) == []
    with store.database.writing() as connection:
        connection.execute("UPDATE servers SET process_start = 'an earlier start'")
    assert len(mark_interrupted(store.database)) == 4
    assert {run.state for run in store.comparison(comparison_id).runs} == {"interrupted"}


def test_opening_a_list_marks_them_too(store: Store, config: ComparisonConfig) -> None:
    begin(store, config, DEAD, heartbeat_at=LONG_AGO)
    (record,) = store.comparisons(owner=None)
    assert record.run("left").state == "interrupted"
    assert record.run("right").state == "queued"
