"""Cells and sweeps as the store knows them: a cell is a run that sweeps may share, a sweep is a list of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tlvsft.config import RunConfig

CellState = Literal["queued", "running", "finished", "failed"]
SweepState = Literal["queued", "running", "finished", "stopped", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """What is submitted: runs in the order in which they are to be trained, and what they are for.

    Attributes:
        config: What the sweep is, as its room writes it down; nothing here reads it.
        runs: Its cells, each once.
        fingerprints: What data and backbone hold, where their names don't say that for good.
    """

    config: Mapping[str, Any]
    runs: tuple[RunConfig, ...]
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CellRecord:
    """One run of a sweep.

    Attributes:
        key: Says what was trained by what: the config, the program, its libraries, the machine, the data.
        message: Why it failed.
        share: How much of a running one is done, 0–1.
        duration_s: From the start of its process to its end, once it has finished.
        result: The fields of `RunFinished`; empty before.
        correct: Which test examples it got right, eight to a byte, the first in the highest bit (`numpy.packbits`).
        examples: How many test examples there were.
        train_examples: How many training examples.
    """

    key: str
    config: RunConfig
    state: CellState
    message: str | None = None
    share: float = 0.0
    started_at: float | None = None
    duration_s: float | None = None
    result: Mapping[str, Any]
    correct: bytes = b""
    examples: int = 0
    train_examples: int = 0


@dataclass(frozen=True, kw_only=True)
class SweepRecord:
    """A sweep; times are seconds since 1970.

    Attributes:
        owner: The browser that it belongs to; `None` is the command line.
        config: What the sweep is, as its room wrote it down.
        state: See `SweepState`: `queued` and `running` are on their way.
        total: Its cells; `finished`, `failed` and `running` are how many of them are.
        changed_at: When any of its cells last changed its state.
    """

    id: str
    owner: str | None
    config: Mapping[str, Any]
    created_at: float
    state: SweepState
    total: int
    finished: int
    failed: int
    running: int
    changed_at: float
