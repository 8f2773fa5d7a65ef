"""`delete`: comparisons and sweeps, with all that is kept of them; only when told twice."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tlvsft.cli.status import ExitStatus
from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from tlvsft.runs.store import Store


def run(options: argparse.Namespace) -> int:
    """Runs the command and writes the ids of what was deleted to stdout.

    Raises:
        InvalidInput: One of them isn't there or may not be deleted now, or `--yes` is missing: nothing is deleted.
    """
    from tlvsft.runs.deleting import delete_comparisons
    from tlvsft.runs.reaper import mark_interrupted
    from tlvsft.runs.store import Store
    from tlvsft.runs.sweeps import Sweeps, delete_sweep

    wanted = tuple(dict.fromkeys(options.comparisons))
    with closing(Store()) as store:
        mark_interrupted(store.database)
        Sweeps(store.database).reap()
        sweeps = [identifier for identifier in wanted if Sweeps(store.database).has(identifier)]
        comparisons = [identifier for identifier in wanted if identifier not in sweeps]
        _check(store, comparisons, sweeps)
        if not options.yes:
            raise InvalidInput(
                f"Nothing brings {_describe(comparisons, sweeps)} back, so nothing was deleted: add --yes to do it."
            )
        delete_comparisons(store, comparisons, viewer=None)
        for sweep_id in sweeps:
            delete_sweep(store, sweep_id, viewer=None)
    sys.stdout.write("".join(f"{identifier}\n" for identifier in wanted))
    return ExitStatus.OK


def _check(store: Store, comparisons: list[str], sweeps: list[str]) -> None:
    """Refuses all if one of them can't be deleted.

    Raises:
        InvalidInput: That is so.
    """
    from tlvsft.runs.deleting import why_not_deleted
    from tlvsft.runs.sweeps import Sweeps

    for comparison_id in comparisons:
        if problem := why_not_deleted(store, comparison_id, viewer=None):
            raise InvalidInput(problem)
    for sweep_id in sweeps:
        Sweeps(store.database).check_deletable(sweep_id, viewer=None)


def _describe(comparisons: list[str], sweeps: list[str]) -> str:
    if comparisons and sweeps:
        return f"these {len(comparisons) + len(sweeps)} comparisons and sweeps"
    kind, count = ("sweep", len(sweeps)) if sweeps else ("comparison", len(comparisons))
    return f"this {kind}" if count == 1 else f"these {count} {kind}s"
