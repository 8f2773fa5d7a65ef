"""What is measured of a trained model beside its test: evidence for the page. None of its time counts as the run's.

An observer reads a run that is over and was tested, and changes nothing that the run leaves behind. It draws from no
random stream of the run, so that a run's numbers are the same with it and without, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from tlvsft.training.flops_of_run import observe_flops
from tlvsft.training.objectives import TestResult
from tlvsft.training.observation import Observation
from tlvsft.training.preparation import Preparation
from tlvsft.training.stopping import ShouldStop, check_stop

__all__ = ["OBSERVERS", "Observation", "Observer", "observe"]


Observer = Callable[[Preparation, TestResult, ShouldStop], Observation]

OBSERVERS: tuple[Observer, ...] = (observe_flops,)
"""All that the page shows evidence of, in the order in which it is measured."""


def observe(
    run: Preparation, result: TestResult, observers: Sequence[Observer], should_stop: ShouldStop
) -> Observation:
    """What some observers find, put together, with the time that they took as `observed_s`.

    Raises:
        StopRequested: `should_stop` said so.
    """
    started = perf_counter()
    found: list[Observation] = []
    for observer in observers:
        check_stop(should_stop)
        found.append(observer(run, result, should_stop))
    figures: dict[str, Any] = {key: value for one in found for key, value in one.figures.items()}
    return Observation(
        events=tuple(event for one in found for event in one.events),
        figures=figures | {"observed_s": perf_counter() - started},
        arrays={name: arrays for one in found for name, arrays in one.arrays.items()},
    )
