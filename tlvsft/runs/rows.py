"""Rows of the store's tables, as records."""

from __future__ import annotations

import json
import sqlite3
from typing import cast

from tlvsft.config import ComparisonConfig, Side
from tlvsft.runs.records import ComparisonRecord, RunRecord, RunState


def comparison_record(row: sqlite3.Row, run_rows: list[sqlite3.Row]) -> ComparisonRecord:
    """A row of `comparisons` and its rows of `runs`, in order."""
    config = ComparisonConfig.from_dict(json.loads(row["config"]))
    return ComparisonRecord(
        id=row["id"],
        config=config,
        owner=row["owner"],
        created_at=row["created_at"],
        runs=tuple(run_record(run, config, created_at=row["created_at"]) for run in run_rows),
    )


def run_record(row: sqlite3.Row, config: ComparisonConfig, *, created_at: float) -> RunRecord:
    """A row of `runs`, with what its comparison knows."""
    side = cast("Side", row["side"])
    return RunRecord(
        id=row["id"],
        comparison_id=row["comparison_id"],
        side=side,
        seed=row["seed"],
        config=config.run_config(side, row["seed"]),
        state=cast("RunState", row["state"]),
        message=row["message"],
        invalid_input=bool(row["invalid_input"]),
        pid=row["pid"],
        heartbeat_at=row["heartbeat_at"],
        created_at=created_at,
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )
