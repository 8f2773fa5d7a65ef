"""The SQLite file under the store: its schema, its one connection, and its troubles in words that help."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlvsft.errors import StoreError

SCHEMA_VERSION = 2
BUSY_TIMEOUT_S = 15.0
_LOCKED_RETRY_S = 0.01
_FIRST_SCHEMA = """
CREATE TABLE servers (
    id TEXT PRIMARY KEY, pid INTEGER NOT NULL, process_start TEXT, beat_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE comparisons (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT, config TEXT NOT NULL,
    created_at REAL NOT NULL, server_id TEXT
);
CREATE INDEX comparisons_by_owner ON comparisons (owner, number);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    comparison_id TEXT NOT NULL REFERENCES comparisons (id),
    side TEXT NOT NULL, seed INTEGER NOT NULL, state TEXT NOT NULL, message TEXT,
    invalid_input INTEGER NOT NULL DEFAULT 0, pid INTEGER, process_start TEXT, heartbeat_at REAL,
    started_at REAL, ended_at REAL, stop_as TEXT, stop_at REAL
);
CREATE INDEX runs_by_comparison ON runs (comparison_id, number);
CREATE INDEX runs_by_state ON runs (state, number);
CREATE TABLE events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
"""
_SWEEPS = """
CREATE TABLE sweeps (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT, config TEXT NOT NULL,
    created_at REAL NOT NULL, queued_at REAL NOT NULL, ended_as TEXT, server_id TEXT
);
CREATE INDEX sweeps_by_owner ON sweeps (owner, number);
CREATE TABLE cells (
    key TEXT PRIMARY KEY, config TEXT NOT NULL, state TEXT NOT NULL, message TEXT,
    pid INTEGER, process_start TEXT, heartbeat_at REAL, share REAL NOT NULL DEFAULT 0,
    started_at REAL, changed_at REAL NOT NULL, duration_s REAL,
    result TEXT, correct BLOB, examples INTEGER, train_examples INTEGER
) WITHOUT ROWID;
CREATE INDEX cells_by_state ON cells (state);
CREATE TABLE sweep_cells (
    sweep_id TEXT NOT NULL REFERENCES sweeps (id), place INTEGER NOT NULL, key TEXT NOT NULL REFERENCES cells (key),
    PRIMARY KEY (sweep_id, place)
) WITHOUT ROWID;
CREATE INDEX sweep_cells_by_key ON sweep_cells (key);
"""
_STEPS = (_FIRST_SCHEMA, _SWEEPS)
"""What leads from each version to the next, an empty file being version 0."""


class Database:
    """One connection to the store's file, usable from every thread of a process (one at a time).

    Several processes may have the file open: SQLite's write-ahead log lets readers and one writer work together.

    Raises:
        StoreError: The file can't be opened or written, is damaged, or was made by a newer version of the app.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._errors_explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except StoreError:
            self._connection.close()
            raise

    def close(self) -> None:
        """Closes the connection; harmless when repeated."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for a statement that only reads."""
        with self._lock, self._errors_explained():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction: all of it is kept, or nothing."""
        with self._lock, self._errors_explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:  # not kept; SQLite has ended it itself when the disk is full
                    self._connection.execute("ROLLBACK")

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        with self.writing():
            self._checked_version()
        with self.reading():
            self._use_write_ahead_log()
        with self.writing() as connection:
            for step in _STEPS[self._checked_version() :]:
                for statement in step.split(";"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _use_write_ahead_log(self) -> None:
        # SQLite doesn't wait for its lock here: several processes that make the file together would fail.
        give_up = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=NORMAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise
                time.sleep(_LOCKED_RETRY_S)
            else:
                return

    def _checked_version(self) -> int:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StoreError(f"{self.path} was made by a newer tlvsft: install that one, or set another TLVSFT_HOME.")
        if version == 0 and tables > 0:
            raise StoreError(f"{self.path} is not a store of tlvsft: move it away, or set another TLVSFT_HOME.")
        return version

    @contextmanager
    def _errors_explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError:  # a mistake of ours, not of the file
            raise
        except (sqlite3.OperationalError, sqlite3.ProgrammingError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise StoreError(
                f"Can't use the store {self.path} ({reason}): set TLVSFT_HOME to a folder that can be written."
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"The store {self.path} is damaged ({error}): move it away and start again.") from error
