"""What is measured of a trained model beside its test: evidence for the page. None of its time counts as the run's.

An observer reads a run that is over and was tested, and changes nothing that the run leaves behind. It draws from no
random stream of the run, so that a run's numbers are the same with it and without, bit for bit.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from tlvsft.errors import TlvsftError
from tlvsft.events import Event, Noted
from tlvsft.training.memory import is_out_of_memory
from tlvsft.training.objectives import TestResult
from tlvsft.training.preparation import Preparation
from tlvsft.training.stopping import ShouldStop, StopRequested, check_stop

NOT_OBSERVED = "A part of the evidence couldn't be measured, so it isn't shown: the run's log says why."

_Found = TypeVar("_Found")


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


_FAILED = Observation(events=(Noted(message=NOT_OBSERVED),))
Observer = Callable[[Preparation, TestResult, ShouldStop], Observation]


def observe(
    run: Preparation, result: TestResult, observers: Sequence[Observer], should_stop: ShouldStop
) -> Observation:
    """What some observers find, put together, with the time that they took as `observed_s`.

    An observer that fails costs a run that is over and was tested nothing but its own part: a note stands for it.

    Raises:
        StopRequested: `should_stop` said so.
        TlvsftError: An observer refused something in words for the user.
        MemoryError, RuntimeError: Memory ran out.
    """
    started = perf_counter()
    found: list[Observation] = []
    for observer in observers:
        check_stop(should_stop)
        observed = contain(partial(observer, run, result, should_stop))
        found.append(_FAILED if observed is None else observed)
    figures: dict[str, Any] = {key: value for one in found for key, value in one.figures.items()}
    return Observation(
        events=tuple(event for one in found for event in one.events),
        figures=figures | {"observed_s": perf_counter() - started},
        arrays={name: arrays for one in found for name, arrays in one.arrays.items()},
    )


def contain(measure: Callable[[], _Found]) -> _Found | None:
    """What is measured; `None`, and the traceback in the run's log, where that failed: the run itself is good.

    Raises:
        StopRequested: Somebody asked to stop.
        TlvsftError: Something was refused in words for the user.
        MemoryError, RuntimeError: Memory ran out.
    """
    try:
        return measure()
    except (StopRequested, TlvsftError):
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        traceback.print_exc()
        return None
