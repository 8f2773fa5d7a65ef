"""Stopping is cooperative: the run asks at every step and between evaluation batches."""

from __future__ import annotations

from collections.abc import Callable

ShouldStop = Callable[[], bool]


class StopRequested(Exception):
    """The user asked to stop."""


def never() -> bool:
    """The answer of somebody who never wants to stop."""
    return False


def check_stop(should_stop: ShouldStop) -> None:
    """Ends the run where it is.

    Raises:
        StopRequested: Somebody asked for it.
    """
    if should_stop():
        raise StopRequested
