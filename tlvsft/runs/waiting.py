"""The line in front of the cores: first come, first served, over all schedulers that share a store.

Each scheduler registers as a server of the store and starts only comparisons that were submitted to it. All of them
keep one line, so that a command line run and the page don't spoil each other's timings. A comparison that starts from
the weights of one that isn't over keeps its place, and lets those behind it go first until it is. A server that has
been silent for a while (suspended, or gone) loses its place to those behind it; its runs are the reaper's business.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass

from tlvsft.config import ComparisonConfig
from tlvsft.runs.database import Database
from tlvsft.runs.processes import ProcessIdentity

SILENT_AFTER_S = 15.0
"""A server that is starting its first worker can be silent while the libraries load."""
FORGET_SERVERS_AFTER_S = 30 * 24 * 3600.0

_BEGUN = "EXISTS (SELECT 1 FROM runs AS r WHERE r.comparison_id = comparisons.id AND r.started_at IS NOT NULL)"
_UNFINISHED = """
FROM comparisons JOIN servers ON servers.id = comparisons.server_id
WHERE servers.beat_at >= ?
AND comparisons.id IN (SELECT comparison_id FROM runs WHERE state IN ('queued', 'running'))
"""
_WAITING = f"SELECT comparisons.id, server_id, config {_UNFINISHED} AND NOT {_BEGUN} ORDER BY comparisons.number"
_ON_THEIR_WAY = "SELECT DISTINCT comparison_id FROM runs WHERE state IN ('queued', 'running')"
_ANY = f"SELECT 1 {_UNFINISHED} LIMIT 1"
_ACTIVE = f"SELECT comparisons.id {_UNFINISHED} AND {_BEGUN}"


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A comparison in the line.

    Attributes:
        is_ready: Whether those that it starts from are over.
    """

    id: str
    server_id: str
    is_ready: bool


class WaitingLine:
    """One server's view of the line."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.server_id = secrets.token_hex(8)

    def beat(self) -> None:
        """Says that this server lives; it must keep saying so while it has comparisons on their way."""
        process = ProcessIdentity.own()
        now = time.time()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO servers (id, pid, process_start, beat_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at",
                (self.server_id, process.pid, process.start, now),
            )

    def leave(self) -> None:
        """Takes this server, and those unheard of for a month, off the list; its comparisons must be over."""
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM servers WHERE id = ? OR beat_at < ?",
                (self.server_id, time.time() - FORGET_SERVERS_AFTER_S),
            )

    def unfinished(self) -> list[str]:
        """The comparisons of this server that are on their way."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT comparison_id FROM runs JOIN comparisons ON comparisons.id = comparison_id"
                " WHERE state IN ('queued', 'running') AND server_id = ?",
                (self.server_id,),
            ).fetchall()
        return [row["comparison_id"] for row in rows]

    def is_empty(self) -> bool:
        """Whether no comparison runs or waits, on any server that lives."""
        with self._database.reading() as connection:
            found = connection.execute(_ANY, (time.time() - SILENT_AFTER_S,)).fetchone()
        return found is None

    def place(self, comparison_id: str) -> int | None:
        """A comparison's place: 1 is next; `None` is not waiting."""
        waiting = [comparison.id for comparison in self._waiting()]
        return waiting.index(comparison_id) + 1 if comparison_id in waiting else None

    def next_to_start(self, *, slots: int, starting: frozenset[str]) -> str | None:
        """The comparison that this server may start now, if any.

        Args:
            slots: How many comparisons the cores bear at once.
            starting: Those that this server has on its hands already, whether or not a worker has reported yet.
        """
        if len(self._active() | starting) >= slots:
            return None
        line = [waiting for waiting in self._waiting() if waiting.is_ready and waiting.id not in starting]
        return line[0].id if line and line[0].server_id == self.server_id else None

    def _waiting(self) -> list[_Waiting]:
        with self._database.reading() as connection:
            rows = connection.execute(_WAITING, (time.time() - SILENT_AFTER_S,)).fetchall()
            unfinished = {row["comparison_id"] for row in connection.execute(_ON_THEIR_WAY).fetchall()}
        return [
            _Waiting(
                id=row["id"],
                server_id=row["server_id"],
                is_ready=unfinished.isdisjoint(ComparisonConfig.from_dict(json.loads(row["config"])).started_from()),
            )
            for row in rows
        ]

    def _active(self) -> frozenset[str]:
        with self._database.reading() as connection:
            rows = connection.execute(_ACTIVE, (time.time() - SILENT_AFTER_S,)).fetchall()
        return frozenset(row["id"] for row in rows)
