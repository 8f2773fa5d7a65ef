"""Runs whose process is gone: told apart from runs that are merely slow, and marked.

A run is `interrupted` when its heartbeat is stale *and* its process is dead. A queued run is `interrupted` when the
scheduler that was to start it is gone by the same two signs. Nothing is marked because a server started: a run of the
command line may share the store.
"""

from __future__ import annotations

import sqlite3
import time

from tlvsft.runs.database import Database
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.transitions import end

STALE_AFTER_S = 5.0
"""Silence after which a process is looked for; five missed beats."""
INTERRUPTED_MESSAGE = "Interrupted: the app that ran it is gone. Train again to get a result."

_SILENT_RUNS = "SELECT id, pid, process_start FROM runs WHERE state = 'running' AND heartbeat_at < ?"
_SILENT_SERVERS = """
SELECT DISTINCT servers.id, servers.pid, servers.process_start FROM servers
JOIN comparisons ON comparisons.server_id = servers.id JOIN runs ON runs.comparison_id = comparisons.id
WHERE runs.state = 'queued' AND servers.beat_at < ?
"""
_QUEUED_BY = """
SELECT runs.id FROM runs JOIN comparisons ON comparisons.id = runs.comparison_id
WHERE runs.state = 'queued' AND comparisons.server_id = ?
"""


def mark_interrupted(database: Database) -> list[str]:
    """Marks the runs whose worker (or, while queued, whose scheduler) is gone, and returns their ids."""
    silent_since = time.time() - STALE_AFTER_S
    with database.reading() as connection:
        runs = connection.execute(_SILENT_RUNS, (silent_since,)).fetchall()
        servers = connection.execute(_SILENT_SERVERS, (silent_since,)).fetchall()
    lost = [row["id"] for row in runs if not _is_alive(row)]
    gone = [row["id"] for row in servers if not _is_alive(row)]
    if not lost and not gone:
        return []
    with database.writing() as connection:
        for server_id in gone:
            lost += [row["id"] for row in connection.execute(_QUEUED_BY, (server_id,)).fetchall()]
        return [run_id for run_id in lost if end(connection, run_id, "interrupted", message=INTERRUPTED_MESSAGE)]


def _is_alive(row: sqlite3.Row) -> bool:
    return ProcessIdentity(row["pid"], row["process_start"]).is_alive()
