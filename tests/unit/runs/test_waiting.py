from __future__ import annotations

import time

import pytest

from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.runs.waiting import SILENT_AFTER_S, WaitingLine

NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def lines(store: Store) -> tuple[WaitingLine, WaitingLine]:
    both = WaitingLine(store.database), WaitingLine(store.database)
    for line in both:
        line.beat()
    return both


def begin_all(store: Store, comparison_id: str) -> None:
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())


def test_first_come_first_served_over_two_servers(
    store: Store, config: ComparisonConfig, lines: tuple[WaitingLine, WaitingLine]
) -> None:
    ours, theirs = lines
    first = store.add_comparison(config, owner=None, server_id=theirs.server_id)
    second = store.add_comparison(config, owner=None, server_id=ours.server_id)
    third = store.add_comparison(config, owner=None, server_id=theirs.server_id)
    assert [ours.place(comparison_id) for comparison_id in (first, second, third)] == [1, 2, 3]
    assert ours.next_to_start(slots=1, starting=NOBODY) is None
    assert theirs.next_to_start(slots=1, starting=NOBODY) == first
    begin_all(store, first)
    assert [ours.place(comparison_id) for comparison_id in (first, second, third)] == [None, 1, 2]
    assert ours.next_to_start(slots=1, starting=NOBODY) is None
    assert ours.next_to_start(slots=2, starting=NOBODY) == second


def test_a_slot_is_free_again_when_all_runs_are_over(
    store: Store, config: ComparisonConfig, lines: tuple[WaitingLine, WaitingLine]
) -> None:
    ours, _ = lines
    first, second = (store.add_comparison(config, owner=None, server_id=ours.server_id) for _ in range(2))
    begin_all(store, first)
    for side in SIDES:
        assert ours.next_to_start(slots=1, starting=NOBODY) is None
        store.end_run(store.comparison(first).run(side).id, "stopped")
    assert ours.next_to_start(slots=1, starting=NOBODY) == second


def test_what_is_being_started_counts_before_its_workers_report(
    store: Store, config: ComparisonConfig, lines: tuple[WaitingLine, WaitingLine]
) -> None:
    ours, _ = lines
    first, second = (store.add_comparison(config, owner=None, server_id=ours.server_id) for _ in range(2))
    assert ours.next_to_start(slots=1, starting=frozenset({first})) is None
    assert ours.next_to_start(slots=2, starting=frozenset({first})) == second


def test_a_stopped_comparison_leaves_the_line(
    store: Store, config: ComparisonConfig, lines: tuple[WaitingLine, WaitingLine]
) -> None:
    ours, _ = lines
    first, second = (store.add_comparison(config, owner=None, server_id=ours.server_id) for _ in range(2))
    store.request_stop(first)
    assert (ours.place(first), ours.place(second)) == (None, 1)
    assert ours.unfinished() == [second]


def test_a_silent_server_holds_nobody_up(
    store: Store, config: ComparisonConfig, lines: tuple[WaitingLine, WaitingLine]
) -> None:
    ours, theirs = lines
    store.add_comparison(config, owner=None, server_id=theirs.server_id)
    mine = store.add_comparison(config, owner=None, server_id=ours.server_id)
    with store.database.writing() as connection:
        connection.execute(
            "UPDATE servers SET beat_at = ? WHERE id = ?", (time.time() - SILENT_AFTER_S - 1, theirs.server_id)
        )
    assert ours.next_to_start(slots=1, starting=NOBODY) == mine
    theirs.beat()
    assert ours.next_to_start(slots=1, starting=NOBODY) is None


def test_a_server_that_leaves_is_forgotten(store: Store, lines: tuple[WaitingLine, WaitingLine]) -> None:
    ours, theirs = lines
    ours.leave()
    with store.database.reading() as connection:
        assert [row["id"] for row in connection.execute("SELECT id FROM servers")] == [theirs.server_id]
