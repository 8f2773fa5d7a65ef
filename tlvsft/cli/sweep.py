"""`sweep`: trains methods over numbers of labels, or over frozen blocks, and shows what the figures say."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.catalog.presets import STORIES, get_preset
from tlvsft.cli.choose import choose_backbone_and_dataset
from tlvsft.cli.output import STDOUT, check_json_target, write_file, write_results
from tlvsft.cli.status import ExitStatus
from tlvsft.cli.sweep_progress import SweepDisplay
from tlvsft.cli.sweep_tables import sweep_table
from tlvsft.comparison.starts import find_nothing
from tlvsft.config import OWN
from tlvsft.errors import InvalidInput, RunError, UnknownName
from tlvsft.sweeps import (
    KINDS,
    SweepConfig,
    SweepProgress,
    SweepResults,
    complete_sweep,
    read_progress,
    read_sweep,
    submit_sweep,
)

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

POLL_S = 1.0
"""Often enough to watch; reading more often would take time from what is trained."""


def run(options: argparse.Namespace) -> int:
    """Runs the command; what it finishes stays in the store, for the page and for the same command.

    Raises:
        InvalidInput: The sweep can't work.
        RunError: No run of it has a result.
    """
    check_json_target(options.json)
    if options.csv == STDOUT:
        raise InvalidInput("Can't write CSV to stdout, where the table goes: give the name of a file.")
    check_json_target(options.csv, content="CSV")
    config = choose_sweep(options)
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        progress = _train(store, config)
        if progress.state != "finished":
            sys.stderr.write(
                f"Stopped: {progress.finished} of {progress.total} runs are kept as sweep {progress.sweep_id}; the "
                "same command goes on.\n"
            )
            return ExitStatus.INTERRUPTED
        results = read_sweep(store, progress.sweep_id, viewer=None)
    _refuse_without_result(results)
    if options.csv is not None:
        write_file(Path(options.csv), results.to_csv(), content="CSV")
    write_results(results.to_dict(), sweep_table(results), json_target=options.json)
    return ExitStatus.OK


def choose_sweep(options: argparse.Namespace) -> SweepConfig:
    """The sweep that the flags describe, completed and checked.

    Raises:
        InvalidInput: It can't work, in one line.
    """
    if options.kind not in KINDS:
        raise UnknownName("sweep", options.kind, KINDS)
    if options.preset is not None and get_preset(options.preset).group != STORIES:
        raise InvalidInput(
            f"The preset {options.preset!r} breaks something on purpose, and a sweep doesn't: choose a story, or "
            "--dataset."
        )
    base, data = choose_backbone_and_dataset(options, find_nothing)
    if base.task != "classification":
        raise InvalidInput(f"The preset {options.preset!r} tells no classes apart, and a sweep does: choose another.")
    return complete_sweep(
        options.kind,
        backbone=base.backbone,
        dataset=base.dataset,
        data=data,
        methods=options.methods,
        labels=options.labels,
        depths=options.depths,
        seeds=options.seeds,
        seed=options.seed,
        epochs=None if options.epochs in {None, OWN} else options.epochs,
    )


def _train(store: Store, config: SweepConfig) -> SweepProgress:
    """Runs what is missing of a sweep, shows how it gets on, and returns where it was left."""
    from tlvsft.runs.scheduler import Scheduler

    scheduler = Scheduler(store)
    try:
        scheduler.start()
        sweep_id = submit_sweep(scheduler, config, owner=None)
        try:
            _follow(store, sweep_id)
        except KeyboardInterrupt:
            scheduler.stop_sweep(sweep_id)
        return read_progress(store, sweep_id, viewer=None)
    finally:
        scheduler.close()


def _follow(store: Store, sweep_id: str) -> None:
    """Shows a sweep's progress until it is over."""
    display = SweepDisplay(sys.stderr)
    while True:
        results = read_sweep(store, sweep_id, viewer=None)
        display.show(results)
        if results.progress.is_over:
            return
        time.sleep(POLL_S)


def _refuse_without_result(results: SweepResults) -> None:
    """Turns a sweep of which nothing finished into one line.

    Raises:
        RunError: That is so.
    """
    failed = results.failures
    if len(failed) == len(results.cells):
        raise RunError(f"None of the {len(failed)} runs finished: {failed[0].message}")
