"""`delete`: comparisons, with all that is kept of them; only when told twice."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

from tlvsft.cli.status import ExitStatus
from tlvsft.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    """Runs the command and writes the ids of what was deleted to stdout.

    Raises:
        InvalidInput: One of them isn't there or may not be deleted now, or `--yes` is missing: nothing is deleted.
    """
    from tlvsft.runs.deleting import delete_comparisons, why_not_deleted
    from tlvsft.runs.reaper import mark_interrupted
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        mark_interrupted(store.database)
        for comparison_id in options.comparisons:
            if problem := why_not_deleted(store, comparison_id, viewer=None):
                raise InvalidInput(problem)
        if not options.yes:
            count = len(set(options.comparisons))
            what = "this comparison" if count == 1 else f"these {count} comparisons"
            raise InvalidInput(f"Nothing brings {what} back, so nothing was deleted: add --yes to do it.")
        delete_comparisons(store, options.comparisons, viewer=None)
    sys.stdout.write("".join(f"{comparison_id}\n" for comparison_id in dict.fromkeys(options.comparisons)))
    return ExitStatus.OK
