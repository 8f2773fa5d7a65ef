"""Sweeps in real worker processes around a training that only pretends, and counts its calls; then with the engine."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conditions import wait_until
from tests.integration.fake_training import fake_train, run_fake_worker
from tests.unit.runs.plans import plan
from tlvsft.config import ComparisonConfig, DatasetConfig, RunConfig, VariantConfig
from tlvsft.runs.cell_records import CellRecord, SweepPlan
from tlvsft.runs.cell_worker import work_on_cell_as_process
from tlvsft.runs.cells import Cells, cell_log
from tlvsft.runs.launcher import ProcessLauncher
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.sweeps import SweepResults, complete_sweep, read_sweep, resume_sweep, submit_sweep

ENDLESS = 100_000
CALLS = "calls.txt"


def run_counting_worker(home: Path, key: str, threads: int) -> None:
    """A cell's worker that notes for how many labels it trains, each time that it does."""

    def train(config: RunConfig, **options: Any) -> Any:
        with (home / CALLS).open("a", encoding="utf-8") as calls:
            calls.write(f"{config.variant.method} {config.labels} {config.seed}\n")
        return fake_train(config, **options)

    work_on_cell_as_process(home, key, threads, train=train)


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    (home / CALLS).unlink(missing_ok=True)
    opened = Store(home)
    with opened.database.writing() as connection:  # each test begins without results
        for statement in ("DELETE FROM sweep_cells", "DELETE FROM sweeps", "DELETE FROM cells"):
            connection.execute(statement)
    yield opened
    opened.close()


@pytest.fixture
def make_sweeper(store: Store) -> Iterator[Callable[[], Scheduler]]:
    made: list[Scheduler] = []

    def make() -> Scheduler:
        made.append(
            Scheduler(
                store,
                launcher=ProcessLauncher(store.home, target=run_fake_worker),
                cell_launcher=ProcessLauncher(store.home, target=run_counting_worker),
                cores=2,
            )
        )
        made[-1].start()
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.close()


@pytest.fixture
def sweeper(make_sweeper: Callable[[], Scheduler]) -> Scheduler:
    return make_sweeper()


def calls(store: Store) -> list[str]:
    file = store.home / CALLS
    return sorted(file.read_text(encoding="utf-8").splitlines()) if file.exists() else []


def cells(store: Store, sweep_id: str) -> list[CellRecord]:
    return Cells(store.database).of_sweep(sweep_id)


def state(store: Store, sweep_id: str) -> str:
    return Sweeps(store.database).visible(sweep_id, viewer=None).state


def pid_of(store: Store, cell: CellRecord) -> int:
    with store.database.reading() as connection:
        return int(connection.execute("SELECT pid FROM cells WHERE key = ?", (cell.key,)).fetchone()[0])


def wait_until_both_train(store: Store, sweep_id: str, *, expected: int = 2) -> list[int]:
    """The processes of the running cells, once they have begun to train."""
    wait_until(lambda: len(calls(store)) >= expected)
    return [pid_of(store, cell) for cell in cells(store, sweep_id) if cell.state == "running"]


def is_gone(pid: int) -> bool:
    return not ProcessIdentity.of(pid).is_alive()


def test_every_cell_is_computed_once_by_this_or_any_other_sweep(store: Store, sweeper: Scheduler) -> None:
    first = sweeper.submit_sweep(plan(1, 2, 3), owner="me")
    wait_until(lambda: state(store, first) == "finished")
    assert calls(store) == ["full 1 0", "full 2 0", "full 3 0"]
    assert [cell.result["test_accuracy"] for cell in cells(store, first)] == [1.0, 1.0, 1.0]
    assert [cell.result["peak_memory_bytes"] for cell in cells(store, first)] == [1, 1, 1]  # torch's threads
    assert sweeper.submit_sweep(plan(1, 2, 3), owner="me") == first
    second = sweeper.submit_sweep(plan(2, 3, 4), owner="you")
    wait_until(lambda: state(store, second) == "finished")
    assert calls(store) == ["full 1 0", "full 2 0", "full 3 0", "full 4 0"]


def test_a_stopped_sweep_goes_on_with_what_is_missing(store: Store, sweeper: Scheduler) -> None:
    wanted = plan(1, 2, ENDLESS, ENDLESS + 1)
    sweep_id = sweeper.submit_sweep(wanted, owner=None)
    wait_until(lambda: [cell.state for cell in cells(store, sweep_id)][:2] == ["finished"] * 2)
    pids = wait_until_both_train(store, sweep_id, expected=4)
    sweeper.stop_sweep(sweep_id)
    wait_until(lambda: all(map(is_gone, pids)))
    wait_until(lambda: [cell.state for cell in cells(store, sweep_id)] == ["finished"] * 2 + ["queued"] * 2)
    assert state(store, sweep_id) == "stopped"
    assert sweeper.submit_sweep(wanted, owner=None) == sweep_id
    wait_until(lambda: len(calls(store)) == 6)
    assert calls(store).count("full 1 0") == calls(store).count("full 2 0") == 1


def test_a_comparison_goes_first_and_the_sweep_goes_on_after_it(store: Store, sweeper: Scheduler) -> None:
    sweep_id = sweeper.submit_sweep(plan(50, 51), owner=None)
    pids = wait_until_both_train(store, sweep_id)
    assert len(pids) == 2
    config = ComparisonConfig(backbone="well", dataset=DatasetConfig(name="d"), labels=20)
    comparison_id = sweeper.submit(config, owner=None)
    wait_until(lambda: all(run.started_at is not None for run in store.comparison(comparison_id).runs))
    assert all(map(is_gone, pids))
    wait_until(lambda: state(store, sweep_id) == "finished")
    ended = max(run.ended_at or 0 for run in store.comparison(comparison_id).runs)
    assert all((cell.started_at or 0) >= ended for cell in cells(store, sweep_id))
    assert calls(store) == ["full 50 0", "full 50 0", "full 51 0", "full 51 0"]


def test_a_killed_worker_fails_its_cell_alone(store: Store, sweeper: Scheduler) -> None:
    sweep_id = sweeper.submit_sweep(plan(ENDLESS, 2, 3), owner=None)
    wait_until_both_train(store, sweep_id)
    os.kill(pid_of(store, cells(store, sweep_id)[0]), signal.SIGKILL)
    wait_until(lambda: state(store, sweep_id) == "finished")
    failed, *others = cells(store, sweep_id)
    assert [cell.state for cell in others] == ["finished", "finished"]
    assert "ended by signal 9" in str(failed.message)


def test_refusals_and_errors_are_kept_with_their_cell(store: Store, sweeper: Scheduler) -> None:
    runs = (*plan(1, backbone="refuses").runs, *plan(1, backbone="breaks").runs, *plan(1).runs)
    wanted = SweepPlan(config={}, runs=runs)
    sweep_id = sweeper.submit_sweep(wanted, owner=None)
    wait_until(lambda: state(store, sweep_id) == "finished")
    refused, broken, fine = cells(store, sweep_id)
    assert refused.message == "The file has no column 'label': name it with --label-column."
    assert f"details in {cell_log(store.home, broken.key)}" in str(broken.message)
    assert "Traceback" in cell_log(store.home, broken.key).read_text(encoding="utf-8")
    assert fine.state == "finished"
    assert not cell_log(store.home, fine.key).exists()


def test_closing_leaves_no_process_and_another_server_goes_on(
    store: Store, make_sweeper: Callable[[], Scheduler]
) -> None:
    first = make_sweeper()
    wanted = plan(1, ENDLESS, ENDLESS + 1)
    sweep_id = first.submit_sweep(wanted, owner=None)
    pids = wait_until_both_train(store, sweep_id, expected=3)
    first.close()
    assert all(map(is_gone, pids))
    assert state(store, sweep_id) == "interrupted"
    assert make_sweeper().submit_sweep(wanted, owner=None) == sweep_id
    wait_until(lambda: len(calls(store)) == 5)
    assert calls(store).count("full 1 0") == 1


def test_two_servers_share_the_work_and_compute_nothing_twice(
    store: Store, make_sweeper: Callable[[], Scheduler]
) -> None:
    wanted = plan(*range(1, 9))
    ids = [
        make_sweeper().submit_sweep(SweepPlan(config={"of": name}, runs=wanted.runs), owner=name)
        for name in ("me", "you")
    ]
    wait_until(lambda: all(state(store, sweep_id) == "finished" for sweep_id in ids))
    assert len(calls(store)) == len(set(calls(store))) == 8


def figures_of(results: SweepResults, method: str, labels: int) -> Mapping[str, Any]:
    """What the first seed of a method measured."""
    return next(cell.figures for cell in results.cells if (cell.method, cell.labels) == (method, labels))


def assert_a_comparison_finds_the_same(store: Store, scheduler: Scheduler, sweep_id: str) -> None:
    """A cell is a run as any other: the same config answers every test example alike."""
    config = ComparisonConfig(
        backbone="glyphs-resnet",
        dataset=DatasetConfig(name="digits"),
        left=VariantConfig(method="linear_probe"),
        right=VariantConfig(method="from_scratch"),
        labels=50,
        epochs=2,
    )
    comparison_id = scheduler.submit(config, owner="me")
    wait_until(lambda: store.comparison(comparison_id).is_finished, timeout_s=120)
    by_config = {cell.config: cell for cell in cells(store, sweep_id)}
    for run in store.comparison(comparison_id).runs:
        answers = store.predictions(run.id)
        right = answers.probabilities.argmax(axis=1) == answers.labels
        assert np.packbits(right).tobytes() == by_config[run.config].correct


def test_the_engine_fills_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path))
    store = Store(tmp_path)
    scheduler = Scheduler(store, cores=2)
    scheduler.start()
    try:
        config = complete_sweep(
            "labels",
            backbone="glyphs-resnet",
            dataset=DatasetConfig(name="digits"),
            methods=("linear_probe", "from_scratch"),
            labels=(10, 50),
            seeds=2,
            epochs=2,
        )
        sweep_id = submit_sweep(scheduler, config, owner="me")
        wait_until(lambda: read_sweep(store, sweep_id, viewer="me").progress.is_over, timeout_s=120)
        results = read_sweep(store, sweep_id, viewer="me")
        assert [point.seeds for curve in results.curves for point in curve.points] == [2, 2, 2, 2]
        probe, scratch = results.curves
        assert probe.points[1].accuracy > scratch.points[1].accuracy
        for cell, record in zip(results.cells, cells(store, sweep_id), strict=True):
            right = sum(byte.bit_count() for byte in record.correct)
            assert cell.figures["test_accuracy"] == pytest.approx(right / record.examples)
            assert record.examples == 270
            assert record.train_examples == cell.labels
        kept = probe.points[0].forgetting
        assert kept is not None
        assert (kept.measure, kept.after) == ("source_agreement", 1.0)  # nothing of a probe's backbone moves
        assert {point.forgetting for point in scratch.points} == {None}  # and there was nothing to forget
        before = [record.result for record in cells(store, sweep_id)]
        assert resume_sweep(scheduler, store, sweep_id, viewer="me") == sweep_id
        assert [record.result for record in cells(store, sweep_id)] == before
        assert results.readings.label_ratio is not None
        assert_a_comparison_finds_the_same(store, scheduler, sweep_id)

        depth = complete_sweep(
            "depth",
            backbone="glyphs-resnet",
            dataset=DatasetConfig(name="digits"),
            methods=("linear_probe",),
            labels=(50,),
            depths=(0, 5),
            seeds=1,
            epochs=2,
        )
        depth_id = submit_sweep(scheduler, depth, owner="me")
        wait_until(lambda: read_sweep(store, depth_id, viewer="me").progress.is_over, timeout_s=120)
        nothing, everything, probe_cell = read_sweep(store, depth_id, viewer="me").cells
        assert (nothing.figures["frozen_intact"], everything.figures["frozen_intact"]) == (None, True)
        assert everything.figures["reused_s"] > 0  # the frozen blocks were computed in the first sweep
        assert probe_cell.figures == figures_of(results, "linear_probe", 50)  # and the whole probe was
    finally:
        scheduler.close()
        store.close()
