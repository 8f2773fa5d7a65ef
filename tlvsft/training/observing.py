"""What is measured of a trained model beside its test: evidence for the page. None of its time counts as the run's.

An observer reads a run that is over and was tested, and changes nothing that the run leaves behind. It draws from no
random stream of the run, so that a run's numbers are the same with it and without, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from tlvsft.events import Event
from tlvsft.training.objectives import TestResult
from tlvsft.training.preparation import Preparation
from tlvsft.training.stopping import ShouldStop, check_stop


@dataclass(frozen=True, eq=False, kw_only=True)
class Observation:
    """What observers found.

    Attributes:
        events: To be told before the run's last one.
        figures: Fields of `RunFinished`.
        arrays: To be kept beside the run's weights, by the name of a file.
    """

    events: tuple[Event, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


Observer = Callable[[Preparation, TestResult, ShouldStop], Observation]


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
