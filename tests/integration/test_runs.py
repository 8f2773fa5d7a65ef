"""Real worker processes around a training that only pretends: what dies, what is stopped, what goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conditions import wait_until
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.events import RunFailed, RunFinished, RunStopped, StepTaken
from tlvsft.runs import supervision
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import RunRecord
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store

ENDLESS = 100_000
SECONDS = 50
"""Steps in a second of pretended training."""


def config(*, steps: int = 5, behaviour: str = "well", seeds: int = 1) -> ComparisonConfig:
    return ComparisonConfig(backbone=behaviour, dataset=DatasetConfig(name="d"), labels=steps, seeds=seeds)


def wait_until_both_step(store: Store, comparison_id: str) -> tuple[RunRecord, RunRecord]:
    runs = store.comparison(comparison_id).runs[:2]
    wait_until(lambda: all(store.events(run.id) for run in runs))
    return store.run(runs[0].id), store.run(runs[1].id)


def states(store: Store, comparison_id: str) -> list[str]:
    return [run.state for run in store.comparison(comparison_id).runs]


def is_gone(run: RunRecord) -> bool:
    return not ProcessIdentity.of(run.pid or 0).is_alive()


def is_blocked(number: signal.Signals, pid: int | None) -> bool:
    """Whether a process of this Linux machine doesn't receive a signal."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
    return bool(int(mask, 16) & (1 << (number - 1)))


def test_both_sides_and_all_seeds_finish(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(seeds=2), owner=None)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    record = store.comparison(comparison_id)
    assert record.is_finished
    for run in record.runs:
        events = [event for _, event in store.events(run.id)]
        assert [type(event) for event in events] == [StepTaken] * 5 + [RunFinished]
        finished = events[-1]
        assert isinstance(finished, RunFinished)
        assert finished.peak_memory_bytes == 1  # the pretended training reports its torch threads here
    left, right, second_left, _ = record.runs
    assert left.pid != right.pid
    assert max(left.ended_at or 0, right.ended_at or 0) <= (second_left.started_at or 0)


def test_a_worker_starts_in_a_moment(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(), owner=None)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    run = store.comparison(comparison_id).run("left")
    assert (run.started_at or 0) - run.created_at < 2.0  # 0.1 s on a quiet machine, 5 s without a fork server


def test_a_killed_worker_fails_its_run_and_the_other_finishes(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(steps=2 * SECONDS), owner=None)
    left, right = wait_until_both_step(store, comparison_id)
    os.kill(left.pid or 0, signal.SIGKILL)
    wait_until(lambda: store.run(left.id).is_over)
    assert store.run(right.id).state == "running"
    failed = store.run(left.id)
    assert failed.state == "failed"
    assert "signal 9" in str(failed.message)
    assert "train again" in str(failed.message)
    assert store.events(left.id)[-1][1] == RunFailed(message=str(failed.message))
    wait_until(lambda: store.run(right.id).is_over)
    assert store.run(right.id).state == "finished"
    after = scheduler.submit(config(), owner=None)
    wait_until(lambda: store.comparison(after).is_finished)


def test_stop_stops_both_at_their_next_step(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(steps=ENDLESS, seeds=2), owner=None)
    runs = wait_until_both_step(store, comparison_id)
    scheduler.stop(comparison_id)
    scheduler.stop(comparison_id)
    wait_until(lambda: store.comparison(comparison_id).is_over, timeout_s=5)
    assert states(store, comparison_id) == ["stopped"] * 4
    for run in runs:
        assert isinstance(store.events(run.id)[-1][1], RunStopped)
        assert (store.run_folder(run.id) / "weights.safetensors").exists()
    wait_until(lambda: all(is_gone(run) for run in runs))


def test_a_worker_that_ignores_stop_is_killed(
    store: Store, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "STOP_PATIENCE_S", 0.3)
    comparison_id = scheduler.submit(config(steps=ENDLESS, behaviour="deaf"), owner=None)
    runs = wait_until_both_step(store, comparison_id)
    scheduler.stop(comparison_id)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    assert states(store, comparison_id) == ["stopped", "stopped"]
    wait_until(lambda: all(is_gone(run) for run in runs))


def test_a_run_past_its_limit_fails(store: Store, make_scheduler: Callable[..., Scheduler]) -> None:
    comparison_id = make_scheduler(run_limit_s=1.0).submit(config(steps=ENDLESS), owner=None)
    runs = wait_until_both_step(store, comparison_id)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    assert states(store, comparison_id) == ["failed", "failed"]
    assert "1 seconds here" in str(store.run(runs[0].id).message)
    assert all(is_gone(run) for run in runs)


def test_the_terminals_interrupt_is_not_for_workers(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(steps=SECONDS), owner=None)
    for run in wait_until_both_step(store, comparison_id):
        assert is_blocked(signal.SIGINT, run.pid)  # from its first moment, as the fork server's, even while that loads
        os.kill(run.pid or 0, signal.SIGINT)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    assert store.comparison(comparison_id).is_finished


def test_workers_are_silent_on_the_terminal(
    store: Store, scheduler: Scheduler, capfd: pytest.CaptureFixture[str]
) -> None:
    comparison_id = scheduler.submit(config(behaviour="talks"), owner=None)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    log = (store.run_folder(f"{comparison_id}-left-0") / "log.txt").read_text(encoding="utf-8")
    assert log == "a library says hello\nand so does its C code\n"
    assert capfd.readouterr() == ("", "")


def test_an_internal_error_of_one_side_spares_the_other(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(behaviour="breaks"), owner=None)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    assert states(store, comparison_id) == ["finished", "failed"]
    run = store.comparison(comparison_id).run("right")
    log_file = store.run_folder(run.id) / "log.txt"
    assert str(log_file) in str(run.message)
    assert "Traceback" in log_file.read_text(encoding="utf-8")


def test_the_line_is_first_come_first_served(store: Store, scheduler: Scheduler) -> None:
    ids = [scheduler.submit(config(steps=SECONDS // 2), owner=f"browser {index}") for index in range(3)]
    wait_until(lambda: [scheduler.queue_place(comparison_id) for comparison_id in ids] == [None, 1, 2])
    wait_until(lambda: [scheduler.queue_place(comparison_id) for comparison_id in ids] == [None, None, 1])
    wait_until(lambda: all(store.comparison(comparison_id).is_finished for comparison_id in ids))
    starts = [store.comparison(comparison_id).run("left").started_at or 0 for comparison_id in ids]
    assert starts == sorted(starts)


def test_two_schedulers_share_a_store(store: Store, make_scheduler: Callable[..., Scheduler]) -> None:
    one, other = make_scheduler(), make_scheduler()
    first = one.submit(config(steps=ENDLESS), owner=None)
    second = other.submit(config(), owner="browser")
    runs = wait_until_both_step(store, first)
    assert other.queue_place(second) == 1
    other.stop(first)  # one scheduler's comparison can be stopped through another
    wait_until(lambda: store.comparison(second).is_finished)
    assert states(store, first) == ["stopped", "stopped"]
    assert all(isinstance(store.events(run.id)[-1][1], RunStopped) for run in runs)


def test_closing_interrupts_and_leaves_no_process(store: Store, make_scheduler: Callable[..., Scheduler]) -> None:
    scheduler = make_scheduler()
    ids = [scheduler.submit(config(steps=ENDLESS), owner=None) for _ in range(2)]
    runs = wait_until_both_step(store, ids[0])
    scheduler.close()
    assert [states(store, comparison_id) for comparison_id in ids] == [["interrupted"] * 2] * 2
    assert all(is_gone(run) for run in runs)
    assert (store.run_folder(runs[0].id) / "weights.safetensors").exists()  # it was asked, not killed


def test_each_variant_runs_its_own_method(store: Store, scheduler: Scheduler) -> None:
    both = ComparisonConfig(
        backbone="x",
        dataset=DatasetConfig(name="d"),
        left=VariantConfig(method="partial", frozen_blocks=("embedding", "0")),
        right=VariantConfig(method="from_scratch"),
        labels=1,
    )
    comparison_id = scheduler.submit(both, owner=None)
    wait_until(lambda: store.comparison(comparison_id).is_finished)
    record = store.comparison(comparison_id)
    assert record.run("left").config.variant.frozen_blocks == ("embedding", "0")
    assert record.run("right").config.variant.method == "from_scratch"


def test_runs_survive_their_fork_server(store: Store, scheduler: Scheduler) -> None:
    comparison_id = scheduler.submit(config(steps=SECONDS), owner=None)
    left, _ = wait_until_both_step(store, comparison_id)
    fork_server = int(Path(f"/proc/{left.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    assert fork_server != os.getpid()
    os.kill(fork_server, signal.SIGKILL)
    wait_until(lambda: store.comparison(comparison_id).is_over)
    assert states(store, comparison_id) == ["finished", "finished"]
    after = scheduler.submit(config(), owner=None)
    wait_until(lambda: store.comparison(after).is_finished, timeout_s=120)
