"""Waiting for something to become true, in tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, timeout_s: float = 30.0) -> T:
    """Returns the condition's value as soon as it is true; fails when it stays false."""
    give_up = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"Still {value!r} after {timeout_s:g} s.")
        time.sleep(0.02)
    return value
