"""What runs inside the worker process of a cell: one run, of which the result is kept and nothing else.

No curves, no weights, no examples: a sweep has hundreds of cells, and a figure needs their results. A cell that is
stopped in between has nothing to keep, so its server may end this process at any moment.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlvsft.config import RunConfig
from tlvsft.errors import StoreError
from tlvsft.events import Event, RunFinished, RunStarted, StepTaken
from tlvsft.runs.cells import Cells, cell_log
from tlvsft.runs.processes import ProcessIdentity, redirect_output
from tlvsft.runs.pulse import Pulse
from tlvsft.runs.records import EndState, StopState
from tlvsft.runs.store import Store
from tlvsft.runs.worker import TrainFunction, describe_failure

if TYPE_CHECKING:
    from tlvsft.training import TrainedRun

TESTED_SHARE = 0.95
"""What is left after the last step, the test, counts as the rest."""
_NOT_KEPT = frozenset({"confusion_matrix"})
"""Figures that no sweep shows."""


def run_cell_worker(home: Path, key: str, threads: int) -> None:
    """Entry of a worker process: trains one cell with the engine."""
    work_on_cell_as_process(home, key, threads, train=_train)


def work_on_cell_as_process(home: Path, key: str, threads: int, *, train: TrainFunction) -> None:
    """Makes the process a worker (deaf to Ctrl-C, silent on the terminal, a few cores), then works."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TLVSFT_HOME"] = str(home)
    store = Store(home)
    redirect_output(cell_log(home, key))
    server = multiprocessing.parent_process()
    claimed_by = ProcessIdentity.of(server.pid or 0) if server is not None else ProcessIdentity.own()
    work_on_cell(
        Cells(store.database),
        key,
        log_file=cell_log(home, key),
        threads=threads,
        train=train,
        claimed_by=claimed_by,
        server_alive=lambda: server is None or server.is_alive(),
    )
    store.close()


def work_on_cell(
    cells: Cells,
    key: str,
    *,
    log_file: Path,
    threads: int,
    train: TrainFunction,
    claimed_by: ProcessIdentity,
    server_alive: Callable[[], bool],
) -> None:
    """Trains a claimed cell and keeps its result, or the reason why it has none; a cell that is stopped waits again."""
    process = ProcessIdentity.own()
    cell = cells.find(key) if cells.begin(key, process, claimed_by=claimed_by) else None
    if cell is None:
        return  # its server has let go of it meanwhile
    ledger = _CellLedger(cells)
    pulse = Pulse(ledger, key, server_alive=server_alive)
    pulse.start()
    try:
        trained = _train_with_threads(cell.config, threads=threads, train=train, pulse=pulse)
        pulse.finish()
    except Exception as error:  # noqa: BLE001  the last boundary: whatever happened is the reason for having no result
        traceback.print_exc()
        with contextlib.suppress(StoreError):
            pulse.finish()
        cells.fail(key, describe_failure(error, log_file=log_file).message)
        return
    if isinstance(trained.outcome, RunFinished):
        _keep(cells, key, process, trained, train_examples=ledger.train_examples)
        with contextlib.suppress(OSError):  # Windows deletes no file that is open
            log_file.unlink()
    else:
        cells.release([key])


class _CellLedger:
    """Where the pulse of a cell's worker beats: only how far it is goes to the store."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._total_steps = 0
        self._share = 0.0
        self.train_examples = 0

    def beat(self, run_id: str) -> None:
        """Notes that the worker lives, and how far it is."""
        self._cells.beat(run_id, share=self._share)

    def stop_requested(self, run_id: str) -> StopState | None:  # noqa: ARG002  as every ledger is asked
        """Nobody asks: a cell has nothing to keep, so its process is ended."""
        return None

    def append_events(self, run_id: str, events: Iterable[Event]) -> int:  # noqa: ARG002  likewise
        """Learns from what happened how far the run is."""
        for event in events:
            match event:
                case RunStarted():
                    self._total_steps, self.train_examples = event.total_steps, event.train_examples
                case StepTaken() if self._total_steps:
                    self._share = TESTED_SHARE * event.step / self._total_steps
        return 0

    def end_run(self, run_id: str, state: EndState, *, event: Event | None = None, message: str | None = None) -> bool:  # noqa: ARG002
        """Lets the cell wait again: its server is gone, and this process is stuck."""
        self._cells.release([run_id])
        return True


def _train(config: RunConfig, **options: Any) -> TrainedRun:
    """Trains, and measures what a figure shows; not what stands beside a single comparison alone."""
    from tlvsft.training import train
    from tlvsft.training.observers import SWEEP_OBSERVERS

    return train(config, observers=SWEEP_OBSERVERS, **options)


def _train_with_threads(config: RunConfig, *, threads: int, train: TrainFunction, pulse: Pulse) -> TrainedRun:
    import torch

    torch.set_num_threads(threads)
    return train(config, on_event=pulse.add, should_stop=pulse.should_stop, on_checkpoint=None, start=None)


def _keep(cells: Cells, key: str, process: ProcessIdentity, trained: TrainedRun, *, train_examples: int) -> None:
    import numpy as np

    predictions = trained.predictions
    correct = (
        np.zeros(0, dtype=bool)
        if predictions is None
        else predictions.probabilities.argmax(axis=1) == predictions.labels
    )
    figures = {name: value for name, value in asdict(trained.outcome).items() if name not in _NOT_KEPT}
    cells.finish(
        key,
        process,
        result=figures,
        correct=np.packbits(correct).tobytes(),
        examples=len(correct),
        train_examples=train_examples,
    )
