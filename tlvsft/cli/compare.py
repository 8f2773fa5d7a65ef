"""`compare`: trains two variants, shows how they get on, and reports."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from tlvsft.cli.choose import choose_config
from tlvsft.cli.output import check_json_target, write_results
from tlvsft.cli.progress import POLL_S, Display, follow
from tlvsft.cli.status import ExitStatus
from tlvsft.cli.tables import comparison_table
from tlvsft.comparison import comparison_report
from tlvsft.errors import InvalidInput, RunError

if TYPE_CHECKING:
    from tlvsft.config import ComparisonConfig
    from tlvsft.runs.records import ComparisonRecord
    from tlvsft.runs.scheduler import Scheduler
    from tlvsft.runs.store import Store


STOP_PATIENCE_S = 20.0
"""How long Ctrl-C waits for the runs to stop between two steps; a second Ctrl-C doesn't wait."""


def run(options: argparse.Namespace) -> int:
    """Runs the command; the comparison joins the page's list, because it is in the same store.

    Raises:
        InvalidInput: The comparison can't work, or a run found that its input can't be used.
        RunError: A run failed.
    """
    check_json_target(options.json)
    config = choose_config(options)
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        comparison_id, interrupted = _train(store, config)
        comparison = store.comparison(comparison_id)
        if interrupted or any(run.state == "stopped" for run in comparison.runs):
            sys.stderr.write(f"Stopped: what was learnt is kept as comparison {comparison_id}.\n")
            return ExitStatus.INTERRUPTED
        _refuse_failures(comparison)
        report = comparison_report(store, comparison_id)
    write_results(report, comparison_table(report), json_target=options.json)
    return ExitStatus.OK


def _train(store: Store, config: ComparisonConfig) -> tuple[str, bool]:
    """Trains both sides and shows it; returns the comparison's id and whether Ctrl-C was pressed."""
    from tlvsft.runs.scheduler import Scheduler

    scheduler = Scheduler(store)
    try:
        scheduler.start()
        comparison_id = scheduler.submit(config, owner=None)
        try:
            follow(store, comparison_id, Display(sys.stderr, config), queue_place=scheduler.queue_place)
        except KeyboardInterrupt:
            _stop(scheduler, store, comparison_id)
            return comparison_id, True
        return comparison_id, False
    finally:
        scheduler.close()


def _stop(scheduler: Scheduler, store: Store, comparison_id: str) -> None:
    """Asks the runs to stop and waits until they have, unless Ctrl-C is pressed again."""
    try:
        scheduler.stop(comparison_id)
        give_up = time.monotonic() + STOP_PATIENCE_S
        while time.monotonic() < give_up:
            if store.comparison(comparison_id).is_over:
                return
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        return


def _refuse_failures(comparison: ComparisonRecord) -> None:
    """Turns runs that didn't finish into one line.

    Raises:
        InvalidInput: The input was the reason.
        RunError: Anything else was.
    """
    failed = [run for run in comparison.runs if run.state != "finished"]
    if not failed:
        return
    first = failed[0]
    if first.invalid_input:
        raise InvalidInput(first.message)
    others = f" ({len(failed)} of {len(comparison.runs)} runs didn't finish)" if len(failed) > 1 else ""
    reason = first.message or "its process ended."
    raise RunError(
        f"The {first.side} run with seed {first.seed} ({first.config.variant.method}) failed{others}: {reason}"
    )
