"""`export`: writes the report, the numbers, a trained model, or a program that trains again."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.cli.output import STDOUT, check_json_target, write_file, write_json
from tlvsft.cli.status import ExitStatus
from tlvsft.config import SIDES
from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store


def run(options: argparse.Namespace) -> int:
    """Runs the command and writes the names of what it wrote to stdout, one a line.

    Raises:
        InvalidInput: No such comparison, it isn't over, nothing was asked for, or a target can't be written.
        RunError: The model can't be given away.
    """
    folders = _check(options)
    from tlvsft.report import can_take_home
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        comparison = store.comparison(options.comparison)
        if not can_take_home(comparison):
            raise InvalidInput(f"Comparison {comparison.id} isn't over yet: wait until it has finished, or stop it.")
        _write_documents(store, comparison, options)
        for kind, folder in folders.items():
            _write_folder(store, _chosen_run(comparison, options), kind, folder)
            _tell(options, str(folder))
    return ExitStatus.OK


def _check(options: argparse.Namespace) -> dict[str, Path]:
    """The folders that are asked for, by what goes into them, once everything is known to be writable."""
    asked = {"model": options.model, "script": options.script}
    folders = {kind: Path(name) for kind, name in asked.items() if name is not None}
    if not folders and options.report is None and options.json is None:
        raise InvalidInput("Say what to export: --report FILE, --json FILE, --model FOLDER or --script FOLDER.")
    if folders and options.side not in SIDES:
        raise InvalidInput("A model and a program are of one side: add --side left or --side right.")
    check_json_target(options.report)
    check_json_target(options.json)
    for folder in folders.values():
        _check_folder(folder)
    return folders


def _check_folder(folder: Path) -> None:
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise InvalidInput(f"Can't write to {str(folder)!r}: {error.strerror}.") from error
    if taken:
        raise InvalidInput(f"{str(folder)!r} isn't empty: name a new folder.")


def _write_documents(store: Store, comparison: ComparisonRecord, options: argparse.Namespace) -> None:
    if options.report is not None or options.json is not None:
        from tlvsft.comparison.projecting import complete_evidence

        complete_evidence(store, comparison.id)
    if options.report is not None:
        from tlvsft.report import report_html

        write_file(Path(options.report), report_html(store, comparison.id))
        _tell(options, options.report)
    if options.json is not None:
        from tlvsft.report.gathering import comparison_numbers

        write_json(comparison_numbers(store, comparison.id), options.json)
        if options.json != STDOUT:
            _tell(options, options.json)


def _chosen_run(comparison: ComparisonRecord, options: argparse.Namespace) -> RunRecord:
    seeds = comparison.config.all_seeds()
    seed = seeds.start if options.seed is None else options.seed
    if seed not in seeds:
        raise InvalidInput(
            f"Comparison {comparison.id} has no seed {seed}: choose from {seeds.start} to {seeds.stop - 1}."
        )
    return comparison.run(options.side, seed)


def _write_folder(store: Store, record: RunRecord, kind: str, folder: Path) -> None:
    """Fills a folder under another name first: there is a whole one, or none."""
    from tlvsft.report.building import build_folder

    draft = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        draft.mkdir(parents=True)
        build_folder(store, record, kind, draft)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except OSError as error:
        raise InvalidInput(f"Can't write to {str(folder)!r}: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _tell(options: argparse.Namespace, written: str) -> None:
    """Names what was written; where stdout is for JSON alone, on stderr."""
    (sys.stderr if options.json == STDOUT else sys.stdout).write(f"{written}\n")
