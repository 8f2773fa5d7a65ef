"""A run's history in the store: numbered events, and how a history is closed that its run couldn't close."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from tlvsft.events import Event, RunStopped, StepTaken, event_from_dict, event_to_dict

_STEPS = f'{{"type": "{StepTaken.__name__}"%'
"""What the body of a step begins with, as a pattern of SQL's LIKE."""


def insert_events(connection: sqlite3.Connection, run_id: str, events: Iterable[Event]) -> int:
    """Adds events to a history, inside the caller's transaction, and returns the last one's number."""
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM events WHERE run_id = ?", (run_id,)).fetchone()[0]
    bodies = [json.dumps(event_to_dict(event)) for event in events]
    connection.executemany(
        "INSERT INTO events (run_id, seq, body) VALUES (?, ?, ?)",
        [(run_id, seq, body) for seq, body in enumerate(bodies, start=last + 1)],
    )
    return int(last + len(bodies))


def read_events(
    connection: sqlite3.Connection, run_id: str, *, after: int, limit: int | None = None
) -> list[tuple[int, Event]]:
    """The events after number `after`, each with its number; at most `limit` of them."""
    rows = connection.execute(
        "SELECT seq, body FROM events WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        (run_id, after, -1 if limit is None else limit),
    ).fetchall()
    return [_numbered(row) for row in rows]


def read_milestones(connection: sqlite3.Connection, run_id: str) -> list[tuple[int, Event]]:
    """The events of a run without its steps, but with its last one: where it stands, however many it took."""
    rows = connection.execute(
        "SELECT seq, body FROM events WHERE run_id = ? AND body NOT LIKE ? ORDER BY seq", (run_id, _STEPS)
    ).fetchall()
    step = _last_step(connection, run_id)
    return sorted([_numbered(row) for row in (*rows, *([step] if step else []))], key=lambda numbered: numbered[0])


def closing_event(connection: sqlite3.Connection, run_id: str) -> RunStopped:
    """The last event of a run that couldn't say itself that it ended: how far it had come."""
    row = _last_step(connection, run_id)
    step = {} if row is None else json.loads(row["body"])
    return RunStopped(step=step.get("step", 0), elapsed_s=step.get("elapsed_s", 0.0))


def _last_step(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = connection.execute(
        "SELECT seq, body FROM events WHERE run_id = ? AND body LIKE ? ORDER BY seq DESC LIMIT 1", (run_id, _STEPS)
    ).fetchone()
    return found


def _numbered(row: sqlite3.Row) -> tuple[int, Event]:
    return row["seq"], event_from_dict(json.loads(row["body"]))
