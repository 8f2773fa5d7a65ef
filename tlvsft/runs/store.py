"""The store: comparisons, runs and events in SQLite, with weights and predictions as files beside it."""

from __future__ import annotations

import base64
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import Event
from tlvsft.runs import transitions
from tlvsft.runs.artifacts import load_class_names, load_examples, load_predictions, load_text_losses
from tlvsft.runs.chains import name_previous
from tlvsft.runs.database import Database
from tlvsft.runs.history import insert_events, read_events, read_milestones
from tlvsft.runs.home import default_home, on_shared_host
from tlvsft.runs.ownership import is_visible, visible_rows
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.reaper import mark_interrupted
from tlvsft.runs.records import (
    ComparisonRecord,
    EndState,
    Example,
    RunRecord,
    StopState,
    StoredPredictions,
    StoredTextLosses,
)
from tlvsft.runs.rows import comparison_record, run_record

__all__ = ["Store", "default_home", "unknown_comparison"]

DATABASE_FILE = "tlvsft.sqlite3"
_ID = re.compile(r"[a-z2-7]{16}(-(left|right)-\d{1,10})?")
_ID_BYTES = 10
"""80 random bits: an id can't be guessed. In base 32 it never begins with a dash, and any file system takes it."""


class Store:
    """Everything that outlives a page: one SQLite file and two folders under one home.

    Safe to use from several threads and from several processes at once. It never loads torch.

    Args:
        home: The folder; `default_home()` unless given.

    Raises:
        StoreError: The folder can't be written, or its file is damaged or of a newer version.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = default_home() if home is None else home
        self.database = Database(self.home / DATABASE_FILE)

    def __repr__(self) -> str:
        return f"Store({str(self.home)!r})"

    def close(self) -> None:
        """Closes the file; harmless when repeated."""
        self.database.close()

    # Comparisons -----------------------------------------------------------------------------------------------------

    def add_comparison(self, config: ComparisonConfig, *, owner: str | None, server_id: str | None = None) -> str:
        """Records a comparison, its runs queued seed after seed, and returns its id; arguments as `add_chain`."""
        return self.add_chain([config], owner=owner, server_id=server_id)[0]

    def add_chain(
        self, configs: Sequence[ComparisonConfig], *, owner: str | None, server_id: str | None = None
    ) -> tuple[str, ...]:
        """Records comparisons that go on from each other, all or none, and returns their ids.

        Args:
            configs: What to run, in order; a variant that starts from `PREVIOUS` is given the id before.
            owner: The browser that it belongs to; `None` is the command line.
            server_id: The scheduler that will run it (see `tlvsft.runs.waiting`).

        Raises:
            InvalidInput: The first of them starts from `PREVIOUS`.
        """
        added: list[str] = []
        with self.database.writing() as connection:
            for config in configs:
                named = name_previous(config, added[-1] if added else None)
                added.append(_insert_comparison(connection, named, owner=owner, server_id=server_id))
        return tuple(added)

    def comparison(self, comparison_id: str) -> ComparisonRecord:
        """A comparison with its runs.

        Raises:
            InvalidInput: There is none of this id.
        """
        with self.database.reading() as connection:
            row = connection.execute("SELECT * FROM comparisons WHERE id = ?", (comparison_id,)).fetchone()
        if row is None:
            raise _unknown("comparison", comparison_id)
        return self._with_runs([row])[0]

    def visible_comparison(self, comparison_id: str, *, viewer: str | None) -> ComparisonRecord:
        """The same for somebody who may not see all of them: what they may not see, isn't there.

        Raises:
            InvalidInput: There is none of this id for this viewer.
        """
        record = self.comparison(comparison_id)
        if not is_visible(record.owner, viewer=viewer, shared_host=on_shared_host()):
            raise _unknown("comparison", comparison_id)
        return record

    def comparisons(self, *, owner: str | None, everybody: bool = False, limit: int = 100) -> list[ComparisonRecord]:
        """The newest comparisons that `owner` may see, newest first; with `everybody` all of them."""
        mark_interrupted(self.database)
        condition, parameters = visible_rows(viewer=owner, shared_host=on_shared_host())
        if everybody:
            condition, parameters = "1", ()
        statement = f"SELECT * FROM comparisons WHERE {condition} ORDER BY number DESC LIMIT ?"  # noqa: S608  no input
        with self.database.reading() as connection:
            rows = connection.execute(statement, (*parameters, limit)).fetchall()
        return self._with_runs(rows)

    def unfinished(self) -> dict[str, ComparisonConfig]:
        """Every comparison that is on its way, whoever's, the oldest first."""
        with self.database.reading() as connection:
            rows = connection.execute(
                "SELECT id, config FROM comparisons"
                " WHERE id IN (SELECT comparison_id FROM runs WHERE state IN ('queued', 'running')) ORDER BY number"
            ).fetchall()
        return {row["id"]: ComparisonConfig.from_dict(json.loads(row["config"])) for row in rows}

    # Runs ------------------------------------------------------------------------------------------------------------

    def run(self, run_id: str) -> RunRecord:
        """A run.

        Raises:
            InvalidInput: There is none of this id.
        """
        with self.database.reading() as connection:
            row = connection.execute(
                "SELECT runs.*, comparisons.config, comparisons.created_at FROM runs"
                " JOIN comparisons ON comparisons.id = runs.comparison_id WHERE runs.id = ?",
                (run_id,),
            ).fetchone()
        if row is None:
            raise _unknown("run", run_id)
        config = ComparisonConfig.from_dict(json.loads(row["config"]))
        return run_record(row, config, created_at=row["created_at"])

    def visible_run(self, run_id: str, *, viewer: str | None) -> RunRecord:
        """A run of a comparison that this viewer may see.

        Raises:
            InvalidInput: There is none of this id for this viewer.
        """
        record = self.run(run_id)
        try:
            self.visible_comparison(record.comparison_id, viewer=viewer)
        except InvalidInput as error:
            raise _unknown("run", run_id) from error
        return record

    def begin_run(self, run_id: str, process: ProcessIdentity) -> bool:
        """Marks a queued run as running in `process`; `False` if it is no longer queued (then it must not run)."""
        with self.database.writing() as connection:
            return transitions.begin(connection, run_id, process)

    def end_run(self, run_id: str, state: EndState, *, event: Event | None = None, message: str | None = None) -> bool:
        """Gives a run its final state and its last event; arguments and answer as `transitions.end` has them."""
        with self.database.writing() as connection:
            return transitions.end(connection, run_id, state, event=event, message=message)

    def beat(self, run_id: str) -> None:
        """Notes that the run's worker lives."""
        with self.database.writing() as connection:
            connection.execute("UPDATE runs SET heartbeat_at = ? WHERE id = ?", (time.time(), run_id))

    def request_stop(self, comparison_id: str, *, state: StopState = "stopped") -> None:
        """Asks all runs of a comparison to stop: queued ones do so at once, running ones at their next step.

        Harmless when repeated, and for runs that are over.
        """
        with self.database.writing() as connection:
            transitions.request_stop(connection, comparison_id, state)

    def stop_requested(self, run_id: str) -> StopState | None:
        """The state that a run was asked to stop in, if it was asked."""
        with self.database.reading() as connection:
            row = connection.execute("SELECT stop_as FROM runs WHERE id = ?", (run_id,)).fetchone()
        return None if row is None else cast("StopState | None", row["stop_as"])

    # Events ----------------------------------------------------------------------------------------------------------

    def append_event(self, run_id: str, event: Event) -> int:
        """Adds an event to a run's history and returns its number, counted from 1."""
        return self.append_events(run_id, [event])

    def append_events(self, run_id: str, events: Iterable[Event]) -> int:
        """Adds events in one transaction and returns the last one's number."""
        with self.database.writing() as connection:
            return insert_events(connection, run_id, events)

    def events(self, run_id: str, *, after: int = 0, limit: int | None = None) -> list[tuple[int, Event]]:
        """The events of a run after number `after`, each with its number; at most `limit` of them."""
        with self.database.reading() as connection:
            return read_events(connection, run_id, after=after, limit=limit)

    def milestones(self, run_id: str) -> list[tuple[int, Event]]:
        """The events of a run that say where it stands, each with its number: of its steps, only the last."""
        with self.database.reading() as connection:
            return read_milestones(connection, run_id)

    # Files -----------------------------------------------------------------------------------------------------------

    def run_folder(self, run_id: str) -> Path:
        """Where a run's weights, predictions and log lie."""
        return self.home / "runs" / _checked("run", run_id)

    def comparison_folder(self, comparison_id: str) -> Path:
        """Where the test examples of a comparison lie."""
        return self.home / "comparisons" / _checked("comparison", comparison_id)

    def predictions(self, run_id: str) -> StoredPredictions:
        """A finished run's answers on the test split.

        Raises:
            InvalidInput: It has none.
        """
        return load_predictions(self.run_folder(run_id))

    def text_losses(self, run_id: str) -> StoredTextLosses:
        """A finished language model's losses on the test texts.

        Raises:
            InvalidInput: It has none.
        """
        return load_text_losses(self.run_folder(run_id))

    def examples(self, comparison_id: str) -> list[Example]:
        """The test examples of a comparison in display form (at most a few hundred of a large split).

        Raises:
            InvalidInput: None of its runs has come to its end.
        """
        return load_examples(self.comparison_folder(comparison_id))

    def class_names(self, comparison_id: str) -> tuple[str, ...]:
        """The classes of a comparison's data, in the order of their numbers.

        Raises:
            InvalidInput: None of its runs has come to its end.
        """
        return load_class_names(self.comparison_folder(comparison_id))

    def _with_runs(self, rows: list[sqlite3.Row]) -> list[ComparisonRecord]:
        marks = ", ".join("?" * len(rows))
        statement = f"SELECT * FROM runs WHERE comparison_id IN ({marks}) ORDER BY number"  # noqa: S608  only marks
        with self.database.reading() as connection:
            run_rows = connection.execute(statement, [row["id"] for row in rows]).fetchall()
        return [comparison_record(row, [run for run in run_rows if run["comparison_id"] == row["id"]]) for row in rows]


def _insert_comparison(
    connection: sqlite3.Connection, config: ComparisonConfig, *, owner: str | None, server_id: str | None
) -> str:
    comparison_id = base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode("ascii").lower()
    connection.execute(
        "INSERT INTO comparisons (id, owner, config, created_at, server_id) VALUES (?, ?, ?, ?, ?)",
        (comparison_id, owner, json.dumps(config.to_dict()), time.time(), server_id),
    )
    connection.executemany(
        "INSERT INTO runs (id, comparison_id, side, seed, state) VALUES (?, ?, ?, ?, 'queued')",
        [
            (f"{comparison_id}-{side}-{seed}", comparison_id, side, seed)
            for seed in config.all_seeds()
            for side in SIDES
        ],
    )
    return comparison_id


def _checked(kind: str, identifier: str) -> str:
    if not _ID.fullmatch(identifier):
        raise _unknown(kind, identifier)
    return identifier


def unknown_comparison(comparison_id: str) -> InvalidInput:
    """What is said of a comparison that isn't there, or not for whoever asks."""
    return _unknown("comparison", comparison_id)


def _unknown(kind: str, identifier: str) -> InvalidInput:
    shown = identifier if len(identifier) <= 60 else f"{identifier[:59]}…"
    return InvalidInput(f"There is no {kind} {shown!r}: see `python -m tlvsft list comparisons`.")
