"""Deleting comparisons, with everything that is kept of them: rows and events in one transaction, then their files.

What goes: the comparisons, their runs and events; weights, answers on the test split, logs and test examples. What
stays: comparisons that started from the weights of a deleted one, with results of their own.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterable, Sequence

from tlvsft.errors import InvalidInput
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import is_visible, may_delete
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store, unknown_comparison

MOST_AT_ONCE = 1_000

_logger = logging.getLogger(__name__)

_ON_ITS_WAY = "SELECT 1 FROM runs WHERE comparison_id = ? AND state IN ('queued', 'running')"
_STARTED_FROM_IT = """
SELECT count(*) FROM comparisons
WHERE json_extract(config, '$.left.start') LIKE ? || '%' OR json_extract(config, '$.right.start') LIKE ? || '%'
"""


def delete_comparisons(store: Store, ids: Sequence[str], *, viewer: str | None) -> tuple[str, ...]:
    """Deletes comparisons, all or none of them, and returns the ids of the runs that went with them.

    Args:
        store: Where they are.
        ids: Which ones, at most `MOST_AT_ONCE`.
        viewer: Who asks: a browser's token, or `None` for the command line.

    Raises:
        InvalidInput: One of them may not be deleted, or not now: one line that says why.
    """
    wanted = tuple(dict.fromkeys(ids))
    if len(wanted) > MOST_AT_ONCE:
        raise InvalidInput(f"At most {MOST_AT_ONCE:,} comparisons are deleted at once: delete the others afterwards.")
    marks = ", ".join("?" * len(wanted))
    runs_of = f"SELECT id FROM runs WHERE comparison_id IN ({marks})"  # noqa: S608  only marks
    with store.database.writing() as connection:
        needed = _needed(store)
        for comparison_id in wanted:
            _check(connection, comparison_id, viewer=viewer, needed=needed)
        runs = tuple(row["id"] for row in connection.execute(runs_of, wanted).fetchall())
        connection.execute(f"DELETE FROM events WHERE run_id IN ({runs_of})", wanted)  # noqa: S608  only marks
        connection.execute(f"DELETE FROM runs WHERE comparison_id IN ({marks})", wanted)  # noqa: S608  only marks
        connection.execute(f"DELETE FROM comparisons WHERE id IN ({marks})", wanted)  # noqa: S608  only marks
    for folder in [*map(store.run_folder, runs), *map(store.comparison_folder, wanted)]:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():  # e.g. a file that another program holds open on Windows
            _logger.warning("Can't remove %s of a deleted comparison: remove it by hand.", folder)
    return runs


def why_not_deleted(store: Store, comparison_id: str, *, viewer: str | None) -> str:
    """Why a comparison can't be deleted now, in one line; empty if it can."""
    try:
        with store.database.reading() as connection:
            _check(connection, comparison_id, viewer=viewer, needed=_needed(store))
    except InvalidInput as error:
        return str(error)
    return ""


def deletable(store: Store, records: Iterable[ComparisonRecord], *, viewer: str | None) -> list[ComparisonRecord]:
    """Those of a viewer's comparisons that can be deleted now."""
    needed = _needed(store)
    mine = (record for record in records if may_delete(record.owner, viewer=viewer))
    return [record for record in mine if record.is_over and record.id not in needed]


def count_descendants(store: Store, comparison_id: str) -> int:
    """How many comparisons started from the weights of this one."""
    with store.database.reading() as connection:
        return int(connection.execute(_STARTED_FROM_IT, (comparison_id, comparison_id)).fetchone()[0])


def _needed(store: Store) -> frozenset[str]:
    """The comparisons that others, which are on their way, start from."""
    return frozenset(ancestor for config in store.unfinished().values() for ancestor in config.started_from())


def _check(connection: sqlite3.Connection, comparison_id: str, *, viewer: str | None, needed: frozenset[str]) -> None:
    """Refuses to delete a comparison.

    Raises:
        InvalidInput: It isn't there for this viewer or isn't theirs, it is on its way, or what is on its way starts
            from it.
    """
    row = connection.execute("SELECT owner FROM comparisons WHERE id = ?", (comparison_id,)).fetchone()
    seen = row is not None and (viewer is None or is_visible(row["owner"], viewer=viewer, shared_host=on_shared_host()))
    if not seen:
        raise unknown_comparison(comparison_id)
    if not may_delete(row["owner"], viewer=viewer):
        raise InvalidInput(
            f"The command line made this comparison: delete it there, with 'python -m tlvsft delete {comparison_id}'."
        )
    if connection.execute(_ON_ITS_WAY, (comparison_id,)).fetchone() is not None:
        raise InvalidInput(f"The comparison {comparison_id} is still on its way: stop it first.")
    if comparison_id in needed:
        raise InvalidInput(
            f"A comparison that is on its way starts from {comparison_id}: stop that one first, or wait for its end."
        )
