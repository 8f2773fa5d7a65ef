"""A few steps of training beside many rows: does a step cost more where there is more data?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.speed_benchmark.ours import notes_of
from tlvsft.config import RunConfig
from tlvsft.datasets import LabelledData, Split, load_labelled_data
from tlvsft.events import Event, StepTaken
from tlvsft.training import train
from tlvsft.training.memory import peak_memory_bytes

_WORDS_PER_ROW, _WORDS_BETWEEN = 32, 7


def growth(*, config: dict[str, Any], rows: int, steps: int) -> dict[str, Any]:
    """Trains for a number of steps on data of a number of rows.

    Args:
        config: A `RunConfig` as data, of a text dataset; its validation and test splits stay as they are.
        rows: Training examples that there are.
        steps: After which the run is stopped.

    Returns:
        `step_s`, the median time from one step to the next; `before_first_step_s`; `peak_memory_bytes`; `notes`.
    """
    run = RunConfig.from_dict(config)
    data = with_rows(load_labelled_data(run.dataset), rows)
    heard: list[tuple[float, Event]] = []
    started = perf_counter()
    train(
        run,
        data=data,
        on_event=lambda event: heard.append((perf_counter(), event)),
        should_stop=lambda: sum(isinstance(event, StepTaken) for _, event in heard) >= steps,
    )
    events = [event for _, event in heard]
    first = next(moment for moment, event in heard if isinstance(event, StepTaken))
    return {
        "step_s": median(step_times(heard)),
        "before_first_step_s": first - started,
        "peak_memory_bytes": peak_memory_bytes(),
        "notes": notes_of(events),
    }


def step_times(heard: Sequence[tuple[float, Event]]) -> list[float]:
    """Seconds between each two steps that nothing else, a validation say, came between."""
    return [
        moment - before
        for (before, previous), (moment, event) in pairwise(heard)
        if isinstance(event, StepTaken) and isinstance(previous, StepTaken)
    ]


def with_rows(data: LabelledData, rows: int) -> LabelledData:
    """The same data with so many training rows, cut from its own words, all of one length: all steps are the same work.

    Each row begins a few words after the last; at the end of the words it goes on from their beginning.
    """
    words = " ".join(str(text) for text in data.train.inputs).split()
    starts = np.arange(rows) * _WORDS_BETWEEN % len(words)
    endless = words + words[:_WORDS_PER_ROW]
    inputs = [" ".join(endless[start : start + _WORDS_PER_ROW]) for start in starts]
    labels = np.resize(data.train.labels, rows)
    return replace(data, train=Split(inputs=inputs, labels=labels))
