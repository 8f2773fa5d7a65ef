"""Stand-ins for the engine that worker processes run in tests: they take steps, and misbehave on request.

What a run does is said by its config's `labels` (steps) and backbone (misbehaviour), so that it crosses the process
boundary as real ones do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from tlvsft.config import RunConfig
from tlvsft.errors import DatasetError
from tlvsft.events import Event, RunFinished, RunStopped, StepTaken
from tlvsft.runs.worker import work_as_process

STEP_S = 0.02
CLASSES = ("a", "b")


class FakeSplit:
    labels = np.array([0, 1, 0])
    inputs = ("first", "second", "x" * 2_000)
    groups = None

    def __len__(self) -> int:
        return len(self.labels)


def run_fake_worker(home: Path, run_id: str, threads: int) -> None:
    work_as_process(home, run_id, threads, train=fake_train)


def fake_train(
    config: RunConfig,
    *,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    on_checkpoint: Callable[[Any], None] | None = None,
    start: Any = None,
) -> Any:
    """`labels` steps of 20 ms; the backbone's name says what goes wrong. A start makes its weights one larger."""
    weight = torch.ones(2, 2) + (0 if start is None else start.changed_tensors["head.weight"])
    started = time.perf_counter()
    for step in range(1, (config.labels or 1) + 1):
        if should_stop() and config.backbone != "deaf":
            return _trained(config, RunStopped(step=step - 1, elapsed_s=time.perf_counter() - started), weight)
        _misbehave(config, step)
        on_event(
            StepTaken(
                step=step,
                epoch=float(step),
                elapsed_s=time.perf_counter() - started,
                train_loss=1 / step,
                examples=step,
            )
        )
        if on_checkpoint is not None:
            on_checkpoint(_snapshot(step, weight))
        time.sleep(STEP_S)
    return _trained(config, _finished(config, threads=torch.get_num_threads()), weight)


def _misbehave(config: RunConfig, step: int) -> None:
    if config.backbone == "refuses":
        raise DatasetError("The file has no column 'label': name it with --label-column.")
    if config.backbone == "breaks" and config.variant.method == "full":
        raise ValueError("the\nsecond line")
    if config.backbone == "talks" and step == 1:
        print("a library says hello", flush=True)  # noqa: T201
        os.write(2, b"and so does its C code\n")


def _finished(config: RunConfig, *, threads: int) -> RunFinished:
    common = {
        "steps": config.labels or 1,
        "frozen_intact": True,
        "elapsed_s": 1.0,
        "train_s": 1.0,
        "examples_per_s": 1.0,
        "peak_memory_bytes": threads,
    }
    if config.task == "language_modeling":
        figures = {"perplexity_before": 140.0, "perplexity": 70.0}
        return RunFinished(**common, **figures, source_perplexity_before=110.0, source_perplexity_after=160.0)
    return RunFinished(
        **common,
        test_accuracy=1.0,
        test_macro_f1=1.0,
        confusion_matrix=((2, 0), (0, 1)),
    )


def _snapshot(step: int, weight: torch.Tensor) -> SimpleNamespace:
    return SimpleNamespace(
        step=step, class_names=CLASSES, changed_tensors={"head.weight": weight}, backbone_fingerprint="abc"
    )


def _trained(config: RunConfig, outcome: RunFinished | RunStopped, weight: torch.Tensor) -> SimpleNamespace:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], dtype=np.float32)
    tested, words = isinstance(outcome, RunFinished), config.task == "language_modeling"
    predictions = SimpleNamespace(labels=FakeSplit.labels, probabilities=probabilities)
    losses = SimpleNamespace(losses=np.array([4.0, 5.0, 6.0]), tokens=np.array([1, 2, 3]))
    return SimpleNamespace(
        **vars(_snapshot(outcome.steps if tested else outcome.step, weight)),
        outcome=outcome,
        predictions=predictions if tested and not words else None,
        text_losses=losses if tested and words else None,
        test_examples=None if words else FakeSplit(),
        arrays={},
    )
