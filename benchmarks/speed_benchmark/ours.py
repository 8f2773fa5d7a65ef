"""Our engine, as anybody calls it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from benchmarks.speed_benchmark.flops import CountedRun
from tlvsft.backbones import choose_arithmetic
from tlvsft.config import RunConfig
from tlvsft.events import Event, Noted, RunFinished, StepTaken
from tlvsft.training import train


def ours(*, config: dict[str, Any], count_flops: bool = False) -> dict[str, Any]:
    """Trains and tests one run.

    Args:
        config: A `RunConfig` as data.
        count_flops: Whether to count operations, which takes time: such a run's times are of no use.

    Returns:
        `train_s` (the training loop), `steps`, `train_loss` (of the last batch), `test_accuracy`, `precision`, `notes`;
        of a counted run also `step_flops` (the updates) and `total_flops`.
    """
    events: list[Event] = []
    counted = CountedRun() if count_flops else None

    def on_event(event: Event) -> None:
        events.append(event)
        if counted is not None:
            counted.hear(event)

    with counted or nullcontext():
        finished = train(RunConfig.from_dict(config), on_event=on_event).outcome
    if not isinstance(finished, RunFinished):
        raise TypeError(f"The run ended with {finished}.")
    flops = {"step_flops": counted.steps, "total_flops": counted.total} if counted else {}
    return {
        "train_s": finished.train_s,
        "steps": finished.steps,
        "train_loss": [event.train_loss for event in events if isinstance(event, StepTaken)][-1],
        "test_accuracy": finished.test_accuracy,
        "precision": choose_arithmetic().precision,
        "notes": notes_of(events),
        **flops,
    }


def notes_of(events: list[Event]) -> list[str]:
    """What the run told its user besides."""
    return [event.message for event in events if isinstance(event, Noted)]
