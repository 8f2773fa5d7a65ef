"""Measures runs, each in a process of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.command_line import say
from benchmarks.cost_benchmark.settings import Setting
from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.costs import Cost, CostTable
from tlvsft.config import EMBEDDING_BLOCK, RunConfig
from tlvsft.errors import RunError
from tlvsft.events import Evaluated, Event, PrefixStored, RunFinished, RunStarted, StepTaken
from tlvsft.runs.launcher import start_process
from tlvsft.training.defaults import batch_size_for

_FIELDS = tuple(item.name for item in fields(Cost))


def measure_table(setting: Setting, *, repeats: int) -> CostTable:
    """Measures a setting with every number of frozen blocks, with every block frozen alone, and with adapters."""
    names = setting.block_names
    depths = [measure(setting.run_config(names[:depth]), repeats=repeats) for depth in range(len(names) + 1)]
    numbered = [name for name in names if name != EMBEDDING_BLOCK]
    single = {name: measure(setting.run_config((name,)), repeats=repeats)[0].step_s for name in numbered}
    adapted, _ = measure(setting.run_config(None), repeats=repeats)
    facts = depths[0][1]
    return CostTable(
        data=setting.dataset,
        task=setting.task,
        batch_size=batch_size_for(BACKBONES[setting.backbone].modality),
        examples=facts["examples"],
        examples_per_row=facts["examples"] / (setting.run_config(()).labels or 1),
        validation_examples=facts["validation_examples"],
        depths=tuple(cost for cost, _ in depths),
        single=single,
        adapted=adapted,
    )


def measure(config: RunConfig, *, repeats: int) -> tuple[Cost, dict[str, int]]:
    """The least that a run took in several tries, and how many examples it had."""
    tries = [measure_once(config) for _ in range(repeats)]
    least = {name: min(cost[name] for cost, _ in tries) for name in _FIELDS}
    say(f"{config.backbone} {config.task} {config.variant.method} {config.variant.frozen_blocks}: {least}")
    return Cost(**least), tries[0][1]


def measure_once(config: RunConfig) -> tuple[dict[str, float], dict[str, int]]:
    """One run, as `describe_run` tells it.

    Raises:
        RunError: Its process died.
    """
    with tempfile.TemporaryDirectory() as home:
        told = Path(home) / "told.json"
        process = start_process(_train, config, home, told, name="tlvsft-costs")
        process.join()
        if not told.exists():
            raise RunError(f"The run of {config.variant} ended with status {process.exitcode}.")
        answer = json.loads(told.read_text(encoding="utf-8"))
    return answer["cost"], answer["facts"]


def _train(config: RunConfig, home: str, told: Path) -> None:
    """What the process runs: on one thread, with its CPU time as every clock of the run."""
    import os
    from time import process_time

    import torch

    from tlvsft.backbones import FLOAT32_ON_CPU
    from tlvsft.training import loop, prefix_cache, progress, run

    os.environ["TLVSFT_HOME"] = home  # nobody has computed frozen blocks before
    torch.set_num_threads(1)
    for module in (loop, prefix_cache, progress, run):
        module.perf_counter = process_time
    heard: list[Event] = []
    run.train(config, on_event=heard.append, on_checkpoint=lambda _: None, arithmetic=FLOAT32_ON_CPU)
    cost, facts = describe_run(heard)
    facts["validation_examples"] = _validation_examples(config)
    told.write_text(json.dumps({"cost": cost, "facts": facts}), encoding="utf-8")


def _validation_examples(config: RunConfig) -> int:
    from tlvsft.catalog.datasets import DATASETS
    from tlvsft.training.language_modeling import VALIDATION_TEXTS

    size = DATASETS[config.dataset.name].sizes[1]
    return min(VALIDATION_TEXTS, size) if config.task == "language_modeling" else size


def describe_run(heard: Sequence[Event]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a `Cost`, the seconds of the whole run (`run_s`), and facts about it, from its events."""
    started = next(event for event in heard if isinstance(event, RunStarted))
    finished = next(event for event in heard if isinstance(event, RunFinished))
    stored = next((event for event in heard if isinstance(event, PrefixStored) and event.is_complete), None)
    timed = [event for event in heard if isinstance(event, StepTaken | Evaluated)]
    steps = [
        after.elapsed_s - before.elapsed_s
        for before, after in pairwise(timed)
        if isinstance(before, StepTaken) and isinstance(after, StepTaken)
    ]
    evaluations = [
        after.elapsed_s - before.elapsed_s
        for before, after in pairwise(timed)
        if isinstance(before, StepTaken) and isinstance(after, Evaluated)
    ]
    evaluation_s = median(evaluations)
    count = len(evaluations) + 1
    cost = {
        "step_s": median(steps),
        "evaluation_s": evaluation_s,
        "prefix_s": stored.computed_s / stored.total_examples if stored else 0.0,
        "prefix_bytes": stored.size_bytes / stored.total_examples if stored else 0.0,
        "fixed_s": max(0.0, finished.elapsed_s - finished.train_s - count * evaluation_s),
        "peak_bytes": float(finished.peak_memory_bytes),
        "run_s": finished.elapsed_s,
    }
    return cost, {"examples": started.train_examples}
