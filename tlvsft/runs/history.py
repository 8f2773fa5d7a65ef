"""A run's history in the store: numbered events, and how a history is closed that its run couldn't close."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from tlvsft.events import Event, RunStopped, StepTaken, event_from_dict, event_to_dict


def insert_events(connection: sqlite3.Connection, run_id: str, events: Iterable[Event]) -> int:
    """Adds events to a history, inside the caller's transaction, and returns the last one's number."""
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM events WHERE run_id = ?", (run_id,)).fetchone()[0]
    bodies = [json.dumps(event_to_dict(event)) for event in events]
    connection.executemany(
        "INSERT INTO events (run_id, seq, body) VALUES (?, ?, ?)",
        [(run_id, seq, body) for seq, body in enumerate(bodies, start=last + 1)],
    )
    return int(last + len(bodies))


def read_events(connection: sqlite3.Connection, run_id: str, *, after: int) -> list[tuple[int, Event]]:
    """The events after number `after`, each with its number."""
    rows = connection.execute(
        "SELECT seq, body FROM events WHERE run_id = ? AND seq > ? ORDER BY seq", (run_id, after)
    ).fetchall()
    return [(row["seq"], event_from_dict(json.loads(row["body"]))) for row in rows]


def closing_event(connection: sqlite3.Connection, run_id: str) -> RunStopped:
    """The last event of a run that couldn't say itself that it ended: how far it had come."""
    row = connection.execute(
        "SELECT body FROM events WHERE run_id = ? AND body LIKE ? ORDER BY seq DESC LIMIT 1",
        (run_id, f'{{"type": "{StepTaken.__name__}"%'),
    ).fetchone()
    step = {} if row is None else json.loads(row["body"])
    return RunStopped(step=step.get("step", 0), elapsed_s=step.get("elapsed_s", 0.0))
