"""`compare`: trains two variants, shows how they get on, and reports."""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.catalog.forgotten import SOURCES
from tlvsft.catalog.presets import get_preset
from tlvsft.cli.choose import choose_config
from tlvsft.cli.output import check_json_target, write_results
from tlvsft.cli.progress import POLL_S, Display, follow
from tlvsft.cli.status import ExitStatus
from tlvsft.cli.tables import comparison_table
from tlvsft.comparison import preset_chain
from tlvsft.errors import InvalidInput, RunError
from tlvsft.pretraining.source_files import SOURCE_DATA_VARIABLE, check_source_data
from tlvsft.report.gathering import comparison_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    config = choose_config(options, find_comparison=find_comparison)
    source_data = choose_source_data(options.data, config.backbone)
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        comparison_id, interrupted = _train(store, preset_chain(config), source_data=source_data)
        comparison = store.comparison(comparison_id)
        if interrupted or _is_stopped(comparison):
            sys.stderr.write(f"Stopped: what was learnt is kept as comparison {comparison_id}.\n")
            return ExitStatus.INTERRUPTED
        if options.json is not None:
            from tlvsft.comparison.projecting import complete_evidence

            complete_evidence(store, comparison_id)
        report = comparison_numbers(store, comparison_id)
    write_results(report, comparison_table(report), json_target=options.json)
    return ExitStatus.OK


def find_comparison(comparison_id: str) -> ComparisonRecord:
    """An earlier comparison of this machine's store, whoever started it: who reads the store owns it.

    Raises:
        InvalidInput: There is none of this id.
    """
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        return store.comparison(comparison_id)


def choose_source_data(given: str | None, backbone: str) -> Path | None:
    """The folder of what the backbone was pretrained on, checked before anything is trained; `None` for none.

    Args:
        given: By `--data`; without it `TLVSFT_SOURCE_DATA` counts, for backbones that have any.
        backbone: Of the comparison.

    Raises:
        InvalidInput: It doesn't hold that data.
    """
    named = os.environ.get(SOURCE_DATA_VARIABLE) if backbone in SOURCES else None
    folder = given if given is not None else named
    if not folder:
        return None
    data = Path(folder).expanduser().resolve()
    check_source_data(backbone, data)
    sys.stderr.write(f"After each test: what was forgotten, measured on {SOURCES[backbone].unit}, some seconds each.\n")
    return data


def _train(store: Store, configs: Sequence[ComparisonConfig], *, source_data: Path | None) -> tuple[str, bool]:
    """Trains comparisons that go on from one another, and shows it.

    Returns:
        The id of the last comparison that was trained, and whether Ctrl-C was pressed.

    Raises:
        InvalidInput: A run found that its input can't be used.
        RunError: A run failed.
    """
    from tlvsft.runs.launcher import ProcessLauncher
    from tlvsft.runs.scheduler import Scheduler
    from tlvsft.runs.worker import run_worker

    work = partial(run_worker, source_data=source_data)
    scheduler = Scheduler(store, launcher=ProcessLauncher(store.home, target=work))
    try:
        scheduler.start()
        comparison_ids = scheduler.submit_chain(configs, owner=None)
        try:
            return _follow_chain(scheduler, store, comparison_ids), False
        except KeyboardInterrupt:
            _stop(scheduler, store, comparison_ids)
            return _last_begun(store, comparison_ids), True
    finally:
        scheduler.close()


def _follow_chain(scheduler: Scheduler, store: Store, comparison_ids: Sequence[str]) -> str:
    """Shows one comparison after the other until one was stopped or the last is over, and returns its id.

    Raises:
        InvalidInput: A run found that its input can't be used.
        RunError: A run failed.
    """
    for place, comparison_id in enumerate(comparison_ids, start=1):
        config = store.comparison(comparison_id).config
        step = ""
        if len(comparison_ids) > 1:
            step = f"{place} of {len(comparison_ids)}: {get_preset(config.preset or '').title}"
            sys.stderr.write(f"{step}\n")
        follow(store, comparison_id, Display(sys.stderr, config), queue_place=scheduler.queue_place)
        comparison = store.comparison(comparison_id)
        if _is_stopped(comparison):
            break
        _refuse_failures(comparison, step)
    return comparison_id


def _stop(scheduler: Scheduler, store: Store, comparison_ids: Sequence[str]) -> None:
    """Asks the runs to stop and waits until they have, unless Ctrl-C is pressed again."""
    try:
        for comparison_id in reversed(comparison_ids):  # those that wait first: none of them may begin meanwhile
            scheduler.stop(comparison_id)
        give_up = time.monotonic() + STOP_PATIENCE_S
        while time.monotonic() < give_up:
            if all(store.comparison(comparison_id).is_over for comparison_id in comparison_ids):
                return
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        return


def _last_begun(store: Store, comparison_ids: Sequence[str]) -> str:
    """The last comparison of which anything was trained, else the first."""
    begun = [key for key in comparison_ids if any(run.started_at is not None for run in store.comparison(key).runs)]
    return begun[-1] if begun else comparison_ids[0]


def _is_stopped(comparison: ComparisonRecord) -> bool:
    return any(run.state == "stopped" for run in comparison.runs)


def _refuse_failures(comparison: ComparisonRecord, step: str) -> None:
    """Turns runs that didn't finish into one line, which begins with the step of the chain if there is one.

    Raises:
        InvalidInput: The input was the reason.
        RunError: Anything else was.
    """
    failed = [run for run in comparison.runs if run.state != "finished"]
    if not failed:
        return
    first = failed[0]
    place = f"{step}: " if step else ""
    if first.invalid_input:
        raise InvalidInput(f"{place}{first.message}")
    others = f" ({len(failed)} of {len(comparison.runs)} runs didn't finish)" if len(failed) > 1 else ""
    reason = first.message or "its process ended."
    raise RunError(
        f"{place}The {first.side} run with seed {first.seed} ({first.config.variant.method}) failed{others}: {reason}"
    )
