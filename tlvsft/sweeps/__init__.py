"""Sweeps: many runs over numbers of labels or of frozen blocks, and what the figures of them say.

Importing this package loads neither torch nor numpy; the functions that need them import them when called.
"""

from __future__ import annotations

from tlvsft.catalog.sweeps import (
    DEFAULT_SEEDS,
    DEPTH_LINES,
    KINDS,
    LABEL_METHODS,
    MOST_CELLS,
    MOST_CELLS_SHARED,
    MOST_LABEL_COUNTS,
    MOST_METHODS,
    PARTIAL,
    SWEEP_SEEDS,
    SweepKind,
)
from tlvsft.runs.cell_records import CellState, SweepState
from tlvsft.sweeps.config import SweepCell, SweepConfig
from tlvsft.sweeps.defaults import default_depth_labels, default_label_counts
from tlvsft.sweeps.label_ratio import HEADLINE_LABELS, Bound, LabelRatio, labels_needed
from tlvsft.sweeps.reading import list_sweeps, list_sweeps_beside, read_progress, read_sweep
from tlvsft.sweeps.remaining import estimate_sweep
from tlvsft.sweeps.results import (
    CellResult,
    ControlLine,
    Crossing,
    Curve,
    Forgetting,
    Point,
    Readings,
    SweepProgress,
    SweepResults,
)
from tlvsft.sweeps.submission import complete_sweep, resume_sweep, submit_sweep

__all__ = [
    "DEFAULT_SEEDS",
    "DEPTH_LINES",
    "HEADLINE_LABELS",
    "KINDS",
    "LABEL_METHODS",
    "MOST_CELLS",
    "MOST_CELLS_SHARED",
    "MOST_LABEL_COUNTS",
    "MOST_METHODS",
    "PARTIAL",
    "SWEEP_SEEDS",
    "Bound",
    "CellResult",
    "CellState",
    "ControlLine",
    "Crossing",
    "Curve",
    "Forgetting",
    "LabelRatio",
    "Point",
    "Readings",
    "SweepCell",
    "SweepConfig",
    "SweepKind",
    "SweepProgress",
    "SweepResults",
    "SweepState",
    "complete_sweep",
    "default_depth_labels",
    "default_label_counts",
    "estimate_sweep",
    "labels_needed",
    "list_sweeps",
    "list_sweeps_beside",
    "read_progress",
    "read_sweep",
    "resume_sweep",
    "submit_sweep",
]
