"""Sweeps in a store without anything that trains: queued as a scheduler would, and finished with made-up results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from tlvsft.config import RunConfig
from tlvsft.events import RunFinished
from tlvsft.runs.cell_keys import cell_key
from tlvsft.runs.cell_records import CellRecord, SweepPlan
from tlvsft.runs.cells import Cells
from tlvsft.runs.cores import CorePlan
from tlvsft.runs.processes import ProcessIdentity, available_cores
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.runs.waiting import WaitingLine

EXAMPLES = 200
_BASE = {"linear_probe": 0.8, "full": 0.7, "from_scratch": 0.4, "random_features": 0.45, "partial": 0.75}


def queue_sweep(store: Store, plan: SweepPlan, *, owner: str | None) -> str:
    """Submits a sweep as `tlvsft.runs.scheduler.Scheduler` does."""
    threads = CorePlan.for_cores(available_cores()).threads
    keys = tuple(cell_key(run, threads=threads, fingerprints=plan.fingerprints) for run in plan.runs)
    line = WaitingLine(store.database)
    line.beat()
    return Sweeps(store.database).submit(plan, keys, owner=owner, server_id=line.server_id)


def made_up_accuracy(run: RunConfig) -> float:
    """More labels are better, fine-tuning most of all."""
    gain = 0.001 * (run.labels or 1000) ** 0.5 * (9 if run.variant.method == "full" else 4)
    return min(0.99, _BASE.get(run.variant.method, 0.7) + gain + 0.001 * run.seed)


def compute(
    store: Store, sweep_id: str, *, count: int | None = None, accuracy: Callable[[RunConfig], float] = made_up_accuracy
) -> None:
    """Finishes so many of a sweep's waiting runs, in their order; all of them unless a number is given."""
    waiting = [cell for cell in Cells(store.database).of_sweep(sweep_id) if cell.state == "queued"]
    for cell in waiting[:count]:
        _finish(store, cell, accuracy(cell.config))


def fail_next(store: Store, sweep_id: str, message: str) -> None:
    """Lets the next run of a sweep fail."""
    cell = next(cell for cell in Cells(store.database).of_sweep(sweep_id) if cell.state == "queued")
    _claim(store, cell)
    assert Cells(store.database).fail(cell.key, message)


def _finish(store: Store, cell: CellRecord, accuracy: float) -> None:
    _claim(store, cell)
    right = np.arange(EXAMPLES) < round(accuracy * EXAMPLES)
    finish = RunFinished(
        steps=40, frozen_intact=None, elapsed_s=2.0, train_s=1.5, examples_per_s=100.0, peak_memory_bytes=400_000_000,
        test_accuracy=float(right.mean()),
    )  # fmt: skip
    assert Cells(store.database).finish(
        cell.key, ProcessIdentity.own(), result=asdict(finish), correct=np.packbits(right).tobytes(), examples=EXAMPLES,
        train_examples=cell.config.labels or 1000,
    )  # fmt: skip


def _claim(store: Store, cell: CellRecord) -> None:
    with store.database.writing() as connection:
        process = ProcessIdentity.own()
        connection.execute(
            "UPDATE cells SET state = 'running', pid = ?, process_start = ?, started_at = 0, heartbeat_at = 2e9"
            " WHERE key = ?",
            (process.pid, process.start, cell.key),
        )
