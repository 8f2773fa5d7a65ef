"""Sweeps in the store: whose they are, what they consist of, how far they are, and who may do what with them."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import secrets
import sqlite3
import time
from typing import cast

from tlvsft.catalog.sweeps import MOST_CELLS_SHARED
from tlvsft.errors import InvalidInput
from tlvsft.runs.cell_records import SweepPlan, SweepRecord, SweepState
from tlvsft.runs.cells import Cells, cell_log, delete_unused, insert_cells
from tlvsft.runs.database import Database
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import is_visible, may_delete, rows_seen_with, visible_rows
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.reaper import STALE_AFTER_S
from tlvsft.runs.store import Store
from tlvsft.runs.waiting import SILENT_AFTER_S

_ID = re.compile(r"[a-z2-7]{16}")
_ID_BYTES = 10
"""80 random bits, as of a comparison's id."""
_COUNTED = """
SELECT sweeps.*, count(*) AS total, sum(cells.state = 'finished') AS finished, sum(cells.state = 'failed') AS failed,
    sum(cells.state = 'running') AS running, max(cells.changed_at) AS changed_at
FROM sweeps JOIN sweep_cells ON sweep_cells.sweep_id = sweeps.id JOIN cells ON cells.key = sweep_cells.key
"""
_LINE = """
SELECT sweeps.id FROM sweeps JOIN servers ON servers.id = sweeps.server_id
WHERE servers.beat_at >= ? AND sweeps.ended_as IS NULL ORDER BY sweeps.queued_at, sweeps.number
"""
_SERVERS = """
SELECT DISTINCT sweeps.server_id, servers.pid, servers.process_start, servers.beat_at
FROM sweeps LEFT JOIN servers ON servers.id = sweeps.server_id WHERE sweeps.ended_as IS NULL
"""


class Sweeps:
    """The sweeps of a store. Safe to use from several threads and processes at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.cells = Cells(database)

    def submit(self, plan: SweepPlan, keys: tuple[str, ...], *, owner: str | None, server_id: str) -> str:
        """Queues what is missing of a sweep and returns its id: that of the same sweep where its owner had one.

        Args:
            plan: What to run.
            keys: The keys of its runs.
            owner: The browser that it belongs to; `None` is the command line.
            server_id: The scheduler that will run it.

        Raises:
            InvalidInput: On a shared host: it is too large, or this visitor has one on its way already.
        """
        runs = dict(zip(keys, plan.runs, strict=True))
        with self._database.writing() as connection:
            known = _find_same(connection, plan, tuple(runs), owner=owner)
            if owner is not None and on_shared_host():
                _check_shared(connection, len(runs), owner=owner, known=known)
            sweep_id = known or _insert(connection, plan, tuple(runs), owner=owner)
            connection.execute(
                "UPDATE sweeps SET queued_at = CASE WHEN ended_as IS NULL THEN queued_at ELSE ? END, ended_as = NULL,"
                " server_id = ? WHERE id = ?",
                (time.time(), server_id, sweep_id),
            )
            insert_cells(connection, runs)
        return sweep_id

    def visible(self, sweep_id: str, *, viewer: str | None) -> SweepRecord:
        """A sweep for somebody who may not see all of them: what they may not see, isn't there.

        Raises:
            InvalidInput: There is none of this id for this viewer.
        """
        if not _ID.fullmatch(sweep_id):
            raise unknown_sweep(sweep_id)
        with self._database.reading() as connection:
            row = connection.execute(f"{_COUNTED} WHERE sweeps.id = ? GROUP BY sweeps.id", (sweep_id,)).fetchone()
        if row is None or not is_visible(row["owner"], viewer=viewer, shared_host=on_shared_host()):
            raise unknown_sweep(sweep_id)
        return _record(row)

    def list_visible(self, *, viewer: str | None, everybody: bool = False, limit: int = 100) -> list[SweepRecord]:
        """The newest sweeps that `viewer` may see, newest first; with `everybody` all of them."""
        self.reap()
        condition, parameters = visible_rows(viewer=viewer, shared_host=on_shared_host())
        if everybody:
            condition, parameters = "1", ()
        return self._list((condition, parameters), limit)

    def list_beside(self, *, owner: str | None, limit: int = 100) -> list[SweepRecord]:
        """The newest that everybody may see who may see what is an owner's, newest first (`rows_seen_with`)."""
        self.reap()
        return self._list(rows_seen_with(owner, shared_host=on_shared_host()), limit)

    def line(self) -> list[str]:
        """The sweeps that are on their way, whoever's: the first has its turn."""
        with self._database.reading() as connection:
            rows = connection.execute(_LINE, (time.time() - SILENT_AFTER_S,)).fetchall()
        return [row["id"] for row in rows]

    def on_their_way(self, server_id: str) -> bool:
        """Whether this server has any."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT 1 FROM sweeps WHERE server_id = ? AND ended_as IS NULL LIMIT 1", (server_id,)
            ).fetchone()
        return found is not None

    def stop(self, sweep_id: str, *, viewer: str | None) -> None:
        """Ends a sweep that is on its way; what it has stays. Harmless when repeated.

        Raises:
            InvalidInput: There is none of this id for this viewer.
        """
        self.visible(sweep_id, viewer=viewer)
        with self._database.writing() as connection:
            connection.execute("UPDATE sweeps SET ended_as = 'stopped' WHERE id = ? AND ended_as IS NULL", (sweep_id,))

    def interrupt(self, server_id: str) -> None:
        """Ends the sweeps of a server that leaves."""
        with self._database.writing() as connection:
            _interrupt(connection, server_id)

    def reap(self) -> None:
        """Frees the cells whose process is gone, and marks the sweeps whose server is."""
        self.cells.free_lost()
        with self._database.reading() as connection:
            servers = connection.execute(_SERVERS).fetchall()
        gone = [row["server_id"] for row in servers if _is_gone(row)]
        if gone:
            with self._database.writing() as connection:
                for server_id in gone:
                    _interrupt(connection, server_id)

    def delete(self, sweep_id: str, *, viewer: str | None) -> tuple[str, ...]:
        """Deletes a sweep with those of its results that no other sweep has, and returns the keys of what went.

        Raises:
            InvalidInput: There is none of this id for this viewer, it is still on its way, or it is the command line's.
        """
        self.check_deletable(sweep_id, viewer=viewer)
        with self._database.writing() as connection:
            connection.execute("DELETE FROM sweep_cells WHERE sweep_id = ?", (sweep_id,))
            connection.execute("DELETE FROM sweeps WHERE id = ?", (sweep_id,))
            return tuple(delete_unused(connection))

    def has(self, sweep_id: str) -> bool:
        """Whether there is a sweep of this id, whoever's."""
        with self._database.reading() as connection:
            return connection.execute("SELECT 1 FROM sweeps WHERE id = ?", (sweep_id,)).fetchone() is not None

    def check_deletable(self, sweep_id: str, *, viewer: str | None) -> None:
        """Refuses what may not be deleted, or not now.

        Raises:
            InvalidInput: One line that says why.
        """
        record = self.visible(sweep_id, viewer=viewer)
        if not may_delete(record.owner, viewer=viewer):
            raise InvalidInput(
                f"The command line made this sweep: delete it there, with 'python -m tlvsft delete {sweep_id}'."
            )
        if record.state in {"queued", "running"}:
            raise InvalidInput(f"The sweep {sweep_id} is still on its way: stop it first.")

    def _list(self, rows_of: tuple[str, tuple[str | None, ...]], limit: int) -> list[SweepRecord]:
        condition, parameters = rows_of
        statement = f"{_COUNTED} WHERE {condition} GROUP BY sweeps.id ORDER BY sweeps.number DESC LIMIT ?"
        with self._database.reading() as connection:
            rows = connection.execute(statement, (*parameters, limit)).fetchall()
        return [_record(row) for row in rows]


def delete_sweep(store: Store, sweep_id: str, *, viewer: str | None) -> None:
    """Deletes a sweep, and what its processes have written; errors as `Sweeps.delete` has them."""
    for key in Sweeps(store.database).delete(sweep_id, viewer=viewer):
        with contextlib.suppress(OSError):
            cell_log(store.home, key).unlink()


def unknown_sweep(sweep_id: str) -> InvalidInput:
    """What is said of a sweep that isn't there, or not for whoever asks."""
    shown = sweep_id if len(sweep_id) <= 60 else f"{sweep_id[:59]}…"
    return InvalidInput(f"There is no sweep {shown!r}: see `python -m tlvsft list sweeps`.")


def _find_same(
    connection: sqlite3.Connection, plan: SweepPlan, keys: tuple[str, ...], *, owner: str | None
) -> str | None:
    """The owner's newest sweep of the same config whose cells are the same ones."""
    rows = connection.execute(
        "SELECT id FROM sweeps WHERE owner IS ? AND config = ? ORDER BY number DESC", (owner, _write(plan))
    ).fetchall()
    for row in rows:
        found = connection.execute("SELECT key FROM sweep_cells WHERE sweep_id = ? ORDER BY place", (row["id"],))
        if tuple(cell["key"] for cell in found.fetchall()) == keys:
            return str(row["id"])
    return None


def _check_shared(connection: sqlite3.Connection, cells: int, *, owner: str, known: str | None) -> None:
    if cells > MOST_CELLS_SHARED:
        raise InvalidInput(
            f"This sweep has {cells:,} runs, and {MOST_CELLS_SHARED} are the most on this shared server: choose fewer "
            "methods, numbers or seeds."
        )
    other = connection.execute(
        "SELECT 1 FROM sweeps WHERE owner = ? AND ended_as IS NULL AND id IS NOT ?", (owner, known)
    ).fetchone()
    if other is not None:
        raise InvalidInput("One sweep at a time on this shared server: stop yours, or wait until it has finished.")


def _insert(connection: sqlite3.Connection, plan: SweepPlan, keys: tuple[str, ...], *, owner: str | None) -> str:
    sweep_id = base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode("ascii").lower()
    now = time.time()
    connection.execute(
        "INSERT INTO sweeps (id, owner, config, created_at, queued_at) VALUES (?, ?, ?, ?, ?)",
        (sweep_id, owner, _write(plan), now, now),
    )
    insert_cells(connection, dict(zip(keys, plan.runs, strict=True)))
    connection.executemany(
        "INSERT INTO sweep_cells (sweep_id, place, key) VALUES (?, ?, ?)",
        [(sweep_id, place, key) for place, key in enumerate(keys)],
    )
    return sweep_id


def _write(plan: SweepPlan) -> str:
    return json.dumps(dict(plan.config), sort_keys=True)


def _is_gone(row: sqlite3.Row) -> bool:
    """Whether a server has been silent, and its process is no more; or nobody knows it."""
    if row["pid"] is None:
        return True
    silent = row["beat_at"] < time.time() - STALE_AFTER_S
    return silent and not ProcessIdentity(row["pid"], row["process_start"]).is_alive()


def _interrupt(connection: sqlite3.Connection, server_id: str | None) -> None:
    connection.execute(
        "UPDATE sweeps SET ended_as = 'interrupted' WHERE server_id IS ? AND ended_as IS NULL", (server_id,)
    )


def _record(row: sqlite3.Row) -> SweepRecord:
    return SweepRecord(
        id=row["id"],
        owner=row["owner"],
        config=json.loads(row["config"]),
        created_at=row["created_at"],
        state=_state(row),
        total=row["total"],
        finished=row["finished"],
        failed=row["failed"],
        running=row["running"],
        changed_at=row["changed_at"],
    )


def _state(row: sqlite3.Row) -> SweepState:
    if row["finished"] + row["failed"] == row["total"]:
        return "finished"
    if row["ended_as"] is not None:
        return cast("SweepState", row["ended_as"])
    return "running" if row["running"] else "queued"
