"""The run's clock stands still while the run is only watched."""

from __future__ import annotations

import pytest

from tlvsft.training.clock import Clock


class Time:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_counts_from_its_start_and_leaves_pauses_out() -> None:
    time = Time()
    clock = Clock(99.0, read=time)
    assert clock.elapsed_s == 1.0
    time.now += 2
    with clock.paused():
        time.now += 5
        assert clock.elapsed_s == 3.0
    time.now += 1
    assert clock.elapsed_s == 4.0
    assert clock.paused_s == 5.0


def test_a_pause_within_a_pause_counts_once() -> None:
    time = Time()
    clock = Clock(100.0, read=time)
    with clock.paused():
        time.now += 1
        with clock.paused():
            time.now += 1
        time.now += 1
    time.now += 1
    assert (clock.elapsed_s, clock.paused_s) == (1.0, 3.0)


def test_it_goes_on_after_an_error() -> None:
    time = Time()
    clock = Clock(100.0, read=time)

    def fail() -> None:
        with clock.paused():
            time.now += 4
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fail()
    time.now += 1
    assert (clock.elapsed_s, clock.paused_s) == (1.0, 4.0)
