"""Whose a sweep is, how far it is, and what may be done with it."""

from __future__ import annotations

import time

import pytest

from tests.unit.runs.plans import keys, plan, run_config
from tests.unit.runs.test_cells import GONE, claim, finish, server, states, submit
from tlvsft.catalog.sweeps import MOST_CELLS_SHARED
from tlvsft.errors import InvalidInput
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.cells import Cells, cell_log
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps, delete_sweep

ME, SOMEBODY = "m" * 32, "s" * 32


def state(store: Store, sweep_id: str) -> str:
    return Sweeps(store.database).visible(sweep_id, viewer=None).state


def compute_all(store: Store, server_id: str) -> list[str]:
    """Finishes everything that the server's sweeps wait for, and says what that was."""
    done: list[str] = []
    while key := claim(store, server_id):
        finish(store, key)
        done.append(key)
    return done


def test_a_sweep_goes_from_queued_to_finished(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10, 20, 30), here)
    assert state(store, sweep_id) == "queued"
    claim(store, here)
    assert state(store, sweep_id) == "running"
    finish(store, "x-d-10")
    assert state(store, sweep_id) == "queued"
    claim(store, here)
    Cells(store.database).fail("x-d-20", "Out of memory.")
    record = Sweeps(store.database).visible(sweep_id, viewer=None)
    assert (record.total, record.finished, record.failed, record.running) == (3, 1, 1, 0)
    claim(store, here)
    finish(store, "x-d-30")
    assert state(store, sweep_id) == "finished"
    assert not Sweeps(store.database).on_their_way(here)


def test_the_same_sweep_again_is_the_same_and_computes_nothing_twice(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10, 20), here)
    assert compute_all(store, here) == ["x-d-10", "x-d-20"]
    assert submit(store, plan(10, 20), here) == sweep_id
    assert state(store, sweep_id) == "finished"
    assert compute_all(store, here) == []


def test_another_sweep_computes_only_what_none_has(store: Store) -> None:
    here = server(store)
    submit(store, plan(10, 20), here)
    compute_all(store, here)
    other = submit(store, plan(10, 20, 30), here)
    assert compute_all(store, here) == ["x-d-30"]
    assert states(store, other) == ["finished"] * 3


def test_a_sweep_whose_cells_are_others_now_is_another_one(store: Store) -> None:
    here = server(store)
    sweeps, wanted = Sweeps(store.database), plan(10)
    first = sweeps.submit(wanted, keys(wanted), owner=None, server_id=here)
    assert sweeps.submit(wanted, ("of a newer program",), owner=None, server_id=here) != first


def test_a_stopped_sweep_keeps_what_it_has_and_goes_on(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10, 20), here)
    claim(store, here)
    finish(store, "x-d-10")
    Sweeps(store.database).stop(sweep_id, viewer=None)
    Sweeps(store.database).stop(sweep_id, viewer=None)
    assert state(store, sweep_id) == "stopped"
    assert claim(store, here) is None
    submit(store, plan(10, 20), here)
    assert compute_all(store, here) == ["x-d-20"]
    assert state(store, sweep_id) == "finished"


def test_going_on_puts_a_stopped_sweep_at_the_end_of_the_line_and_an_active_one_nowhere(store: Store) -> None:
    here = server(store)
    first, second = submit(store, plan(10), here), submit(store, plan(20), here)
    submit(store, plan(10), here)
    assert Sweeps(store.database).line() == [first, second]
    Sweeps(store.database).stop(first, viewer=None)
    submit(store, plan(10), here)
    assert Sweeps(store.database).line() == [second, first]


def test_a_finished_sweep_stays_so_when_another_one_tries_its_failed_cell_again(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10), here)
    claim(store, here)
    Cells(store.database).fail("x-d-10", "Out of memory.")
    submit(store, plan(10, 20), here)
    assert states(store, sweep_id) == ["queued"]
    assert state(store, sweep_id) == "finished"


def test_strangers_sweeps_are_not_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here = server(store)
    mine = submit(store, plan(10), here, owner=ME)
    machines = submit(store, plan(20), here)
    sweeps = Sweeps(store.database)
    for act in (sweeps.visible, sweeps.stop, sweeps.delete, sweeps.check_deletable):
        with pytest.raises(InvalidInput, match="There is no sweep"):
            act(mine, viewer=SOMEBODY)
    assert [record.id for record in sweeps.list_visible(viewer=ME)] == [machines, mine]
    assert [record.id for record in sweeps.list_visible(viewer=SOMEBODY)] == [machines]
    assert [record.id for record in sweeps.list_visible(viewer=None)] == [machines, mine]
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert [record.id for record in sweeps.list_visible(viewer=ME)] == [mine]
    assert [record.id for record in sweeps.list_visible(viewer=None)] == [machines]
    assert [record.id for record in sweeps.list_visible(viewer=None, everybody=True)] == [machines, mine]
    with pytest.raises(InvalidInput, match="There is no sweep"):
        sweeps.visible(machines, viewer=ME)


def test_the_same_sweep_of_two_visitors_is_two_with_one_computation(store: Store) -> None:
    here = server(store)
    mine, theirs = submit(store, plan(10), here, owner=ME), submit(store, plan(10), here, owner=SOMEBODY)
    assert mine != theirs
    assert compute_all(store, here) == ["x-d-10"]
    assert states(store, mine) == states(store, theirs) == ["finished"]


def test_one_sweep_per_visitor_on_a_shared_host(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    here = server(store)
    mine = submit(store, plan(10), here, owner=ME)
    with pytest.raises(InvalidInput, match="One sweep at a time"):
        submit(store, plan(20), here, owner=ME)
    assert submit(store, plan(10), here, owner=ME) == mine  # a second click
    submit(store, plan(20), here, owner=SOMEBODY)
    Sweeps(store.database).stop(mine, viewer=ME)
    assert submit(store, plan(30), here, owner=ME) != mine


def test_a_sweep_on_a_shared_host_has_a_bound(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    here = server(store)
    large = SweepPlan(config={}, runs=tuple(run_config(labels) for labels in range(1, MOST_CELLS_SHARED + 2)))
    submit(store, large, here, owner=ME)
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    with pytest.raises(InvalidInput, match="121 runs, and 120 are the most"):
        submit(store, large, here, owner=SOMEBODY)
    submit(store, large, here)  # the command line belongs to the machine


def test_deleting_takes_along_what_no_other_sweep_has(store: Store) -> None:
    here = server(store)
    sweep_id, other = submit(store, plan(10, 20), here), submit(store, plan(20, 30), here)
    compute_all(store, here)
    log = cell_log(store.home, "x-d-10")
    log.parent.mkdir()
    log.write_text("it failed once", encoding="utf-8")
    delete_sweep(store, sweep_id, viewer=None)
    assert not log.exists()
    assert Cells(store.database).find("x-d-10") is None
    assert states(store, other) == ["finished", "finished"]
    with pytest.raises(InvalidInput, match="There is no sweep"):
        Sweeps(store.database).visible(sweep_id, viewer=None)
    submit(store, plan(10, 20), here)
    assert compute_all(store, here) == ["x-d-10"]


def test_what_is_on_its_way_is_not_deleted(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10), here)
    with pytest.raises(InvalidInput, match="still on its way"):
        delete_sweep(store, sweep_id, viewer=None)
    assert Sweeps(store.database).has(sweep_id)


def test_a_browser_does_not_delete_what_the_command_line_made(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10), here)
    compute_all(store, here)
    with pytest.raises(InvalidInput, match="delete it there"):
        delete_sweep(store, sweep_id, viewer=ME)


def test_a_cell_that_is_being_computed_is_deleted_with_the_next_sweep(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10), here)
    claim(store, here)
    Sweeps(store.database).stop(sweep_id, viewer=None)
    delete_sweep(store, sweep_id, viewer=None)
    finish(store, "x-d-10")
    other = submit(store, plan(20), here)
    compute_all(store, here)
    delete_sweep(store, other, viewer=None)
    assert Cells(store.database).find("x-d-10") is None


def test_a_sweep_whose_server_is_gone_is_interrupted(store: Store) -> None:
    here, there = server(store), server(store)
    lost, alive = submit(store, plan(10), here), submit(store, plan(20), there)
    with store.database.writing() as connection:
        connection.execute(
            "UPDATE servers SET pid = ?, process_start = ?, beat_at = ? WHERE id = ?",
            (GONE.pid, GONE.start, time.time() - 60, here),
        )
    Sweeps(store.database).reap()
    assert (state(store, lost), state(store, alive)) == ("interrupted", "queued")
    submit(store, plan(10), there)
    assert state(store, lost) == "queued"


def test_a_sweep_whose_server_nobody_knows_is_interrupted(store: Store) -> None:
    sweep_id = submit(store, plan(10), "never registered")
    assert [record.state for record in Sweeps(store.database).list_visible(viewer=None)] == ["interrupted"]
    assert state(store, sweep_id) == "interrupted"
