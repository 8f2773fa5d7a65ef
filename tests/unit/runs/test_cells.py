"""A cell is claimed by one server, begun by one process, and finished once."""

from __future__ import annotations

import math
import time

import pytest

from tests.unit.runs.plans import keys, plan
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.cells import Cells
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.runs.waiting import SILENT_AFTER_S, WaitingLine

GONE = ProcessIdentity(pid=2**22 + 1, start="never")
RESULT = {"test_accuracy": 0.5, "elapsed_s": 1.0}


def server(store: Store) -> str:
    line = WaitingLine(store.database)
    line.beat()
    return line.server_id


def submit(store: Store, wanted: SweepPlan, server_id: str, *, owner: str | None = None) -> str:
    return Sweeps(store.database).submit(wanted, keys(wanted), owner=owner, server_id=server_id)


def claim(store: Store, server_id: str, *, slots: int = 9) -> str | None:
    return Cells(store.database).claim_next(server_id, slots=slots)


def finish(store: Store, key: str, *, process: ProcessIdentity | None = None) -> bool:
    return Cells(store.database).finish(
        key, process or ProcessIdentity.own(), result=RESULT, correct=b"\xa0", examples=3, train_examples=50
    )


def states(store: Store, sweep_id: str) -> list[str]:
    return [cell.state for cell in Cells(store.database).of_sweep(sweep_id)]


def test_cells_are_claimed_in_the_order_of_the_sweep(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(30, 10, 20), here)
    assert [claim(store, here) for _ in range(4)] == ["x-d-30", "x-d-10", "x-d-20", None]
    assert states(store, sweep_id) == ["running"] * 3


def test_no_more_cells_than_the_cores_bear_over_all_servers(store: Store) -> None:
    here, there = server(store), server(store)
    submit(store, plan(10, 20), here)
    submit(store, plan(30, 40), there)
    assert claim(store, here, slots=2) == "x-d-10"
    assert claim(store, here, slots=2) == "x-d-20"
    assert claim(store, there, slots=2) is None
    finish(store, "x-d-10")
    assert claim(store, there, slots=2) == "x-d-30"


def test_sweeps_stand_in_line_and_the_next_one_takes_what_is_left(store: Store) -> None:
    here, there = server(store), server(store)
    submit(store, plan(10, 20), here)
    submit(store, plan(30), there)
    assert claim(store, there) is None  # it isn't its turn
    assert [claim(store, here), claim(store, here), claim(store, here)] == ["x-d-10", "x-d-20", None]
    assert claim(store, there) == "x-d-30"  # the first one's last cells leave a core free


def test_a_silent_server_loses_its_turn(store: Store) -> None:
    here, there = server(store), server(store)
    submit(store, plan(10), here)
    submit(store, plan(20), there)
    with store.database.writing() as connection:
        connection.execute("UPDATE servers SET beat_at = ? WHERE id = ?", (time.time() - SILENT_AFTER_S - 1, here))
    assert claim(store, there) == "x-d-20"


def test_two_sweeps_with_a_cell_in_common_compute_it_once(store: Store) -> None:
    here, there = server(store), server(store)
    first, second = submit(store, plan(10, 20), here), submit(store, plan(20, 30), there)
    assert [claim(store, here), claim(store, here)] == ["x-d-10", "x-d-20"]
    assert claim(store, there) == "x-d-30"
    for key in ("x-d-10", "x-d-20", "x-d-30"):
        assert finish(store, key)
    assert states(store, first) == states(store, second) == ["finished", "finished"]
    assert claim(store, there) is None


def test_only_the_process_that_holds_a_cell_may_begin_and_finish_it(store: Store) -> None:
    here = server(store)
    submit(store, plan(10), here)
    cells, own = Cells(store.database), ProcessIdentity.own()
    assert claim(store, here) == "x-d-10"
    assert not cells.begin("x-d-10", GONE, claimed_by=GONE)
    assert cells.begin("x-d-10", GONE, claimed_by=own)
    assert not finish(store, "x-d-10")
    assert finish(store, "x-d-10", process=GONE)
    assert not finish(store, "x-d-10", process=GONE)


def test_a_finished_cell_keeps_its_result_and_its_answers(store: Store) -> None:
    here = server(store)
    (sweep_id,) = [submit(store, plan(10), here)]
    claim(store, here)
    Cells(store.database).beat("x-d-10", share=0.25)
    (running,) = Cells(store.database).of_sweep(sweep_id)
    assert (running.share, running.result, running.duration_s) == (0.25, {}, None)
    finish(store, "x-d-10")
    (cell,) = Cells(store.database).of_sweep(sweep_id)
    assert (cell.result, cell.correct, cell.examples, cell.train_examples) == (RESULT, b"\xa0", 3, 50)
    assert cell.share == 1
    assert cell.duration_s is not None
    assert 0 <= cell.duration_s < 10
    assert cell.config == plan(10).runs[0]


def test_a_failed_cell_says_why_and_waits_again_when_the_sweep_is_submitted_again(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10, 20), here)
    claim(store, here)
    assert Cells(store.database).fail("x-d-10", "Out of memory.")
    assert not Cells(store.database).fail("x-d-10", "Something else.")
    assert [cell.message for cell in Cells(store.database).of_sweep(sweep_id)] == ["Out of memory.", None]
    claim(store, here)
    finish(store, "x-d-20")
    assert submit(store, plan(10, 20), here) == sweep_id
    assert states(store, sweep_id) == ["queued", "finished"]
    assert [cell.message for cell in Cells(store.database).of_sweep(sweep_id)] == [None, None]


def test_a_released_cell_waits_again_and_a_finished_one_stays(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10, 20), here)
    claim(store, here), claim(store, here)
    finish(store, "x-d-10")
    Cells(store.database).release(["x-d-10", "x-d-20"])
    assert states(store, sweep_id) == ["finished", "queued"]
    assert claim(store, here) == "x-d-20"


@pytest.mark.parametrize(
    ("silent_s", "process", "freed"), [(60.0, GONE, True), (60.0, None, False), (0.0, GONE, False)]
)
def test_a_cell_is_free_again_when_its_process_is_silent_and_gone(
    store: Store, silent_s: float, process: ProcessIdentity | None, *, freed: bool
) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10), here)
    claim(store, here)
    Cells(store.database).begin("x-d-10", process or ProcessIdentity.own(), claimed_by=ProcessIdentity.own())
    with store.database.writing() as connection:
        connection.execute("UPDATE cells SET heartbeat_at = heartbeat_at - ?", (silent_s,))
    assert Cells(store.database).free_lost() == (["x-d-10"] if freed else [])
    assert states(store, sweep_id) == ["queued" if freed else "running"]


def test_what_a_server_has_under_way_for_its_sweeps(store: Store) -> None:
    here, there = server(store), server(store)
    first = submit(store, plan(10), here)
    submit(store, plan(20), there)
    assert (claim(store, here), claim(store, there)) == ("x-d-10", "x-d-20")
    assert Cells(store.database).wanted(here) == {"x-d-10"}
    Sweeps(store.database).stop(first, viewer=None)
    assert Cells(store.database).wanted(here) == frozenset()


def test_data_is_in_use_while_a_sweep_of_it_is_on_its_way(store: Store) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10, dataset="own:1"), here)
    assert Cells(store.database).data_in_use() == {"own:1"}
    Sweeps(store.database).stop(sweep_id, viewer=None)
    assert Cells(store.database).data_in_use() == set()


def test_a_suspended_cell_keeps_nobody_from_the_cores(store: Store) -> None:
    here, there = server(store), server(store)
    submit(store, plan(10), here)
    submit(store, plan(20), there)
    assert claim(store, here, slots=1) == "x-d-10"
    assert claim(store, there, slots=1) is None
    with store.database.writing() as connection:
        connection.execute("UPDATE cells SET heartbeat_at = heartbeat_at - ?", (SILENT_AFTER_S + 1,))
    assert claim(store, there, slots=1) == "x-d-20"


@pytest.mark.parametrize("forgotten", [math.inf, math.nan])
def test_a_number_that_is_not_finite_is_none(store: Store, forgotten: float) -> None:
    here = server(store)
    sweep_id = submit(store, plan(10), here)
    key = claim(store, here) or ""
    assert Cells(store.database).finish(
        key,
        ProcessIdentity.own(),
        result={**RESULT, "source_perplexity_after": forgotten},
        correct=b"\xa0",
        examples=3,
        train_examples=50,
    )
    (cell,) = Cells(store.database).of_sweep(sweep_id)
    assert cell.result == {**RESULT, "source_perplexity_after": None}


def test_a_cell_that_can_not_be_read_is_claimed_like_any_other(store: Store) -> None:
    here = server(store)
    submit(store, plan(10, 20), here)
    with store.database.writing() as connection:
        connection.execute("UPDATE cells SET config = '{}' WHERE key = 'x-d-10'")
    assert [claim(store, here) for _ in range(3)] == ["x-d-10", "x-d-20", None]
