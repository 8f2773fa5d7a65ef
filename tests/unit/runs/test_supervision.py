from __future__ import annotations

import pytest

from tests.unit.runs.conftest import PaperLauncher
from tlvsft.config import ComparisonConfig
from tlvsft.events import RunFailed
from tlvsft.runs import supervision
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.runs.supervision import ActiveComparison


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "STOP_PATIENCE_S", -1.0)


def supervise(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher, *, run_limit_s: float | None = None
) -> tuple[str, ActiveComparison]:
    comparison_id = store.add_comparison(config, owner=None)
    active = ActiveComparison(store, comparison_id, launcher=launcher, threads=3, run_limit_s=run_limit_s)
    assert active.advance()
    return comparison_id, active


def begin(store: Store, launcher: PaperLauncher) -> None:
    for worker in launcher.workers:
        store.begin_run(worker.run_id, ProcessIdentity.own())


def states(store: Store, comparison_id: str) -> list[str]:
    return [run.state for run in store.comparison(comparison_id).runs]


def test_both_sides_start_together_and_seed_follows_seed(
    store: Store, two_seeds: ComparisonConfig, launcher: PaperLauncher
) -> None:
    comparison_id, active = supervise(store, two_seeds, launcher)
    assert launcher.launched == [f"{comparison_id}-left-0", f"{comparison_id}-right-0"]
    assert {worker.threads for worker in launcher.workers} == {3}
    left, right = launcher.workers
    begin(store, launcher)
    store.end_run(left.run_id, "stopped")
    left.is_alive = False
    assert active.advance()
    assert len(launcher.workers) == 2
    store.end_run(right.run_id, "stopped")
    right.is_alive = False
    assert active.advance()
    assert launcher.launched[2:] == [f"{comparison_id}-left-1", f"{comparison_id}-right-1"]
    for worker in launcher.workers[2:]:
        store.end_run(worker.run_id, "stopped")
        worker.is_alive = False
    assert not active.advance()


def test_a_dead_worker_fails_its_run_and_only_that(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher
) -> None:
    comparison_id, active = supervise(store, config, launcher)
    begin(store, launcher)
    launcher.workers[0].is_alive = False
    assert active.advance()
    assert states(store, comparison_id) == ["failed", "running"]
    run = store.comparison(comparison_id).run("left")
    assert run.message is not None
    assert "ended by signal 9" in run.message
    assert store.events(run.id) == [(1, RunFailed(message=run.message))]
    assert not launcher.workers[1].was_killed


def test_a_worker_that_never_begins_fails_its_run(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher
) -> None:
    comparison_id, active = supervise(store, config, launcher)
    launcher.workers[1].is_alive = False
    active.advance()
    assert states(store, comparison_id) == ["queued", "failed"]
    assert launcher.launched == [f"{comparison_id}-left-0", f"{comparison_id}-right-0"]


def test_refused_input_ends_the_other_seeds_too(
    store: Store, two_seeds: ComparisonConfig, launcher: PaperLauncher
) -> None:
    comparison_id, active = supervise(store, two_seeds, launcher)
    for worker in launcher.workers:
        store.end_run(worker.run_id, "failed", event=RunFailed(message="No such column.", invalid_input=True))
        worker.is_alive = False
    assert not active.advance()
    assert len(launcher.workers) == 2
    assert {(run.state, run.message, run.invalid_input) for run in store.comparison(comparison_id).runs} == {
        ("failed", "No such column.", True)
    }


def test_other_failures_leave_the_next_seed_its_chance(
    store: Store, two_seeds: ComparisonConfig, launcher: PaperLauncher
) -> None:
    _, active = supervise(store, two_seeds, launcher)
    for worker in launcher.workers:
        worker.is_alive = False
    assert active.advance()
    assert len(launcher.workers) == 4


def test_a_stop_that_is_heard_is_waited_for(store: Store, config: ComparisonConfig, launcher: PaperLauncher) -> None:
    comparison_id, active = supervise(store, config, launcher)
    begin(store, launcher)
    store.request_stop(comparison_id)
    assert active.advance()
    assert states(store, comparison_id) == ["running", "running"]
    assert not any(worker.was_killed for worker in launcher.workers)


@pytest.mark.usefixtures("impatient")
def test_a_stop_that_is_not_heard_kills(store: Store, config: ComparisonConfig, launcher: PaperLauncher) -> None:
    comparison_id, active = supervise(store, config, launcher)
    begin(store, launcher)
    store.request_stop(comparison_id)
    assert not active.advance()
    assert states(store, comparison_id) == ["stopped", "stopped"]
    assert all(worker.was_killed for worker in launcher.workers)


@pytest.mark.usefixtures("impatient")
def test_a_worker_that_stays_after_its_end_is_put_out(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher
) -> None:
    comparison_id, active = supervise(store, config, launcher)
    begin(store, launcher)
    store.end_run(launcher.workers[0].run_id, "finished")
    assert active.advance()
    assert [worker.was_killed for worker in launcher.workers] == [True, False]
    assert states(store, comparison_id) == ["finished", "running"]


def test_a_run_past_its_limit_fails_and_says_why(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher
) -> None:
    comparison_id, active = supervise(store, config, launcher, run_limit_s=0.0)
    begin(store, launcher)
    assert not active.advance()
    assert all(worker.was_killed for worker in launcher.workers)
    for run in store.comparison(comparison_id).runs:
        assert run.state == "failed"
        assert "fewer labels or epochs" in str(run.message)


def test_a_machine_that_starts_no_process_fails_the_runs(
    store: Store, config: ComparisonConfig, launcher: PaperLauncher
) -> None:
    launcher.error = BlockingIOError(11, "Resource temporarily unavailable")
    comparison_id, active = supervise(store, config, launcher)
    assert not active.advance()
    for run in store.comparison(comparison_id).runs:
        assert run.state == "failed"
        assert "Can't start a process" in str(run.message)


def test_killing_interrupts(store: Store, config: ComparisonConfig, launcher: PaperLauncher) -> None:
    comparison_id, active = supervise(store, config, launcher)
    begin(store, launcher)
    active.kill()
    assert states(store, comparison_id) == ["interrupted", "interrupted"]
    assert all(worker.was_killed for worker in launcher.workers)
