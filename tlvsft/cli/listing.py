"""`list`: what can be chosen, and the comparisons and sweeps so far."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.cli.output import check_json_target, format_table, write_results
from tlvsft.cli.parser import LISTS
from tlvsft.cli.status import ExitStatus
from tlvsft.comparison import summarize_backbone
from tlvsft.errors import InvalidInput, UnknownName

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord
    from tlvsft.sweeps import SweepProgress

LIST_SCHEMA = 1
_LISTED_COMPARISONS = 1_000
_Row = dict[str, Any]


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Raises:
        UnknownName: There is no such list.
        InvalidInput: What is listed can't be searched.
    """
    check_json_target(options.json)
    if options.what not in LISTS:
        raise UnknownName("list", options.what, LISTS)
    if options.search is not None and options.what != "comparisons":
        raise InvalidInput("--search looks through comparisons: write 'list comparisons --search WORDS'.")
    lists: dict[str, Callable[[], list[_Row]]] = {
        "backbones": _backbones,
        "datasets": _datasets,
        "methods": _methods,
        "presets": _presets,
        "comparisons": partial(_comparisons, options.search or ""),
        "sweeps": _sweeps,
    }
    rows = lists[options.what]()
    table = _table(rows) if rows else _describe_nothing(options.what, options.search)
    write_results({"schema": LIST_SCHEMA, options.what: rows}, table, json_target=options.json)
    return ExitStatus.OK


def _backbones() -> list[_Row]:
    rows = []
    for backbone in BACKBONES.values():
        summary = summarize_backbone(backbone.name)
        rows.append(
            {
                "name": backbone.name,
                "modality": backbone.modality,
                "parameters": summary.parameters,
                "blocks": list(summary.block_names),
                "description": backbone.description,
            }
        )
    return rows


def _datasets() -> list[_Row]:
    return [
        {
            "name": dataset.name,
            "modality": dataset.modality,
            "classes": len(dataset.classes),
            **dict(zip(("train", "validation", "test"), dataset.sizes, strict=True)),
            "licence": dataset.licence,
            "description": f"{dataset.title}. {dataset.origin}",
        }
        for dataset in DATASETS.values()
    ]


def _methods() -> list[_Row]:
    return [
        {
            "name": method.name,
            "popular_name": method.popular_name,
            "freezes": method.freezes,
            "thaws": method.thaws,
            "adapters": method.adapters,
            "pretrained": method.pretrained,
            "description": method.summary,
        }
        for method in METHODS.values()
    ]


def _presets() -> list[_Row]:
    return [
        {
            "name": preset.name,
            "task": preset.task,
            "after": preset.after,
            "backbone": preset.backbone,
            "dataset": preset.dataset,
            "labels": preset.labels,
            "left": preset.left,
            "right": preset.right,
            "group": preset.group,
            "description": preset.question,
        }
        for preset in PRESETS.values()
    ]


def _comparisons(words: str) -> list[_Row]:
    """All comparisons of this machine's store, those started on a page included: who reads the store owns it."""
    from tlvsft.runs.searching import find_comparisons
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        found = find_comparisons(store, words, viewer=None, everybody=True, limit=_LISTED_COMPARISONS)
    return [_comparison_row(comparison) for comparison in found.records]


def _sweeps() -> list[_Row]:
    """All sweeps of this machine's store, likewise."""
    from tlvsft.runs.store import Store
    from tlvsft.sweeps import list_sweeps

    with closing(Store()) as store:
        found = list_sweeps(store, viewer=None, everybody=True, limit=_LISTED_COMPARISONS)
    return [_sweep_row(sweep) for sweep in found]


def _sweep_row(sweep: SweepProgress) -> _Row:
    config = sweep.config
    return {
        "id": sweep.sweep_id,
        "created_at": datetime.fromtimestamp(sweep.created_at, tz=UTC).isoformat(timespec="seconds"),
        "state": sweep.state,
        "kind": config.kind,
        "backbone": config.backbone,
        "dataset": config.dataset.name,
        "axis": list(config.axis),
        "methods": ", ".join(config.methods),
        "seeds": list(config.all_seeds()),
        "runs": sweep.total,
        "finished": sweep.finished,
        "failed": sweep.failed,
    }


def _describe_nothing(what: str, words: str | None) -> str:
    """What stands in the place of an empty list; only those of comparisons and of sweeps can be."""
    if what == "sweeps":
        return "No sweeps yet: start one with 'python -m tlvsft sweep labels'.\n"
    if words:
        return f"No comparison has all of these words: {words[:60]}\n"
    return "No comparisons yet: start one with 'python -m tlvsft compare'.\n"


def _comparison_row(comparison: ComparisonRecord) -> _Row:
    config = comparison.config
    return {
        "id": comparison.id,
        "created_at": datetime.fromtimestamp(comparison.created_at, tz=UTC).isoformat(timespec="seconds"),
        "state": _summarize_states([run.state for run in comparison.runs]),
        "task": config.task,
        "backbone": config.backbone,
        "dataset": config.dataset.name,
        "left": config.left.method,
        "right": config.right.method,
        "left_start": config.left.start,
        "right_start": config.right.start,
        "labels": config.labels,
        "seeds": list(config.all_seeds()),
    }


def _summarize_states(states: list[str]) -> str:
    """One state if all runs share it, else how many are in each."""
    counts = Counter(states)
    return states[0] if len(counts) == 1 else ", ".join(f"{count} {state}" for state, count in counts.items())


def _table(rows: list[_Row]) -> str:
    header = tuple(rows[0])
    numbers = [index for index, key in enumerate(header) if type(rows[0][key]) is int]
    return format_table(
        [header, *(tuple(_cell(key, value) for key, value in row.items()) for row in rows)], right_aligned=numbers
    )


def _cell(key: str, value: object) -> str:
    match value:
        case None:
            return "all" if key == "labels" else "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list():
            return _range(value)
    return str(value)


def _range(values: list[Any]) -> str:
    return str(values[0]) if len(values) == 1 else f"{values[0]} … {values[-1]}"
