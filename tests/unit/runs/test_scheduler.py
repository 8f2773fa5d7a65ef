from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conditions import wait_until
from tests.unit.runs.conftest import PaperLauncher
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.runs import scheduler as scheduler_module
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.scheduler import CorePlan, Scheduler, default_run_limit_s
from tlvsft.runs.store import Store


@pytest.fixture
def make_scheduler(store: Store) -> Iterator[Callable[..., Scheduler]]:
    made: list[Scheduler] = []

    def make(launcher: PaperLauncher, *, cores: int = 2) -> Scheduler:
        made.append(Scheduler(store, launcher=launcher, cores=cores))
        made[-1].start()
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "BUSY_TICK_S", 0.01)
    monkeypatch.setattr(scheduler_module, "CLOSE_PATIENCE_S", 0.1)


def finish(store: Store, launcher: PaperLauncher) -> None:
    for worker in launcher.workers:
        store.begin_run(worker.run_id, ProcessIdentity.own())
        store.end_run(worker.run_id, "finished")
        worker.is_alive = False


@pytest.mark.parametrize(
    ("cores", "comparisons", "threads"), [(1, 1, 1), (2, 1, 1), (3, 1, 1), (4, 1, 2), (8, 1, 4), (16, 2, 4), (64, 8, 4)]
)
def test_cores_are_split_between_the_sides(cores: int, comparisons: int, threads: int) -> None:
    assert CorePlan.for_cores(cores) == CorePlan(comparisons=comparisons, threads=threads)


def test_one_comparison_at_a_time_on_two_cores(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher, make_scheduler: Callable[..., Scheduler]
) -> None:
    scheduler = make_scheduler(launcher)
    first, second = (scheduler.submit(config, owner=None) for _ in range(2))
    wait_until(lambda: len(launcher.workers) == 2)
    for worker in launcher.workers:
        store.begin_run(worker.run_id, ProcessIdentity.own())
    assert (scheduler.queue_place(first), scheduler.queue_place(second)) == (None, 1)
    finish(store, launcher)
    wait_until(lambda: len(launcher.workers) == 4)
    assert launcher.launched == [f"{key}-{side}-0" for key in (first, second) for side in ("left", "right")]
    assert launcher.warmed


def test_two_comparisons_at_a_time_on_sixteen_cores(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher, make_scheduler: Callable[..., Scheduler]
) -> None:
    scheduler = make_scheduler(launcher, cores=16)
    _, _, third = (scheduler.submit(config, owner=None) for _ in range(3))
    wait_until(lambda: len(launcher.workers) == 4)
    for worker in launcher.workers:
        store.begin_run(worker.run_id, ProcessIdentity.own())
    wait_until(lambda: scheduler.queue_place(third) == 1)


def test_two_schedulers_keep_one_line_and_their_own_comparisons(
    store: Store, config: ComparisonConfig, make_scheduler: Callable[..., Scheduler]
) -> None:
    launchers = PaperLauncher(), PaperLauncher()
    one, other = (make_scheduler(launcher) for launcher in launchers)
    first = one.submit(config, owner=None)
    second = other.submit(config, owner=None)
    wait_until(lambda: len(launchers[0].workers) == 2)
    assert one.queue_place(second) == other.queue_place(second)
    assert launchers[1].workers == []
    finish(store, launchers[0])
    wait_until(lambda: len(launchers[1].workers) == 2)
    assert {run_id.split("-")[0] for run_id in launchers[0].launched} == {first}
    assert {run_id.split("-")[0] for run_id in launchers[1].launched} == {second}


def test_stopping_what_waits_takes_it_out_at_once(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher, make_scheduler: Callable[..., Scheduler]
) -> None:
    scheduler = make_scheduler(launcher)
    first, second = (scheduler.submit(config, owner=None) for _ in range(2))
    wait_until(lambda: len(launcher.workers) == 2)
    scheduler.stop(second)
    scheduler.stop(second)
    assert [run.state for run in store.comparison(second).runs] == ["stopped", "stopped"]
    finish(store, launcher)
    wait_until(lambda: store.comparison(first).is_over)
    assert len(launcher.workers) == 2


def test_nobody_stops_a_strangers_comparison(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher, make_scheduler: Callable[..., Scheduler]
) -> None:
    scheduler = make_scheduler(launcher)
    comparison_id = scheduler.submit(config, owner="me")
    with pytest.raises(InvalidInput, match="no comparison"):
        scheduler.stop(comparison_id, viewer="you")
    assert {run.state for run in store.comparison(comparison_id).runs} == {"queued"}
    scheduler.stop(comparison_id, viewer="me")
    assert {run.state for run in store.comparison(comparison_id).runs} == {"stopped"}


def test_one_comparison_per_visitor_on_a_shared_host(
    store: Store,
    config: ComparisonConfig,
    launcher: PaperLauncher,
    make_scheduler: Callable[..., Scheduler],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    scheduler = make_scheduler(launcher)
    mine = scheduler.submit(config, owner="me")
    with pytest.raises(InvalidInput, match="One comparison at a time"):
        scheduler.submit(config, owner="me")
    scheduler.submit(config, owner="you")
    scheduler.stop(mine, viewer="me")
    assert scheduler.submit(config, owner="me") != mine


def test_closing_interrupts_what_is_on_its_way(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher, make_scheduler: Callable[..., Scheduler]
) -> None:
    scheduler = make_scheduler(launcher)
    ids = [scheduler.submit(config, owner=None) for _ in range(2)]
    wait_until(lambda: len(launcher.workers) == 2)
    for worker in launcher.workers:
        store.begin_run(worker.run_id, ProcessIdentity.own())
    scheduler.close()
    scheduler.close()
    assert {run.state for comparison_id in ids for run in store.comparison(comparison_id).runs} == {"interrupted"}
    assert all(worker.was_killed for worker in launcher.workers)


def test_closing_leaves_other_schedulers_runs_alone(
    store: Store, config: ComparisonConfig, make_scheduler: Callable[..., Scheduler]
) -> None:
    busy = PaperLauncher()
    theirs = make_scheduler(busy).submit(config, owner=None)
    wait_until(lambda: len(busy.workers) == 2)
    make_scheduler(PaperLauncher()).close()
    assert not store.comparison(theirs).is_over


def test_a_store_that_is_out_of_reach_for_a_while_is_tried_again(
    config: ComparisonConfig,
    launcher: PaperLauncher,
    make_scheduler: Callable[..., Scheduler],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def out_of_reach(_: object) -> list[str]:
        raise StoreError("locked")

    with monkeypatch.context() as patch:
        patch.setattr(scheduler_module, "mark_interrupted", out_of_reach)
        scheduler = make_scheduler(launcher)
        wait_until(lambda: "can't reach the store: locked" in caplog.text)
    scheduler.submit(config, owner=None)
    wait_until(lambda: len(launcher.workers) == 2)


def test_a_launcher_that_cannot_warm_up_is_no_reason_to_give_up(
    config: ComparisonConfig,
    make_scheduler: Callable[..., Scheduler],
    caplog: pytest.LogCaptureFixture,
) -> None:
    class ColdLauncher(PaperLauncher):
        def warm(self) -> None:
            raise OSError("no more processes")

    launcher = ColdLauncher()
    scheduler = make_scheduler(launcher)
    wait_until(lambda: "no more processes" in caplog.text)
    scheduler.submit(config, owner=None)
    wait_until(lambda: len(launcher.workers) == 2)


def test_workers_go_even_when_the_store_is_out_of_reach_at_the_end(
    store: Store,
    config: ComparisonConfig,
    launcher: PaperLauncher,
    make_scheduler: Callable[..., Scheduler],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheduler = make_scheduler(launcher)
    scheduler.submit(config, owner=None)
    wait_until(lambda: len(launcher.workers) == 2)

    def out_of_reach(*_: object, **__: object) -> bool:
        raise StoreError("locked")

    monkeypatch.setattr(Store, "request_stop", out_of_reach)
    monkeypatch.setattr(Store, "end_run", out_of_reach)
    scheduler.close()
    assert all(worker.was_killed for worker in launcher.workers)


def test_the_limit_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert default_run_limit_s() is None
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert default_run_limit_s() == 600
    monkeypatch.setenv("TLVSFT_RUN_LIMIT_S", "12.5")
    assert default_run_limit_s() == 12.5
    for bad in ("", "-1", "soon", "nan"):
        monkeypatch.setenv("TLVSFT_RUN_LIMIT_S", bad)
        with pytest.raises(InvalidInput, match="TLVSFT_RUN_LIMIT_S"):
            default_run_limit_s()
