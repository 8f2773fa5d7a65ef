"""Finished comparisons in a real store whose runs were observed, without training anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tlvsft.config import ComparisonConfig, Side
from tlvsft.events import Event, RunFinished
from tlvsft.runs.artifacts import save_observed
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

Arrays = Mapping[str, Mapping[str, np.ndarray]]


def finish_observed(
    store: Store,
    config: ComparisonConfig,
    *,
    events: Callable[[Side, int], Sequence[Event]] = lambda _side, _seed: [],
    figures: Callable[[Side, int], Mapping[str, Any]] = lambda _side, _seed: {},
    arrays: Callable[[Side, int], Arrays] = lambda _side, _seed: {},
    owner: str | None = None,
) -> str:
    """Adds a comparison, ends its runs as a worker would, with what each side and seed gives, and returns its id."""
    comparison_id = store.add_comparison(config, owner=owner)
    usual = {
        "steps": 2,
        "frozen_intact": None,
        "elapsed_s": 1.0,
        "train_s": 0.5,
        "examples_per_s": 40.0,
        "peak_memory_bytes": 1,
    }
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        store.append_events(run.id, list(events(run.side, run.seed)))
        for name, kept in arrays(run.side, run.seed).items():
            save_observed(store.run_folder(run.id), name, kept)
        finish = RunFinished(**(usual | dict(figures(run.side, run.seed))))
        store.end_run(run.id, "finished", event=finish)
    return comparison_id
