"""What a sweep has found so far, as plain data: the same while it runs and when it is over."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tlvsft.runs.cell_records import CellState, SweepState
from tlvsft.sweeps.config import SweepConfig
from tlvsft.sweeps.label_ratio import LabelRatio

SCHEMA = 1
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""How a formula begins. Source: OWASP, "CSV Injection"."""
WaitsFor = Literal["comparison", "sweep"]
ForgettingMeasure = Literal["source_perplexity", "source_agreement"]


@dataclass(frozen=True, kw_only=True)
class SweepProgress:
    """How far a sweep is; cheap to read, to be asked at every poll.

    Attributes:
        state: `queued` (nothing of it is being trained just now), `running`, `finished` (nothing is left to do; some
            cells may have failed), `stopped` (by its user) or `interrupted` (the app that ran it is gone).
        created_at: When it was first submitted, in seconds since 1970.
        total: Its cells; `finished`, `failed` and `running` are how many of them are, the others wait.
        eta_s: Seconds until it is through, once it has its turn; `None` where nothing is known yet or left to do.
        share: How much of all of it is done, 0–1, what is being trained included.
        place: How many sweeps are before it, its own place included: 1 has its turn; `None` unless it is on its way.
        waits_for: Why nothing of it is being trained although it is on its way: a comparison, which always goes first,
            or an earlier sweep.
        stamp: Changes whenever a cell has begun, finished or failed, or the sweep's state is another one.
    """

    sweep_id: str
    config: SweepConfig
    state: SweepState
    created_at: float
    total: int
    finished: int
    failed: int
    running: int
    share: float
    eta_s: float | None
    place: int | None
    waits_for: WaitsFor | None
    stamp: str

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will be trained unless somebody resumes it."""
        return self.state not in {"queued", "running"}


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """What a method did to what the backbone could do before; means over the seeds that measured it.

    Attributes:
        measure: `source_perplexity`, of general English, higher where more was forgotten; `source_agreement`, how
            often the pretrained source head still gives the same answer, lower where more was forgotten.
        before: Of the untouched pretrained model; `None` for an agreement, which is 1 there.
        after: Of the trained one.
        seeds: From how many seeds.
    """

    measure: ForgettingMeasure
    before: float | None
    after: float
    seeds: int


@dataclass(frozen=True, kw_only=True)
class Point:
    """A method at one place of the x axis, over the seeds that have finished.

    Attributes:
        x: Number of labels, or of frozen units; `None` for a control line, which is the same at every depth.
        labels: Training examples.
        accuracy: Mean test accuracy, 0–1.
        ci95: Its 95 % interval: over seeds and test examples together, with one seed over test examples alone.
        by_seed: The accuracy of each seed that has finished, in the order of seeds.
        seeds: How many have.
        cost_s: Mean seconds of a run, what an earlier run had computed for it included.
        peak_memory_bytes: Mean peak memory of a run's process.
        forgetting: `None` where nothing measured it.
    """

    x: int | None
    labels: int
    accuracy: float
    ci95: tuple[float, float]
    by_seed: tuple[float, ...]
    seeds: int
    cost_s: float
    peak_memory_bytes: float
    forgetting: Forgetting | None


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One method along the x axis; only places where at least one seed has finished."""

    method: str
    title: str
    points: tuple[Point, ...]

    def at(self, x: int) -> Point | None:
        """Its point at a place of the axis."""
        return next((point for point in self.points if point.x == x), None)


@dataclass(frozen=True, kw_only=True)
class ControlLine:
    """A method that has no depth of its own: a level line beside a depth sweep's curve."""

    method: str
    title: str
    point: Point


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Where one curve overtakes another, from left to right.

    Attributes:
        behind: The method that was ahead before, and is behind afterwards.
        ahead: The other one.
        x: Where, interpolated between the two measured places, over the logarithm of the labels.
        between: The places between which it surely is: the nearest ones before and after at which the lead is more than
            chance. `None` where there is no such pair.
        is_sure: Whether there is; else the crossing may be chance.
    """

    behind: str
    ahead: str
    x: float
    between: tuple[int, int] | None

    @property
    def is_sure(self) -> bool:
        """Whether the lead before it and the lead after it are both more than chance."""
        return self.between is not None


@dataclass(frozen=True, kw_only=True)
class Readings:
    """One computed sentence for each figure; `None` where it has nothing to say yet."""

    accuracy: str | None
    cost: str | None
    forgetting: str | None
    label_ratio: str | None


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """One run of the sweep: what it is, what became of it, everything that was measured.

    Attributes:
        method: The curve or the control line that it belongs to.
        labels: Training examples.
        depth: Frozen units; `None` where that isn't swept.
        state: `queued`, `running`, `finished` or `failed`.
        share: How much of a running one is done, 0–1.
        message: Why it failed, in one line.
        duration_s: From the start of its process to its end, once it has finished.
        figures: The fields of `tlvsft.events.RunFinished` by name, without the confusion matrix; empty until then.
    """

    method: str
    labels: int
    depth: int | None
    seed: int
    state: CellState
    share: float
    message: str | None
    duration_s: float | None
    figures: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SweepResults:
    """Everything that a sweep has found so far.

    Attributes:
        progress: How far it is.
        curves: One per method over labels; the one of `partial` over depth.
        controls: Over depth the level lines; empty over labels.
        crossings: Where curves cross, for each two of them, from few labels to many; empty over depth.
        label_ratios: ULMFiT's ratio at each number of labels where it is known, ascending; empty over depth.
        label_ratio: The one to show first, if there is any: the nearest to 50 labels.
        readings: The figures in words.
        cells: Every run, in the order in which they are trained.
    """

    progress: SweepProgress
    curves: tuple[Curve, ...]
    controls: tuple[ControlLine, ...]
    crossings: tuple[Crossing, ...]
    label_ratios: tuple[LabelRatio, ...]
    label_ratio: LabelRatio | None
    readings: Readings
    cells: tuple[CellResult, ...]

    @property
    def config(self) -> SweepConfig:
        """What was asked for."""
        return self.progress.config

    @property
    def failures(self) -> tuple[CellResult, ...]:
        """The cells that failed, each with its reason."""
        return tuple(cell for cell in self.cells if cell.state == "failed")

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `sweep`, whose fields docs/sweeps.md describes."""
        progress = {key: value for key, value in asdict(self.progress).items() if key not in {"config", "stamp"}}
        return {
            "schema": SCHEMA,
            **progress,
            "config": self.config.to_dict(),
            "axis": list(self.config.axis),
            "curves": [asdict(curve) for curve in self.curves],
            "controls": [asdict(control) for control in self.controls],
            "crossings": [{**asdict(crossing), "is_sure": crossing.is_sure} for crossing in self.crossings],
            "label_ratios": [ratio.to_dict() for ratio in self.label_ratios],
            "label_ratio": None if self.label_ratio is None else self.label_ratio.to_dict(),
            "readings": asdict(self.readings),
            "cells": [{**asdict(cell), "figures": dict(cell.figures)} for cell in self.cells],
        }

    def to_csv(self) -> str:
        """One line per cell, finished or not: what it is, what became of it, every single number that was measured."""
        rows = [{**_plain(asdict(cell)), **_plain(cell.figures)} for cell in self.cells]
        names = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those values that fit into one field of a table; no text is one that a spreadsheet would take for a formula."""
    plain = {name: value for name, value in values.items() if not isinstance(value, dict | list | tuple)}
    return {
        name: f"'{value}" if str(value).startswith(_FORMULAS) and isinstance(value, str) else value
        for name, value in plain.items()
    }
