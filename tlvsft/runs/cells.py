"""Cells in the store: claimed by one server, computed by one process, finished once and for all.

A cell that was claimed and whose process is gone is free again, by the same two signs as a run that was interrupted:
silence, and no such process.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from tlvsft.config import RunConfig
from tlvsft.runs.cell_records import CellRecord, CellState
from tlvsft.runs.database import Database
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.reaper import STALE_AFTER_S
from tlvsft.runs.waiting import SILENT_AFTER_S

_NEXT = """
SELECT cells.key, sweeps.server_id
FROM sweeps JOIN servers ON servers.id = sweeps.server_id
JOIN sweep_cells ON sweep_cells.sweep_id = sweeps.id JOIN cells ON cells.key = sweep_cells.key
WHERE servers.beat_at >= ? AND sweeps.ended_as IS NULL AND cells.state = 'queued'
ORDER BY sweeps.queued_at, sweeps.number, sweep_cells.place LIMIT 1
"""
_WANTED = """
SELECT DISTINCT cells.key FROM sweeps JOIN sweep_cells ON sweep_cells.sweep_id = sweeps.id
JOIN cells ON cells.key = sweep_cells.key
WHERE sweeps.server_id = ? AND sweeps.ended_as IS NULL AND cells.state = 'running'
"""
_OF_SWEEP = """
SELECT cells.* FROM sweep_cells JOIN cells ON cells.key = sweep_cells.key
WHERE sweep_cells.sweep_id = ? ORDER BY sweep_cells.place
"""
_CLOSE_SWEEPS = """
UPDATE sweeps SET ended_as = 'finished' WHERE ended_as IS NULL AND NOT EXISTS (
    SELECT 1 FROM sweep_cells JOIN cells ON cells.key = sweep_cells.key
    WHERE sweep_cells.sweep_id = sweeps.id AND cells.state IN ('queued', 'running'))
"""
_UNUSED = "SELECT key FROM cells WHERE state != 'running' AND key NOT IN (SELECT key FROM sweep_cells)"
_UNDER_WAY = "SELECT count(*) FROM cells WHERE state = 'running' AND heartbeat_at >= ?"
_SILENT = "SELECT key, pid, process_start FROM cells WHERE state = 'running' AND heartbeat_at < ?"


class Cells:
    """The cells of a store. Safe to use from several threads and processes at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_sweep(self, sweep_id: str) -> list[CellRecord]:
        """A sweep's cells, in its order."""
        with self._database.reading() as connection:
            rows = connection.execute(_OF_SWEEP, (sweep_id,)).fetchall()
        return [_record(row) for row in rows]

    def find(self, key: str) -> CellRecord | None:
        """The cell of a key, if there is one."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM cells WHERE key = ?", (key,)).fetchone()
        return None if row is None else _record(row)

    def wanted(self, server_id: str) -> frozenset[str]:
        """Keys of running cells that belong to a sweep of this server which is on its way."""
        with self._database.reading() as connection:
            rows = connection.execute(_WANTED, (server_id,)).fetchall()
        return frozenset(row["key"] for row in rows)

    def claim_next(self, server_id: str, *, slots: int) -> str | None:
        """Takes the cell whose turn it is, if it is of a sweep of this server and a slot is free.

        Nobody else can take it then. It counts as the server's own until its worker has begun. What is to be trained is
        not read here: if it can't be read, that is the worker's failure, not the server's.

        Args:
            server_id: Who asks.
            slots: How many cells the cores bear at once, over all servers.

        Returns:
            Its key.
        """
        with self._database.reading() as connection:
            if not _may_claim(connection, server_id, slots):
                return None
        with self._database.writing() as connection:
            row = _may_claim(connection, server_id, slots)
            if row is None:
                return None
            process, now = ProcessIdentity.own(), time.time()
            connection.execute(
                "UPDATE cells SET state = 'running', message = NULL, share = 0, pid = ?, process_start = ?,"
                " heartbeat_at = ?, started_at = ?, changed_at = ? WHERE key = ?",
                (process.pid, process.start, now, now, now, row["key"]),
            )
            return str(row["key"])

    def begin(self, key: str, process: ProcessIdentity, *, claimed_by: ProcessIdentity) -> bool:
        """A worker takes over the cell that its server claimed; `False` if the server doesn't hold it any more."""
        now = time.time()
        with self._database.writing() as connection:
            changed = connection.execute(
                "UPDATE cells SET pid = ?, process_start = ?, heartbeat_at = ?, started_at = ?"
                " WHERE key = ? AND state = 'running' AND pid = ? AND process_start IS ?",
                (process.pid, process.start, now, now, key, claimed_by.pid, claimed_by.start),
            )
        return changed.rowcount > 0

    def beat(self, key: str, *, share: float) -> None:
        """Notes that a cell's worker lives, and how much of the run it has done, 0–1."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE cells SET heartbeat_at = ?, share = ? WHERE key = ? AND state = 'running'",
                (time.time(), share, key),
            )

    def finish(
        self,
        key: str,
        process: ProcessIdentity,
        *,
        result: Mapping[str, Any],
        correct: bytes,
        examples: int,
        train_examples: int,
    ) -> bool:
        """Keeps a cell's result for good; `False` if this process doesn't hold the cell any more (nothing changes)."""
        now = time.time()
        with self._database.writing() as connection:
            changed = connection.execute(
                "UPDATE cells SET state = 'finished', share = 1, changed_at = ?, duration_s = ? - started_at,"
                " result = ?, correct = ?, examples = ?, train_examples = ?"
                " WHERE key = ? AND state = 'running' AND pid = ? AND process_start IS ?",
                (
                    *(now, now, json.dumps(dict(result)), correct, examples, train_examples),
                    *(key, process.pid, process.start),
                ),
            )
            connection.execute(_CLOSE_SWEEPS)
        return changed.rowcount > 0

    def fail(self, key: str, message: str) -> bool:
        """Notes why a running cell has no result; `False` if it isn't running any more."""
        with self._database.writing() as connection:
            changed = connection.execute(
                "UPDATE cells SET state = 'failed', message = ?, changed_at = ? WHERE key = ? AND state = 'running'",
                (message, time.time(), key),
            )
            connection.execute(_CLOSE_SWEEPS)
        return changed.rowcount > 0

    def release(self, keys: Iterable[str]) -> None:
        """Lets running cells wait again, for whoever wants them next."""
        with self._database.writing() as connection:
            _release(connection, keys)

    def free_lost(self) -> list[str]:
        """Lets those cells wait again whose process is gone, and returns their keys."""
        with self._database.reading() as connection:
            silent = connection.execute(_SILENT, (time.time() - STALE_AFTER_S,)).fetchall()
        lost = [row for row in silent if not ProcessIdentity(row["pid"], row["process_start"]).is_alive()]
        if lost:
            with self._database.writing() as connection:
                for row in lost:
                    _release(connection, [row["key"]], pid=row["pid"])
        return [row["key"] for row in lost]

    def data_in_use(self) -> set[str]:
        """Names of the datasets of all sweeps that are on their way, whoever's."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT json_extract(config, '$.dataset.name') AS name FROM cells WHERE key IN"
                " (SELECT key FROM sweep_cells JOIN sweeps ON sweeps.id = sweep_id WHERE ended_as IS NULL)"
            ).fetchall()
        return {row["name"] for row in rows}


def cell_log(home: Path, key: str) -> Path:
    """Where the process of a cell writes; the file goes when the cell has finished, or with its last sweep."""
    return home / "cells" / f"{key}.log"


def insert_cells(connection: sqlite3.Connection, runs: Mapping[str, RunConfig]) -> None:
    """Adds the cells that aren't there, queued; those that failed wait again."""
    now = time.time()
    connection.executemany(
        "INSERT INTO cells (key, config, state, changed_at) VALUES (?, ?, 'queued', ?) ON CONFLICT (key) DO UPDATE"
        " SET state = 'queued', message = NULL, changed_at = excluded.changed_at WHERE state = 'failed'",
        [(key, json.dumps(run.to_dict()), now) for key, run in runs.items()],
    )
    connection.execute(_CLOSE_SWEEPS)


def delete_unused(connection: sqlite3.Connection) -> list[str]:
    """Deletes the cells that no sweep has, and returns their keys; one that is being computed goes the next time."""
    rows = connection.execute(_UNUSED).fetchall()
    connection.executemany("DELETE FROM cells WHERE key = ?", [(row["key"],) for row in rows])
    return [row["key"] for row in rows]


def _may_claim(connection: sqlite3.Connection, server_id: str, slots: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(_NEXT, (time.time() - SILENT_AFTER_S,)).fetchone()
    if row is None or row["server_id"] != server_id:
        return None
    taken = connection.execute(_UNDER_WAY, (time.time() - SILENT_AFTER_S,)).fetchone()[0]
    return row if taken < slots else None


def _release(connection: sqlite3.Connection, keys: Iterable[str], *, pid: int | None = None) -> None:
    """Lets running cells wait again; with `pid` only where that process still holds them."""
    for key in keys:
        connection.execute(
            "UPDATE cells SET state = 'queued', share = 0, pid = NULL, process_start = NULL, heartbeat_at = NULL,"
            " started_at = NULL, changed_at = ? WHERE key = ? AND state = 'running' AND (? IS NULL OR pid = ?)",
            (time.time(), key, pid, pid),
        )


def read_result(text: str | None) -> dict[str, Any]:
    """What a cell measured; a number that isn't finite, as of a source task that is all forgotten, is none."""
    result: dict[str, Any] = json.loads(text, parse_constant=lambda _: None) if text else {}
    return result


def _record(row: sqlite3.Row) -> CellRecord:
    return CellRecord(
        key=row["key"],
        config=RunConfig.from_dict(json.loads(row["config"])),
        state=cast("CellState", row["state"]),
        message=row["message"],
        share=row["share"],
        started_at=row["started_at"],
        duration_s=row["duration_s"],
        result=read_result(row["result"]),
        correct=row["correct"] or b"",
        examples=row["examples"] or 0,
        train_examples=row["train_examples"] or 0,
    )
