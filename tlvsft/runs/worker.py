"""What runs inside one worker process: one run, from its start to its last word in the store."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tlvsft.config import RunConfig
from tlvsft.errors import InvalidInput, StoreError, TlvsftError
from tlvsft.events import Event, RunFailed, RunFinished, RunStopped
from tlvsft.pretraining.source_files import SOURCE_DATA_VARIABLE
from tlvsft.runs.artifacts import (
    LOG_FILE,
    Checkpoint,
    save_checkpoint,
    save_observed,
    save_predictions,
    save_text_losses,
)
from tlvsft.runs.chains import load_start
from tlvsft.runs.processes import ProcessIdentity, redirect_output
from tlvsft.runs.pruning import prune_weights
from tlvsft.runs.pulse import Pulse
from tlvsft.runs.reaper import INTERRUPTED_MESSAGE
from tlvsft.runs.records import RunRecord
from tlvsft.runs.store import Store

if TYPE_CHECKING:
    from tlvsft.training import Snapshot, TrainedRun

OUT_OF_MEMORY_MESSAGE = "Out of memory: choose a smaller backbone or fewer labels, or close other programs."
_OUT_OF_MEMORY_PHRASES = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")
"""How torch, numpy and the operating system say it."""
_SHOWN_ERROR_CHARACTERS = 200


class TrainFunction(Protocol):
    """What trains: `tlvsft.training.train`."""

    def __call__(
        self,
        config: RunConfig,
        *,
        on_event: Callable[[Event], None],
        should_stop: Callable[[], bool],
        on_checkpoint: Callable[[Snapshot], None] | None,
        start: Checkpoint | None,
    ) -> TrainedRun:
        """Trains, and says how it goes."""


def run_worker(home: Path, run_id: str, threads: int, *, source_data: Path | None = None) -> None:
    """Entry of a worker process: trains one run with the engine.

    Args:
        home: The store's folder.
        run_id: Which run.
        threads: How many cores it may use.
        source_data: Where the data lies that the backbone was pretrained on; `TLVSFT_SOURCE_DATA` unless given.
    """
    work_as_process(home, run_id, threads, train=partial(_train, source_data=source_data))


def work_as_process(home: Path, run_id: str, threads: int, *, train: TrainFunction) -> None:
    """Makes the process a worker (deaf to Ctrl-C, silent on the terminal, a few cores), then works."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TLVSFT_HOME"] = str(home)
    store = Store(home)
    redirect_output(store.run_folder(run_id) / LOG_FILE)
    server = multiprocessing.parent_process()
    work(store, run_id, threads=threads, train=train, server_alive=lambda: server is None or server.is_alive())
    store.close()


def work(store: Store, run_id: str, *, threads: int, train: TrainFunction, server_alive: Callable[[], bool]) -> None:
    """Trains a queued run and leaves it in a final state, with its files written before its last event."""
    if not store.begin_run(run_id, ProcessIdentity.own()):
        return  # stopped while it was queued
    pulse = Pulse(store, run_id, server_alive=server_alive)
    pulse.start()
    try:
        run = store.run(run_id)
        trained = _train_with_threads(store, run, threads=threads, train=train, pulse=pulse)
        _save_files(store, run, trained)
        pulse.finish()
    except Exception as error:  # noqa: BLE001  the last boundary: whatever happened becomes the run's last event
        traceback.print_exc()
        with contextlib.suppress(StoreError):
            pulse.finish()
        store.end_run(run_id, "failed", event=describe_failure(error, log_file=store.run_folder(run_id) / LOG_FILE))
        return
    if isinstance(trained.outcome, RunFinished):
        store.end_run(run_id, "finished", event=trained.outcome)
        prune_weights(store)
        return
    state = pulse.stop_as or "stopped"
    message = INTERRUPTED_MESSAGE if state == "interrupted" else None
    store.end_run(run_id, state, event=trained.outcome, message=message)


def describe_failure(error: Exception, *, log_file: Path) -> RunFailed:
    """An exception, in one line that says what to do next."""
    if isinstance(error, TlvsftError):
        return RunFailed(message=str(error), invalid_input=isinstance(error, InvalidInput))
    if isinstance(error, MemoryError) or any(phrase in str(error).lower() for phrase in _OUT_OF_MEMORY_PHRASES):
        return RunFailed(message=OUT_OF_MEMORY_MESSAGE)
    summary = " ".join(f"{type(error).__name__}: {error}".split())
    shown = summary if len(summary) <= _SHOWN_ERROR_CHARACTERS else f"{summary[: _SHOWN_ERROR_CHARACTERS - 1]}…"
    return RunFailed(message=f"The run hit an internal error ({shown}); details in {log_file}.")


def _train(config: RunConfig, *, source_data: Path | None = None, **options: Any) -> TrainedRun:
    from tlvsft.training import train
    from tlvsft.training.observers import OBSERVERS

    named = os.environ.get(SOURCE_DATA_VARIABLE)
    data = Path(named).expanduser() if source_data is None and named else source_data
    if data is None:
        return train(config, compares_representations=True, observers=OBSERVERS, **options)
    from tlvsft.pretraining.heldout import observe_heldout

    return train(
        config, compares_representations=True, observers=(*OBSERVERS, partial(observe_heldout, data=data)), **options
    )


def _train_with_threads(
    store: Store, run: RunRecord, *, threads: int, train: TrainFunction, pulse: Pulse
) -> TrainedRun:
    import torch

    torch.set_num_threads(threads)
    found = load_start(store, run)
    if found is not None:
        pulse.add(found[1])

    def pass_on(event: Event) -> None:
        # The last event waits until the files are written: who reads it may then read them.
        if not isinstance(event, RunFinished | RunStopped):
            pulse.add(event)

    # Language models answer while they train: the page asks for their next words.
    answers = run.config.task == "language_modeling"
    return train(
        run.config,
        on_event=pass_on,
        should_stop=pulse.should_stop,
        on_checkpoint=(lambda snapshot: _save_snapshot(store, run, snapshot)) if answers else None,
        start=None if found is None else found[0],
    )


def _save_snapshot(store: Store, run: RunRecord, snapshot: Snapshot) -> None:
    checkpoint = Checkpoint(
        config=run.config,
        class_names=snapshot.class_names,
        backbone_fingerprint=snapshot.backbone_fingerprint,
        changed_tensors=snapshot.changed_tensors,
        step=snapshot.step,
    )
    save_checkpoint(store.run_folder(run.id), checkpoint)


def _save_files(store: Store, run: RunRecord, trained: TrainedRun) -> None:
    _save_snapshot(store, run, trained)
    folder = store.run_folder(run.id)
    if trained.predictions is not None:
        save_predictions(folder, labels=trained.predictions.labels, probabilities=trained.predictions.probabilities)
    if trained.text_losses is not None:
        save_text_losses(folder, losses=trained.text_losses.losses, tokens=trained.text_losses.tokens)
    for name, arrays in trained.arrays.items():
        save_observed(folder, name, arrays)
    if trained.test_examples is not None:
        from tlvsft.runs.display import save_display_examples  # loads the data's libraries

        comparison_folder = store.comparison_folder(run.comparison_id)
        save_display_examples(comparison_folder, trained.test_examples, class_names=trained.class_names)
