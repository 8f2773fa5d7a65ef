"""A worker's pulse: a thread that beats, passes events on to the store, and listens for reasons to stop."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from tlvsft.errors import StoreError
from tlvsft.events import Event
from tlvsft.runs.reaper import INTERRUPTED_MESSAGE
from tlvsft.runs.records import EndState, StopState

TICK_S = 0.1
"""How often Stop is noticed, and events go to the store at most: in one transaction, so that short steps don't wait for
it. An event after a pause goes at once."""
BEAT_S = 1.0
ORPHAN_PATIENCE_S = 10.0
"""How long a run whose server is gone may take to come to its next step before its process ends itself."""


class Ledger(Protocol):
    """Where a worker is written down: `tlvsft.runs.store.Store` for the runs of comparisons."""

    def beat(self, run_id: str) -> None:
        """Notes that the worker lives."""
        ...

    def stop_requested(self, run_id: str) -> StopState | None:
        """The state that it was asked to stop in, if it was asked."""
        ...

    def append_events(self, run_id: str, events: Iterable[Event]) -> int:
        """Takes what happened."""
        ...

    def end_run(self, run_id: str, state: EndState, *, event: Event | None = None, message: str | None = None) -> bool:
        """Notes that it is over."""
        ...


class Pulse(threading.Thread):
    """The thread of one run.

    Args:
        store: Where the events go.
        run_id: Which run.
        server_alive: Whether the process that started the worker still lives.
    """

    def __init__(self, store: Ledger, run_id: str, *, server_alive: Callable[[], bool]) -> None:
        super().__init__(name=f"pulse-{run_id}", daemon=True)
        self._store = store
        self._run_id = run_id
        self._server_alive = server_alive
        self._pending: list[Event] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._due = threading.Event()
        self._flushed_at = -TICK_S  # the first event goes at once
        self._stop_as: StopState | None = None
        self._orphaned_at: float | None = None
        self._last_beat = 0.0
        self.error: StoreError | None = None

    @property
    def stop_as(self) -> StopState | None:
        """The state in which the run should stop; `None` while it should go on."""
        return self._stop_as

    def should_stop(self) -> bool:
        """Whether training should stop at this step."""
        return self._stop_as is not None or self.error is not None

    def add(self, event: Event) -> None:
        """Takes an event to be stored within a tick."""
        with self._lock:
            self._pending.append(event)
        if time.monotonic() - self._flushed_at >= TICK_S:
            self._due.set()

    def run(self) -> None:
        """Ticks until `finish`."""
        try:
            while self._wait():
                self._tick()
        except StoreError as error:
            self.error = error
        finally:
            if not self._over.is_set() and self.error is None:  # a mistake of ours: don't train on unheard
                self.error = StoreError(f"The events of run {self._run_id} can't be stored: see its log.")

    def finish(self) -> None:
        """Ends the thread; all events are in the store when it returns.

        Raises:
            StoreError: They can't be.
        """
        self._over.set()
        self._due.set()
        self.join()
        if self.error is not None:
            raise self.error
        self._flush()

    def _wait(self) -> bool:
        """Waits for the next tick; `False` at the end."""
        self._due.wait(TICK_S)
        self._due.clear()
        return not self._over.is_set()

    def _tick(self) -> None:
        self._flush()
        now = time.monotonic()
        if now - self._last_beat >= BEAT_S:
            self._store.beat(self._run_id)
            self._last_beat = now
        if self._stop_as is None:
            self._stop_as = self._store.stop_requested(self._run_id)
        if not self._server_alive():
            self._leave_with_server(now)

    def _leave_with_server(self, now: float) -> None:
        self._stop_as = self._stop_as or "interrupted"
        self._orphaned_at = self._orphaned_at or now
        if now - self._orphaned_at > ORPHAN_PATIENCE_S:
            self._store.end_run(self._run_id, "interrupted", message=INTERRUPTED_MESSAGE)
            os._exit(1)  # the main thread is stuck, and nobody is left to kill this process

    def _flush(self) -> None:
        with self._lock:
            events, self._pending = self._pending, []
        self._flushed_at = time.monotonic()
        if events:
            self._store.append_events(self._run_id, events)
