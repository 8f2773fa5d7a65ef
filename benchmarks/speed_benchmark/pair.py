"""Two runs at once, and the same two one after the other, by the very machinery that the app runs them with."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from tlvsft.catalog.presets import DEFAULT_PRESET, get_preset
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import RunFinished
from tlvsft.runs.launcher import ProcessLauncher
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store

_LOOK_EVERY_S = 0.002


def pair(*, config: dict[str, Any], threads: int, together_first: bool) -> dict[str, Any]:
    """Both runs of a comparison together, a share of the threads each, and alone, with all threads.

    The fork server is warm before; the clock runs from the launch of a worker process to its end, so that it has the
    start of the process, all events and the files that a run leaves.

    Args:
        config: A `ComparisonConfig` as data, of one seed.
        threads: For both together, or for each alone.
        together_first: Which of the two comes first.

    Returns:
        `together_s` and `alone_s`, the sum of both; `together_training_s` and `alone_training_s`, the same by what the
        runs say of themselves; `test_accuracies`.
    """
    comparison = ComparisonConfig.from_dict(config)
    _warm()
    result: dict[str, Any] = {}
    for together in (together_first, not together_first):
        result |= _together(comparison, max(1, threads // 2)) if together else _alone(comparison, threads)
    return result


def default_pair(*, cores: int, labels: int | None = None, epochs: int | None = None) -> dict[str, Any]:
    """The default preset, queued and run by the scheduler.

    Args:
        cores: For both runs together.
        labels: Training examples, where not the preset's own.
        epochs: Likewise.

    Returns:
        `submitted_to_over_s` and the `test_accuracies` of left and right.
    """
    config = get_preset(DEFAULT_PRESET).comparison_config()
    config = replace(config, labels=labels or config.labels, epochs=epochs)
    _warm()
    with tempfile.TemporaryDirectory() as home, closing(Store(Path(home))) as store:
        scheduler = Scheduler(store, cores=cores)
        scheduler.start()
        try:
            started = perf_counter()
            comparison_id = scheduler.submit(config, owner=None)
            while not store.comparison(comparison_id).is_over:
                sleep(_LOOK_EVERY_S)
            seconds = perf_counter() - started
            finished = _finished(store, comparison_id, SIDES)
        finally:
            scheduler.close()
    return {"submitted_to_over_s": seconds, "test_accuracies": [found.test_accuracy for found in finished]}


def _warm() -> None:
    with tempfile.TemporaryDirectory() as home:
        ProcessLauncher(Path(home)).warm()


def _together(comparison: ComparisonConfig, threads: int) -> dict[str, Any]:
    seconds, finished = _run(comparison, SIDES, threads)
    return {
        "together_s": seconds,
        "together_training_s": max(found.elapsed_s for found in finished),
        "test_accuracies": [found.test_accuracy for found in finished],
    }


def _alone(comparison: ComparisonConfig, threads: int) -> dict[str, Any]:
    runs = [_run(comparison, (side,), threads) for side in SIDES]
    return {
        "alone_s": sum(seconds for seconds, _ in runs),
        "alone_training_s": sum(found.elapsed_s for _, finished in runs for found in finished),
    }


def _run(comparison: ComparisonConfig, sides: Sequence[Side], threads: int) -> tuple[float, list[RunFinished]]:
    """Seconds, and the last words, of some sides at once; each time with an empty home."""
    with tempfile.TemporaryDirectory() as home, closing(Store(Path(home))) as store:
        comparison_id = store.add_comparison(comparison, owner=None)
        chosen = [run for run in store.comparison(comparison_id).runs if run.side in sides]
        launcher = ProcessLauncher(store.home)
        started = perf_counter()
        workers = [launcher.launch(run.id, threads=threads) for run in chosen]
        while any(worker.alive() for worker in workers):
            sleep(_LOOK_EVERY_S)
        seconds = perf_counter() - started
        return seconds, _finished(store, comparison_id, sides)


def _finished(store: Store, comparison_id: str, sides: Sequence[Side]) -> list[RunFinished]:
    """How the runs of some sides ended.

    Raises:
        RuntimeError: One wasn't finished.
    """
    found = []
    for run in store.comparison(comparison_id).runs:
        if run.side in sides:
            last = store.events(run.id)[-1][1]
            if not isinstance(last, RunFinished):
                raise RuntimeError(f"{run.id} ended with {last}.")
            found.append(last)
    return found
