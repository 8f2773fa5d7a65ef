"""Reports as tables for people."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from tlvsft.catalog.methods import get_method
from tlvsft.cli.output import format_table
from tlvsft.config import SIDES

_HEADER = ("side", "method", "seed", "test accuracy", "macro-F1", "trained", "of", "frozen intact", "steps", "time")
_NUMBERS = (2, 3, 4, 5, 6, 8, 9)
_WIDTH = 100


def comparison_table(report: Mapping[str, Any]) -> str:
    """The finished runs of a comparison, the mean of each side where it has several seeds, and the verdict."""
    rows: list[Sequence[str]] = [_HEADER]
    for side in SIDES:
        runs = [variant for variant in report["variants"] if variant["side"] == side]
        rows += [_run_row(variant) for variant in runs]
        if len(runs) > 1:
            rows.append(_mean_row(runs))
    name = report["comparison_id"]
    parts = [_title(report["config"]), format_table(rows, right_aligned=_NUMBERS).rstrip()]
    parts += [textwrap.fill(f"Note: {note}", _WIDTH) for note in report["notes"]]
    parts += [textwrap.fill(report["verdict"]["statement"], _WIDTH)]
    parts += [f"Comparison {name}. Try it on something new: python -m tlvsft predict {name} FILE"]
    return "\n\n".join(parts) + "\n"


def _title(config: Mapping[str, Any]) -> str:
    labels = "all labels" if config["labels"] is None else f"{config['labels']:,} labels"
    return f"{config['dataset']['name']}, {labels}, on {config['backbone']}"


def _run_row(run: Mapping[str, Any]) -> Sequence[str]:
    intact = {None: "nothing frozen", True: "yes", False: "NO"}[run["frozen_intact"]]
    return (
        run["side"],
        get_method(run["method"]).title,
        str(run["seed"]),
        f"{100 * run['test_accuracy']:.1f} %",
        f"{run['test_macro_f1']:.3f}",
        f"{run['trainable_parameters']:,}",
        f"{run['total_parameters']:,}",
        intact,
        f"{run['steps']:,}",
        f"{run['elapsed_s']:.1f} s",
    )


def _mean_row(runs: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    accuracy, f1, elapsed_s = (
        fmean(run[key] for run in runs) for key in ("test_accuracy", "test_macro_f1", "elapsed_s")
    )
    return ("", "", "mean", f"{100 * accuracy:.1f} %", f"{f1:.3f}", "", "", "", "", f"{elapsed_s:.1f} s")
