"""A run's clock: it stands still while something is measured that isn't part of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter


class Clock:
    """Seconds since a run began, without those in which it was only watched.

    Args:
        started: When the run began, by `read`.
        read: Gives the time in seconds.

    Attributes:
        paused_s: Seconds for which it has stood still.
    """

    def __init__(self, started: float, *, read: Callable[[], float] = perf_counter) -> None:
        self.paused_s = 0.0
        self._started = started
        self._read = read
        self._stopped_at: float | None = None

    @property
    def elapsed_s(self) -> float:
        """What it shows."""
        now = self._read() if self._stopped_at is None else self._stopped_at
        return now - self._started - self.paused_s

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within it the clock stands still; once inside is enough."""
        if self._stopped_at is not None:
            yield
            return
        self._stopped_at = self._read()
        try:
            yield
        finally:
            self.paused_s += self._read() - self._stopped_at
            self._stopped_at = None
