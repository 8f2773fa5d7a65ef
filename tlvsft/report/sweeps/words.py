"""What the figures of sweeps and their tables say in words."""

from __future__ import annotations

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import MISSING, perplexity
from tlvsft.comparison.naming import block_title
from tlvsft.config import EMBEDDING_BLOCK
from tlvsft.sweeps.config import SweepConfig
from tlvsft.sweeps.label_ratio import Bound
from tlvsft.sweeps.results import CellResult, Forgetting, Point, SweepProgress

_BOUNDS: dict[Bound, str] = {"=": "", ">": "more than ", "<": "less than "}


def bound_words(bound: Bound) -> str:
    """What stands before a ratio that is only known from one side."""
    return _BOUNDS[bound]


def interval_words(point: Point) -> str:
    """A point's 95 % interval, e.g. `89.1–92.0 %`."""
    low, high = point.ci95
    return f"{100 * low:.1f}–{100 * high:.1f} %"


def done_words(progress: SweepProgress) -> str:
    """How many of its runs a sweep has, e.g. `12 of 45 runs, 1 failed`."""
    runs = "run" if progress.total == 1 else "runs"
    failed = f", {progress.failed:,} failed" if progress.failed else ""
    return f"{progress.finished:,} of {progress.total:,} {runs}{failed}"


def about_sweep(config: SweepConfig) -> str:
    """What a sweep varies, in words."""
    seeds = "1 seed" if config.seeds == 1 else f"{config.seeds} seeds"
    if config.kind == "labels":
        methods = "1 method" if len(config.methods) == 1 else f"{len(config.methods)} methods"
        numbers = "1 number of labels" if len(config.labels) == 1 else f"{len(config.labels)} numbers of labels"
        return f"{methods}, {numbers}, {seeds}"
    labels = config.labels[0]
    given = "all labels" if labels is None else f"{labels:,} labels"
    return f"{len(config.depths)} depths, {given}, {seeds}"


def depth_tick(config: SweepConfig, depth: int) -> str:
    """The last frozen unit as a tick, e.g. `none`, `emb.` or `0`."""
    if depth == 0:
        return "none"
    unit = config.units[depth - 1]
    return "emb." if unit == EMBEDDING_BLOCK else unit


def depth_words(config: SweepConfig, depth: int) -> str:
    """What is frozen at a depth."""
    if depth == 0:
        return "nothing"
    if depth == len(config.units):
        return "the whole backbone"
    last = block_title(config.units[depth - 1])
    return last if depth == 1 else f"up to {last}"


def forgetting_words(forgetting: Forgetting | None) -> str:
    """What was measured of forgetting: a perplexity, or how often the source head still agrees."""
    if forgetting is None:
        return MISSING
    if forgetting.measure == "source_perplexity":
        return perplexity(forgetting.after)
    return f"{100 * forgetting.after:.1f} %"


def failure_words(config: SweepConfig, cell: CellResult) -> str:
    """Which run failed, and why."""
    if cell.depth is None:
        where = f"{get_method(cell.method).title}, {cell.labels:,} labels"
    else:
        where = f"frozen: {depth_words(config, cell.depth)}"
    return f"{where}, seed {cell.seed}: {cell.message or 'it says no reason.'}"
