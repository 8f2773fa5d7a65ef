"""Results for people: text for a terminal, Markdown for `benchmarks/README.md`."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.markdown import markdown_table
from benchmarks.speed_benchmark.document import SpeedFile
from benchmarks.speed_benchmark.figures import FIGURES, Figure
from tlvsft.cli.output import format_table

Rows = list[Sequence[str]]
NOTHING = "–"
CAPTION = "Medians, with the smallest and the largest of what was measured. Ratios are taken pair by pair."
CONTESTANTS = "Who ran, whole runs in seconds, with the accuracy on the test split at their end"


def write_text(results: SpeedFile) -> str:
    """Everything as text."""
    parts = [machine_line(results), CAPTION, format_table(figure_rows(results), right_aligned=(1, 2, 3))]
    if len(rows := contestant_rows(results)) > 1:
        parts.append(f"{CONTESTANTS}\n{format_table(rows, right_aligned=(2, 3, 4))}")
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def write_markdown(results: SpeedFile) -> str:
    """The same in Markdown."""
    parts = [machine_line(results), CAPTION, markdown_table(figure_rows(results))]
    if len(rows := contestant_rows(results)) > 1:
        parts.append(f"{CONTESTANTS}:\n\n{markdown_table(rows)}")
    return "\n\n".join(parts) + "\n"


def machine_line(results: SpeedFile) -> str:
    """What it was measured on, and when."""
    machine = results.machine
    if not machine:
        return "Nothing was measured yet."
    dates = sorted(found["date"][:10] for found in results.details.values())
    loads = [found["load_average"] for found in results.details.values() if found["load_average"] is not None]
    parts = [
        machine["cpu"],
        f"{machine['cores']} cores",
        " ".join(machine["flags"]),
        machine["system"],
        *(f"{library} {machine[library]}" for library in ("python", "torch", "transformers")),
        " to ".join(dict.fromkeys([dates[0], dates[-1]])) if dates else "",
        f"load average at the start of an item up to {max(loads):g}" if loads else "",
    ]
    return " · ".join(filter(None, parts))


def figure_rows(results: SpeedFile) -> Rows:
    """One row per figure, whether it was measured or not."""
    rows: Rows = [("key", "value", "range", "target", "status", "what")]
    for figure in FIGURES:
        value = results.values.get(figure.key)
        written = NOTHING if value is None else write_number(value)
        status = figure.status(value)
        rows.append((figure.key, written, _range(results, figure), figure.target, status, figure.meaning))
    return rows


def contestant_rows(results: SpeedFile) -> Rows:
    """One row per contestant of an item."""
    rows: Rows = [("item", "contestant", "seconds", "range", "test accuracy")]
    for number, found in results.details.items():
        for name, outcome in found.get("contestants", {}).items():
            seconds = outcome["seconds"]
            accuracy = outcome.get("test_accuracy")
            shown = NOTHING if accuracy is None else f"{100 * accuracy:.1f} %"
            rows.append((number, name, write_number(median(seconds)), _from_to(min(seconds), max(seconds)), shown))
    return rows


def write_number(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _range(results: SpeedFile, figure: Figure) -> str:
    ranges: dict[str, Any] = results.details.get(str(figure.item), {}).get("ranges", {})
    return _from_to(*ranges[figure.key]) if figure.key in ranges else ""


def _from_to(low: float, high: float) -> str:
    return "" if low == high else f"{write_number(low)} to {write_number(high)}"
