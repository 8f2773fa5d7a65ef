"""How a run changes its state: queued, running, then one final state with the last event of its history beside it.

All of it happens inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
import time

from tlvsft.events import Event, RunFailed
from tlvsft.runs.history import closing_event, insert_events
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import EndState, StopState


def begin(connection: sqlite3.Connection, run_id: str, process: ProcessIdentity) -> bool:
    """Marks a queued run as running in `process`; `False` if it is no longer queued."""
    now = time.time()
    changed = connection.execute(
        "UPDATE runs SET state = 'running', pid = ?, process_start = ?, heartbeat_at = ?, started_at = ?"
        " WHERE id = ? AND state = 'queued'",
        (process.pid, process.start, now, now, run_id),
    )
    return changed.rowcount > 0


def end(
    connection: sqlite3.Connection,
    run_id: str,
    state: EndState,
    *,
    event: Event | None = None,
    message: str | None = None,
) -> bool:
    """Gives a run its final state and its last event, together; `False` if it had one already (nothing changes).

    Args:
        connection: To the store.
        run_id: Which run.
        state: Its final state.
        event: Its last event, a `RunStopped` unless given; a `RunFailed` brings the message along.
        message: What the user should know of how it ended.
    """
    failure = event if isinstance(event, RunFailed) else None
    changed = connection.execute(
        "UPDATE runs SET state = ?, message = ?, invalid_input = ?, ended_at = ?"
        " WHERE id = ? AND state IN ('queued', 'running')",
        (
            state,
            message or (failure.message if failure else None),
            bool(failure and failure.invalid_input),
            time.time(),
            run_id,
        ),
    )
    if changed.rowcount == 0:
        return False
    insert_events(connection, run_id, [event or closing_event(connection, run_id)])
    return True


def request_stop(connection: sqlite3.Connection, comparison_id: str, state: StopState) -> None:
    """Ends the queued runs of a comparison, and asks the running ones to stop, unless they have been asked."""
    queued = connection.execute(
        "SELECT id FROM runs WHERE comparison_id = ? AND state = 'queued'", (comparison_id,)
    ).fetchall()
    for row in queued:
        end(connection, row["id"], state)
    connection.execute(
        "UPDATE runs SET stop_as = ?, stop_at = ? WHERE comparison_id = ? AND state = 'running' AND stop_as IS NULL",
        (state, time.time(), comparison_id),
    )
