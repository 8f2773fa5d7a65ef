"""Sweeps whose cells have given answers, without training anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tlvsft.config import DatasetConfig
from tlvsft.runs.cell_records import CellRecord
from tlvsft.sweeps.config import SweepCell, SweepConfig
from tlvsft.sweeps.measurements import Figure, measure

UNITS = ("embedding", "0", "1", "2")
Place = tuple[str, int | None]
"""A method, and a number of labels or of frozen units (`None` for a control line)."""
Results = Mapping[Place, Sequence[Sequence[bool]]]
"""For each place, and each seed that has finished there, which test examples were right."""


@pytest.fixture
def over_labels() -> SweepConfig:
    return SweepConfig(
        kind="labels",
        backbone="glyphs-resnet",
        dataset=DatasetConfig(name="digits"),
        methods=("linear_probe", "full", "from_scratch"),
        labels=(10, 100, None),
        train_size=1000,
        seeds=2,
    )


@pytest.fixture
def over_depth() -> SweepConfig:
    return SweepConfig(
        kind="depth",
        backbone="glyphs-resnet",
        dataset=DatasetConfig(name="digits"),
        methods=("full", "from_scratch"),
        labels=(50,),
        train_size=1000,
        units=UNITS,
        depths=(0, 2, 4),
        seeds=2,
    )


def finished(cell: SweepCell, correct: Sequence[bool], **figures: Any) -> CellRecord:
    """A cell that came to its end."""
    result = {
        "test_accuracy": float(np.mean(correct)),
        "elapsed_s": 1.0,
        "reused_s": 0.0,
        "peak_memory_bytes": 10**8,
        "source_perplexity_before": None,
        "source_perplexity_after": None,
        **figures,
    }
    return CellRecord(
        key=f"{cell.method} {cell.labels} {cell.depth} {cell.seed}",
        config=cell.run,
        state="finished",
        share=1.0,
        duration_s=2.0,
        result=result,
        correct=np.packbits(np.array(correct, dtype=bool)).tobytes(),
        examples=len(correct),
        train_examples=cell.labels or 1000,
    )


def queued(cell: SweepCell) -> CellRecord:
    """A cell that waits."""
    return CellRecord(
        key=f"{cell.method} {cell.labels} {cell.depth} {cell.seed}", config=cell.run, state="queued", result={}
    )


def fill(
    config: SweepConfig, results: Results, figures: Mapping[Place, Mapping[str, Any]] | None = None
) -> list[tuple[SweepCell, CellRecord]]:
    """A sweep's cells, of which those in `results` have finished with what `figures` adds."""
    found = []
    for cell in config.cells():
        x = cell.depth if config.kind == "depth" else (cell.labels or config.train_size)
        by_seed = results.get((cell.method, x), ())
        place = cell.seed - config.seed
        told = (figures or {}).get((cell.method, x), {})
        found.append((cell, finished(cell, by_seed[place], **told) if place < len(by_seed) else queued(cell)))
    return found


def share(right: int, of: int = 100, *, shift: int = 0) -> list[bool]:
    """So many right answers, the first of them at `shift`."""
    return list(np.roll(np.arange(of) < right, shift))


@pytest.fixture
def figure_of() -> Callable[..., Figure]:
    return lambda config, results, figures=None: measure(config, fill(config, results, figures))


def with_seeds(config: SweepConfig, seeds: int) -> SweepConfig:
    return replace(config, seeds=seeds)
