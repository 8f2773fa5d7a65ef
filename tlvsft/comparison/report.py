"""A comparison as JSON, schema 1: what `compare --json` writes. `docs/command-line.md` explains it field by field."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tlvsft.comparison.verdict import Verdict, decide_verdict
from tlvsft.events import Evaluated, Event, Noted, RunFinished, RunStarted, StepTaken

if TYPE_CHECKING:
    from tlvsft.runs.records import RunRecord
    from tlvsft.runs.store import Store

REPORT_SCHEMA = 1

_FROM_START = ("trainable_parameters", "total_parameters")
_FROM_FINISH = (
    "frozen_intact",
    "test_accuracy",
    "test_macro_f1",
    "elapsed_s",
    "train_s",
    "steps",
    "examples_per_s",
    "peak_memory_bytes",
)
_HISTORY = ("step", "epoch", "elapsed_s", "train_loss")
_EVALUATION = ("step", "val_loss", "val_accuracy")


def comparison_report(store: Store, comparison_id: str) -> dict[str, Any]:
    """The report of a comparison: its finished runs, one entry per seed and side, and the verdict.

    The verdict is `None` as long as a run isn't finished, or when one failed or was stopped.

    Raises:
        InvalidInput: There is no such comparison.
    """
    comparison = store.comparison(comparison_id)
    finished = [run for run in comparison.runs if run.state == "finished"]
    ordered = sorted(finished, key=lambda run: (run.seed, run.side))
    notes: dict[str, None] = {}
    variants = [_describe_run(store, run, notes) for run in ordered]
    return {
        "schema": REPORT_SCHEMA,
        "comparison_id": comparison.id,
        "config": comparison.config.to_dict(),
        "variants": variants,
        "verdict": _describe_verdict(decide_verdict(store, comparison_id)),
        "notes": list(notes),
    }


def _describe_run(store: Store, run: RunRecord, notes: dict[str, None]) -> dict[str, Any]:
    """One entry of `variants`; adds the run's notes to `notes`, each once."""
    events = [event for _, event in store.events(run.id)]
    started = next(event for event in events if isinstance(event, RunStarted))
    finished = next(event for event in events if isinstance(event, RunFinished))
    notes.update(dict.fromkeys(event.message for event in events if isinstance(event, Noted)))
    return {
        "side": run.side,
        "method": run.config.variant.method,
        "seed": run.seed,
        **_pick(started, _FROM_START),
        **_pick(finished, _FROM_FINISH),
        "history": [_pick(event, _HISTORY) for event in events if isinstance(event, StepTaken)],
        "evaluations": [_pick(event, _EVALUATION) for event in events if isinstance(event, Evaluated)],
    }


def _describe_verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    return None if verdict is None else asdict(verdict) | {"ci95": list(verdict.ci95)}


def _pick(event: Event, names: tuple[str, ...]) -> dict[str, Any]:
    """Some fields of an event; a number that JSON doesn't know (infinite, not a number) becomes `None`."""
    values = {name: getattr(event, name) for name in names}
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }
