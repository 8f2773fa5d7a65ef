"""Floating-point operations of a run, counted while it runs."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from tlvsft.events import Event, StepTaken
from tlvsft.training.flops import flop_counter


class CountedRun:
    """Counts what torch computes in a `with` block, and hears a run's events to tell its steps from the rest.

    Attributes:
        steps: Operations of the updates alone, forward and backward.
    """

    def __init__(self) -> None:
        self._counter = flop_counter()
        self.steps = 0
        self._heard = 0

    def __enter__(self) -> Self:
        self._counter.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._counter.__exit__(kind, error, trace)

    @property
    def total(self) -> int:
        """All operations so far."""
        return int(self._counter.get_total_flops())

    def hear(self, event: Event) -> None:
        """What was computed since the event before belongs to this one."""
        total = self.total
        if isinstance(event, StepTaken):
            self.steps += total - self._heard
        self._heard = total
