"""A sweep as tables for people."""

from __future__ import annotations

import textwrap
from dataclasses import astuple

from tlvsft.cli.output import format_table
from tlvsft.cli.sweep_progress import describe_cell
from tlvsft.comparison import shown_name
from tlvsft.sweeps import Forgetting, Point, SweepResults

_WIDTH = 100
_SHOWN_FAILURES = 5


def sweep_table(results: SweepResults) -> str:
    """The figure as a table, what it says, and what failed."""
    table = _label_table(results) if results.config.kind == "labels" else _depth_table(results)
    parts = [_title(results), table.rstrip(), "In brackets: 95 % intervals, over seeds and test examples together."]
    if results.config.seeds == 1:
        parts[-1] = "In brackets: 95 % intervals, over test examples alone, since there is one seed."
    parts += [textwrap.fill(line, _WIDTH) for line in astuple(results.readings) if line is not None]
    parts += _describe_failures(results)
    parts.append(f"Sweep {results.progress.sweep_id}.")
    return "\n\n".join(parts) + "\n"


def _title(results: SweepResults) -> str:
    config = results.config
    seeds = "1 seed" if config.seeds == 1 else f"{config.seeds} seeds"
    count = config.labels[0]
    labels = "" if config.kind == "labels" else f", {'all' if count is None else f'{count:,}'} labels"
    return f"{shown_name(config.dataset.name)}{labels}, on {shown_name(config.backbone)}, {seeds}"


def _label_table(results: SweepResults) -> str:
    rows = [["labels", *(curve.title for curve in results.curves)]]
    for x in results.config.axis:
        points = [curve.at(x) for curve in results.curves]
        rows.append([f"{x:,}", *("–" if point is None else _write_accuracy(point) for point in points)])
    return format_table(rows, right_aligned=range(len(rows[0])))


def _depth_table(results: SweepResults) -> str:
    measured = [(_frozen(results, point), point) for curve in results.curves for point in curve.points]
    measured += [(control.title, control.point) for control in results.controls]
    forgotten = any(point.forgetting is not None for _, point in measured)
    rows = [["frozen", "test accuracy", "time", "memory", *(["forgetting"] if forgotten else [])]]
    for name, point in measured:
        cells = [_write_accuracy(point), f"{point.cost_s:.1f} s", f"{point.peak_memory_bytes / 1e6:,.0f} MB"]
        rows.append([name, *cells, *([_write_forgetting(point.forgetting)] if forgotten else [])])
    return format_table(rows, right_aligned=range(1, len(rows[0])))


def _frozen(results: SweepResults, point: Point) -> str:
    """How many units are frozen, and the highest of them."""
    units, depth = results.config.units, point.x or 0
    if depth == 0:
        return "0 (nothing)"
    highest = units[depth - 1]
    return f"{depth} ({'everything' if depth == len(units) else f'up to {_unit(highest)}'})"


def _unit(name: str) -> str:
    return f"block {name}" if name.isdigit() else name


def _write_accuracy(point: Point) -> str:
    low, high = point.ci95
    return f"{100 * point.accuracy:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def _write_forgetting(forgetting: Forgetting | None) -> str:
    if forgetting is None:
        return "–"
    if forgetting.measure == "source_agreement":
        return f"{100 * forgetting.after:.1f} % agree"
    before = "–" if forgetting.before is None else f"{forgetting.before:,.1f}"
    return f"{before} → {forgetting.after:,.1f}"


def _describe_failures(results: SweepResults) -> list[str]:
    failed = results.failures
    if not failed:
        return []
    runs = "1 run failed" if len(failed) == 1 else f"{len(failed)} runs failed"
    lines = [f"{runs}; the same command tries again:"]
    lines += [f"  {describe_cell(cell)}: {cell.message}" for cell in failed[:_SHOWN_FAILURES]]
    return ["\n".join(lines)]
