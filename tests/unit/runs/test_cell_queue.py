"""When the scheduler starts, watches and ends the cells of sweeps; their workers exist only on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.conditions import wait_until
from tests.unit.runs.conftest import PaperLauncher
from tests.unit.runs.plans import plan
from tests.unit.runs.test_cells import RESULT
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs import cell_queue
from tlvsft.runs import scheduler as scheduler_module
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.cells import Cells
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "BUSY_TICK_S", 0.01)
    monkeypatch.setattr(scheduler_module, "CLOSE_PATIENCE_S", 0.1)
    monkeypatch.setattr(cell_queue, "LEAVE_PATIENCE_S", 0.05)


@pytest.fixture
def cell_launcher() -> PaperLauncher:
    return PaperLauncher()


@pytest.fixture
def make_scheduler(store: Store, launcher: PaperLauncher) -> Iterator[Callable[..., Scheduler]]:
    made: list[Scheduler] = []

    def make(cell_launcher: PaperLauncher, *, cores: int = 2, run_limit_s: float | None = None) -> Scheduler:
        made.append(
            Scheduler(store, launcher=launcher, cell_launcher=cell_launcher, cores=cores, run_limit_s=run_limit_s)
        )
        made[-1].start()
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.close()


@pytest.fixture
def scheduler(make_scheduler: Callable[..., Scheduler], cell_launcher: PaperLauncher) -> Scheduler:
    return make_scheduler(cell_launcher)


def finish(store: Store, launcher: PaperLauncher) -> None:
    """Lets all workers that live finish their cells, and leave."""
    for worker in list(launcher.workers):
        if worker.is_alive:
            Cells(store.database).finish(
                worker.run_id, ProcessIdentity.own(), result=RESULT, correct=b"", examples=3, train_examples=5
            )
            worker.is_alive = False


def states(store: Store, sweep_id: str) -> list[str]:
    return [cell.state for cell in Cells(store.database).of_sweep(sweep_id)]


def state(store: Store, sweep_id: str) -> str:
    return Sweeps(store.database).visible(sweep_id, viewer=None).state


@pytest.mark.parametrize(("cores", "at_once", "threads"), [(2, 2, 1), (8, 2, 4), (16, 4, 4)])
def test_as_many_cells_at_once_as_a_comparison_has_runs(
    store: Store,
    cell_launcher: PaperLauncher,
    make_scheduler: Callable[..., Scheduler],
    *,
    cores: int,
    at_once: int,
    threads: int,
) -> None:
    sweep_id = make_scheduler(cell_launcher, cores=cores).submit_sweep(plan(*range(10, 20)), owner=None)
    wait_until(lambda: len(cell_launcher.workers) == at_once)
    assert {worker.threads for worker in cell_launcher.workers} == {threads}
    assert states(store, sweep_id).count("running") == at_once
    finish(store, cell_launcher)
    wait_until(lambda: len(cell_launcher.workers) >= 2 * at_once)


def test_a_sweep_is_trained_to_its_end_each_cell_once(
    store: Store, scheduler: Scheduler, cell_launcher: PaperLauncher
) -> None:
    sweep_id = scheduler.submit_sweep(plan(10, 20, 30), owner=None)

    def finished() -> bool:
        finish(store, cell_launcher)
        return state(store, sweep_id) == "finished"

    wait_until(finished)
    assert len(cell_launcher.launched) == len(set(cell_launcher.launched)) == 3
    assert scheduler.submit_sweep(plan(10, 20, 30), owner=None) == sweep_id
    assert state(store, sweep_id) == "finished"
    assert len(cell_launcher.launched) == 3


def test_a_comparison_takes_the_cores_at_once_and_gives_them_back(
    store: Store,
    scheduler: Scheduler,
    launcher: PaperLauncher,
    cell_launcher: PaperLauncher,
    config: ComparisonConfig,
) -> None:
    sweep_id = scheduler.submit_sweep(plan(10, 20), owner=None)
    wait_until(lambda: len(cell_launcher.workers) == 2)
    comparison_id = scheduler.submit(config, owner=None)
    wait_until(lambda: len(launcher.workers) == 2)
    assert all(worker.was_killed for worker in cell_launcher.workers)
    assert (states(store, sweep_id), state(store, sweep_id)) == (["queued", "queued"], "queued")
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        assert len(cell_launcher.workers) == 2
        store.end_run(run.id, "finished")
    for worker in launcher.workers:
        worker.is_alive = False
    wait_until(lambda: len(cell_launcher.workers) == 4)
    assert cell_launcher.launched[:2] == cell_launcher.launched[2:]


def test_another_servers_comparison_goes_first_too(
    store: Store,
    scheduler: Scheduler,
    cell_launcher: PaperLauncher,
    make_scheduler: Callable[..., Scheduler],
    config: ComparisonConfig,
) -> None:
    scheduler.submit_sweep(plan(10, 20), owner=None)
    wait_until(lambda: len(cell_launcher.workers) == 2)
    make_scheduler(PaperLauncher()).submit(config, owner=None)
    wait_until(lambda: all(worker.was_killed for worker in cell_launcher.workers))


def test_a_waiting_comparison_keeps_sweeps_from_beginning(
    store: Store,
    scheduler: Scheduler,
    launcher: PaperLauncher,
    cell_launcher: PaperLauncher,
    config: ComparisonConfig,
) -> None:
    first, second = (scheduler.submit(config, owner=None) for _ in range(2))
    sweep_id = scheduler.submit_sweep(plan(10), owner=None)
    wait_until(lambda: len(launcher.workers) == 2)
    scheduler.stop(second)
    for run in store.comparison(first).runs:
        assert cell_launcher.workers == []
        store.begin_run(run.id, ProcessIdentity.own())
        store.end_run(run.id, "finished")
    wait_until(lambda: states(store, sweep_id) == ["running"])


def test_stopping_a_sweep_ends_its_workers(store: Store, scheduler: Scheduler, cell_launcher: PaperLauncher) -> None:
    sweep_id = scheduler.submit_sweep(plan(10, 20, 30), owner="me")
    wait_until(lambda: len(cell_launcher.workers) == 2)
    with pytest.raises(InvalidInput, match="no sweep"):
        scheduler.stop_sweep(sweep_id, viewer="you")
    scheduler.stop_sweep(sweep_id, viewer="me")
    wait_until(lambda: states(store, sweep_id) == ["queued"] * 3)
    assert all(worker.was_killed for worker in cell_launcher.workers)
    assert state(store, sweep_id) == "stopped"
    assert len(cell_launcher.workers) == 2


def test_stopping_a_sweep_leaves_the_cell_that_another_one_wants(
    store: Store, scheduler: Scheduler, cell_launcher: PaperLauncher
) -> None:
    first = scheduler.submit_sweep(plan(10, 20), owner="me")
    scheduler.submit_sweep(plan(20, 30), owner="you")
    wait_until(lambda: len(cell_launcher.workers) == 2)
    scheduler.stop_sweep(first, viewer="me")
    wait_until(lambda: len(cell_launcher.workers) == 3)
    shared = Cells(store.database).of_sweep(first)[1].key
    assert [worker.run_id == shared for worker in cell_launcher.workers if worker.was_killed] == [False]


def test_a_cell_whose_process_dies_fails_and_the_sweep_goes_on(
    store: Store, scheduler: Scheduler, cell_launcher: PaperLauncher
) -> None:
    sweep_id = scheduler.submit_sweep(plan(10, 20, 30), owner=None)
    wait_until(lambda: len(cell_launcher.workers) == 2)
    cell_launcher.workers[0].is_alive = False
    wait_until(lambda: len(cell_launcher.workers) == 3)
    failed, running, _ = Cells(store.database).of_sweep(sweep_id)
    assert (failed.state, running.state) == ("failed", "running")
    assert "ended by signal 9" in str(failed.message)
    assert "resume the sweep" in str(failed.message)


def test_a_cell_past_its_limit_fails(
    store: Store, make_scheduler: Callable[..., Scheduler], cell_launcher: PaperLauncher
) -> None:
    sweep_id = make_scheduler(cell_launcher, run_limit_s=0.1).submit_sweep(plan(10), owner=None)
    wait_until(lambda: states(store, sweep_id) == ["failed"])
    assert cell_launcher.workers[0].was_killed
    assert "use fewer labels or epochs" in str(Cells(store.database).of_sweep(sweep_id)[0].message)


def test_a_process_that_cannot_be_started_fails_its_cell(
    store: Store, make_scheduler: Callable[..., Scheduler]
) -> None:
    broken = PaperLauncher(error=OSError("no more processes"))
    sweep_id = make_scheduler(broken).submit_sweep(plan(10, 20), owner=None)
    wait_until(lambda: state(store, sweep_id) == "finished")
    assert states(store, sweep_id) == ["failed", "failed"]
    assert "no more processes" in str(Cells(store.database).of_sweep(sweep_id)[0].message)


def test_a_worker_that_does_not_leave_is_ended(
    store: Store, scheduler: Scheduler, cell_launcher: PaperLauncher
) -> None:
    sweep_id = scheduler.submit_sweep(plan(10), owner=None)
    worker = wait_until(lambda: cell_launcher.workers[:1])[0]
    Cells(store.database).finish(
        worker.run_id, ProcessIdentity.own(), result=RESULT, correct=b"", examples=3, train_examples=5
    )
    wait_until(lambda: worker.was_killed)
    assert states(store, sweep_id) == ["finished"]


def test_closing_interrupts_sweeps_and_frees_their_cells(
    store: Store, scheduler: Scheduler, cell_launcher: PaperLauncher
) -> None:
    sweep_id = scheduler.submit_sweep(plan(10, 20, 30), owner=None)
    wait_until(lambda: len(cell_launcher.workers) == 2)
    scheduler.close()
    assert all(worker.was_killed for worker in cell_launcher.workers)
    assert (state(store, sweep_id), states(store, sweep_id)) == ("interrupted", ["queued"] * 3)


def test_two_servers_never_compute_the_same_cell(store: Store, make_scheduler: Callable[..., Scheduler]) -> None:
    launchers = PaperLauncher(), PaperLauncher()
    schedulers = [make_scheduler(launcher) for launcher in launchers]
    wanted = plan(10, 20, 30, 40)
    ids = [
        scheduler.submit_sweep(replace_config(wanted, name), owner=name)
        for scheduler, name in zip(schedulers, ("me", "you"), strict=True)
    ]

    def finished() -> bool:
        for launcher in launchers:
            finish(store, launcher)
        return all(state(store, sweep_id) == "finished" for sweep_id in ids)

    wait_until(finished)
    launched = [key for launcher in launchers for key in launcher.launched]
    assert len(launched) == len(set(launched)) == 4


def replace_config(wanted: SweepPlan, name: str) -> SweepPlan:
    return replace(wanted, config={"of": name})
