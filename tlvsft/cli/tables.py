"""Reports as tables for people."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean
from typing import Any

from tlvsft.catalog.methods import get_method
from tlvsft.cli.output import format_table
from tlvsft.comparison import describe_moves, shown_name
from tlvsft.comparison.figures import operations
from tlvsft.config import SIDES
from tlvsft.events import BlockMovement

_Run = Mapping[str, Any]
_WIDTH = 100


@dataclass(frozen=True)
class _Column:
    """A column of results.

    Attributes:
        keys: The fields of a run that it shows.
        write: From their values to a cell.
        mean: How they are averaged over seeds, if they are.
    """

    title: str
    keys: tuple[str, ...]
    write: Callable[..., str]
    mean: Callable[[Sequence[float]], float] | None = None
    is_number: bool = True


def comparison_table(report: _Run) -> str:
    """The finished runs of a comparison, the mean of each side where it has several seeds, and the verdict."""
    columns = _LANGUAGE_COLUMNS if report["task"] == "language_modeling" else _CLASS_COLUMNS
    rows = [[column.title for column in columns]]
    for side in SIDES:
        runs = [variant for variant in report["variants"] if variant["side"] == side]
        rows += [[column.write(*(run[key] for key in column.keys)) for column in columns] for run in runs]
        if len(runs) > 1:
            rows.append([_write_mean(column, runs) for column in columns])
    numbers = [index for index, column in enumerate(columns) if column.is_number]
    name = report["comparison_id"]
    parts = [_title(report), format_table(rows, right_aligned=numbers).rstrip()]
    parts += [_fill(line) for line in _describe_lineages(report)]
    parts += [_fill(line) for line in _describe_reuse(report)]
    parts += [_fill(f"Note: {note}") for note in report["notes"]]
    parts += [_fill(report["verdict"]["statement"])]
    parts += [_fill(line) for line in _describe_moves(report)]
    parts += [_fill(line) for line in _describe_forgetting(report)]
    parts += [f"Comparison {name}. Try it on something new: python -m tlvsft predict {name} FILE"]
    return "\n\n".join(parts) + "\n"


def _fill(text: str) -> str:
    """A paragraph in lines; ids and names are not broken at their hyphens."""
    return textwrap.fill(text, _WIDTH, break_on_hyphens=False)


def _title(report: _Run) -> str:
    config = report["config"]
    things = "texts" if report["task"] == "language_modeling" else "labels"
    labels = f"all {things}" if config["labels"] is None else f"{config['labels']:,} {things}"
    return f"{config['dataset']['name']}, {labels}, on {config['backbone']}"


def _describe_lineages(report: _Run) -> list[str]:
    """For each side that goes on from an earlier run, a line about the way to it; of the first seed."""
    first = {variant["side"]: variant for variant in reversed(report["variants"])}
    backbone = shown_name(report["config"]["backbone"])
    return [
        f"{side.capitalize()}: {' → '.join([backbone, *map(_describe_ancestor, run['lineage'])])} → this comparison "
        f"({run['total_elapsed_s']:.1f} s in all)"
        for side, run in sorted(first.items())
        if run["lineage"]
    ]


def _describe_reuse(report: _Run) -> list[str]:
    """For each run that found its frozen blocks computed, how long that had taken: the costs in the verdict have it."""
    return [
        f"{run['side'].capitalize()}, seed {run['seed']}: an earlier run had computed the same frozen blocks in "
        f"{run['reused_s']:.1f} s, which count as its cost."
        for run in report["variants"]
        if run["reused_s"]
    ]


def _describe_moves(report: _Run) -> list[str]:
    """Which block of each side moved most, of the first seed; nothing where that wasn't measured."""
    first = {variant["side"]: variant for variant in reversed(report["variants"])}
    moves = {side: [BlockMovement(**move) for move in run["block_moves"]] for side, run in first.items()}
    methods = {side: get_method(run["method"]).title for side, run in first.items()}
    same = len(set(methods.values())) < len(methods)
    names = {side: f"{title} ({side})" if same else title for side, title in methods.items()}
    sentence = describe_moves(names, {side: moves.get(side, []) for side in SIDES})
    return [f"What moved: {sentence}"] if sentence else []


def _describe_forgetting(report: _Run) -> list[str]:
    """What both still know of the source task; nothing where that wasn't measured."""
    forgotten = report["evidence"].get("forgotten")
    return [f"What was forgotten: {forgotten['sentence']}"] if forgotten else []


def _describe_ancestor(ancestor: _Run) -> str:
    if ancestor["perplexity"] is not None:
        result = f"perplexity {_write_change(ancestor['perplexity_before'], ancestor['perplexity'])}"
    else:
        result = f"accuracy {_write_share(ancestor['test_accuracy'])}"
    method = get_method(ancestor["method"]).title
    run = f"{ancestor['comparison_id']}-{ancestor['side']}-{ancestor['seed']}"
    return f"{shown_name(ancestor['dataset'])} ({method}, {result}, {ancestor['elapsed_s']:.1f} s, {run})"


def _write_mean(column: _Column, runs: Sequence[_Run]) -> str:
    if column.title == "seed":
        return "mean"
    if column.mean is None:
        return ""
    values = [[run[key] for run in runs] for key in column.keys]
    return column.write(*(None if None in of_runs else column.mean(of_runs) for of_runs in values))


def _write_share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _write_fraction(fraction: float | None) -> str:
    return "–" if fraction is None else f"{fraction:.3f}"


def _write_change(before: float | None, after: float | None) -> str:
    return " → ".join("–" if perplexity is None else f"{perplexity:,.1f}" for perplexity in (before, after))


def _write_intact(intact: bool | None) -> str:  # noqa: FBT001  a cell's value
    return {None: "nothing frozen", True: "yes", False: "NO"}[intact]


_WHO = (
    _Column("side", ("side",), str, is_number=False),
    _Column("method", ("method",), lambda name: get_method(name).title, is_number=False),
    _Column("seed", ("seed",), str),
)
_COST = (
    _Column("trained", ("trainable_parameters",), "{:,}".format),
    _Column("of", ("total_parameters",), "{:,}".format),
    _Column("frozen intact", ("frozen_intact",), _write_intact, is_number=False),
    _Column("steps", ("steps",), "{:,}".format),
    _Column("time", ("elapsed_s",), "{:.1f} s".format, mean=fmean),
    _Column("FLOPs", ("train_flops",), operations, mean=fmean),
)
_CLASS_COLUMNS = (
    *_WHO,
    _Column("test accuracy", ("test_accuracy",), _write_share, mean=fmean),
    _Column("macro-F1", ("test_macro_f1",), _write_fraction, mean=fmean),
    *_COST,
)
_LANGUAGE_COLUMNS = (
    *_WHO,
    _Column("head", ("head",), lambda head: head or "–", is_number=False),
    _Column("perplexity", ("perplexity_before", "perplexity"), _write_change, mean=geometric_mean),
    _Column(
        "general English", ("source_perplexity_before", "source_perplexity_after"), _write_change, mean=geometric_mean
    ),
    *_COST,
)
