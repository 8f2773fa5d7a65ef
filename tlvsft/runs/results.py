"""How all runs on a dataset came out, those of sweeps included: of each its last word, read in two looks."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import cast

from tlvsft.config import ComparisonConfig, DatasetConfig, RunConfig, Side, Task
from tlvsft.events import Ancestor, Descended, Event, RunFinished, event_from_dict
from tlvsft.runs.cells import read_result
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import rows_seen_with
from tlvsft.runs.store import Store

_RUNS = """
FROM comparisons JOIN runs ON runs.comparison_id = comparisons.id
WHERE runs.state = 'finished' AND json_extract(comparisons.config, '$.dataset.name') = ?
AND coalesce(json_extract(comparisons.config, '$.task'), 'classification') = ?
"""
_OF_RUNS = """
SELECT comparisons.id AS comparison_id, comparisons.config, runs.id, runs.side, runs.seed,
(SELECT body FROM events WHERE run_id = runs.id ORDER BY seq DESC LIMIT 1) AS last,
CASE WHEN json_extract(comparisons.config, '$.' || runs.side || '.start') IS NULL THEN NULL
ELSE (SELECT body FROM events WHERE run_id = runs.id ORDER BY seq LIMIT 1) END AS first
"""
_CELLS = """
FROM cells WHERE state = 'finished' AND json_extract(config, '$.dataset.name') = ?
AND coalesce(json_extract(config, '$.task'), 'classification') = ? AND key IN
(SELECT sweep_cells.key FROM sweep_cells JOIN sweeps ON sweeps.id = sweep_cells.sweep_id WHERE
"""
_UNKNOWN = {"steps": 0, "frozen_intact": None, "examples_per_s": None, "peak_memory_bytes": 0}
"""What the result of a sweep's run need not have."""


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A run and how it came out.

    Attributes:
        run_id: Of a sweep's run its key, which no comparison's run has.
        comparison_id: `None` for a sweep's.
        side: `None` likewise.
        examples: How many test examples there were; `None` where there are no classes.
        lineage: The runs that it started from, the oldest first.
    """

    run_id: str
    comparison_id: str | None
    side: Side | None
    config: RunConfig
    finish: RunFinished
    examples: int | None
    lineage: tuple[Ancestor, ...] = ()


def as_finished(
    config: RunConfig,
    finish: RunFinished,
    *,
    run_id: str,
    comparison_id: str,
    side: Side,
    lineage: tuple[Ancestor, ...],
) -> FinishedRun:
    """A run of a comparison as it is given here."""
    matrix = finish.confusion_matrix
    return FinishedRun(
        run_id=run_id,
        comparison_id=comparison_id,
        side=side,
        config=config,
        finish=finish,
        examples=None if matrix is None else sum(map(sum, matrix)),
        lineage=lineage,
    )


def finished_runs(
    store: Store, dataset: DatasetConfig, task: Task, *, owner: str | None, limit: int
) -> list[FinishedRun]:
    """The runs on a dataset that everybody sees who sees the comparisons of an owner.

    Args:
        store: Where they are.
        dataset: What they learnt from, its columns included.
        task: What they learnt.
        owner: A browser's token, or `None` for the command line.
        limit: At most so many of comparisons, the newest ones', and at most so many of sweeps.
    """
    visible, parameters = rows_seen_with(owner, shared_host=on_shared_host())
    wanted = (dataset.name, task, *parameters, limit)
    of_runs = f"{_OF_RUNS}{_RUNS} AND {visible} ORDER BY comparisons.number DESC, runs.number LIMIT ?"
    of_cells = f"SELECT key, config, result, examples {_CELLS} {visible}) ORDER BY changed_at DESC LIMIT ?"
    with store.database.reading() as connection:
        rows = connection.execute(of_runs, wanted).fetchall()
        cells = connection.execute(of_cells, wanted).fetchall()
    configs: dict[str, ComparisonConfig] = {}
    for row in rows:
        if row["comparison_id"] not in configs:
            configs[row["comparison_id"]] = ComparisonConfig.from_dict(json.loads(row["config"]))
    read = [*[_read_run(row, configs[row["comparison_id"]]) for row in rows], *map(_read_cell, cells)]
    return [run for run in read if run is not None and run.config.dataset == dataset]


def results_version(store: Store, dataset: DatasetConfig, task: Task, *, owner: str | None) -> tuple[float, ...]:
    """Something that is another one when any of these runs has been added or deleted; quicker than reading them."""
    visible, parameters = rows_seen_with(owner, shared_host=on_shared_host())
    of_runs = f"SELECT count(*), total(runs.number), max(runs.number) {_RUNS} AND {visible}"
    of_cells = f"SELECT count(*), total(changed_at), max(changed_at) {_CELLS} {visible})"
    with store.database.reading() as connection:
        rows = [
            connection.execute(statement, (dataset.name, task, *parameters)).fetchone()
            for statement in (of_runs, of_cells)
        ]
    return tuple(float(number or 0) for row in rows for number in row)


def _read_run(row: sqlite3.Row, config: ComparisonConfig) -> FinishedRun | None:
    finish, first = _event(row["last"]), _event(row["first"])
    if not isinstance(finish, RunFinished):
        return None
    side = cast("Side", row["side"])
    return as_finished(
        config.run_config(side, row["seed"]),
        finish,
        run_id=row["id"],
        comparison_id=row["comparison_id"],
        side=side,
        lineage=first.lineage if isinstance(first, Descended) else (),
    )


def _read_cell(row: sqlite3.Row) -> FinishedRun | None:
    if not row["result"]:
        return None
    finish = event_from_dict({**_UNKNOWN, **read_result(row["result"]), "type": RunFinished.__name__})
    return FinishedRun(
        run_id=row["key"],
        comparison_id=None,
        side=None,
        config=RunConfig.from_dict(json.loads(row["config"])),
        finish=cast("RunFinished", finish),
        examples=row["examples"] or None,
    )


def _event(body: str | None) -> Event | None:
    return event_from_dict(json.loads(body)) if body else None
