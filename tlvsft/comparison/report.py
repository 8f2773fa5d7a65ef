"""A comparison as JSON, schema 1: what `compare --json` writes. `docs/command-line.md` explains it field by field."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tlvsft.comparison.evidence import describe_evidence, read_evidence
from tlvsft.comparison.outcomes import outcome_of, trained_blocks
from tlvsft.comparison.verdict import Verdict, decide_verdict
from tlvsft.events import (
    Ancestor,
    BlockMovement,
    BlocksChanged,
    BlocksMoved,
    Evaluated,
    Event,
    Noted,
    RunStarted,
    StepTaken,
)

if TYPE_CHECKING:
    from tlvsft.runs.records import RunRecord
    from tlvsft.runs.store import Store

REPORT_SCHEMA = 1

_FROM_START = ("trainable_parameters", "total_parameters")
_PERPLEXITIES = ("perplexity_before", "perplexity", "source_perplexity_before", "source_perplexity_after")
_FROM_FINISH = (
    "frozen_intact",
    "test_accuracy",
    "test_macro_f1",
    *_PERPLEXITIES,
    "elapsed_s",
    "train_s",
    "observed_s",
    "steps",
    "examples_per_s",
    "peak_memory_bytes",
    "start_memory_bytes",
    "train_flops",
    "uncached_flops",
    "reused_s",
    "prefix_blocks",
    "prefix_speedup",
    "frozen_norms",
    "drifted_norms",
    "wrong_labels",
    "wrong_labels_learnt",
    "source_texts",
    "source_agreement",
    "source_examples",
    "source_unchanged",
    "heldout_accuracy_before",
    "heldout_accuracy_after",
    "heldout_perplexity_before",
    "heldout_perplexity_after",
    "heldout_examples",
)
_FROM_ANCESTOR = (
    "comparison_id",
    "side",
    "seed",
    "task",
    "method",
    "dataset",
    *_PERPLEXITIES,
    "test_accuracy",
    "steps",
    "elapsed_s",
    "train_s",
    "reused_s",
    "train_flops",
)
_HISTORY = ("step", "epoch", "elapsed_s", "train_loss")
_MOVEMENT = ("name", "weight_change", "gradient_norm", "statistics_change")
_EVALUATION = ("step", "val_loss", "val_accuracy", "val_perplexity")


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
        "task": comparison.config.task,
        "config": comparison.config.to_dict(),
        "variants": variants,
        "verdict": _describe_verdict(decide_verdict(store, comparison_id)),
        "evidence": describe_evidence(read_evidence(store, comparison_id)),
        "notes": list(notes),
    }


def _describe_run(store: Store, run: RunRecord, notes: dict[str, None]) -> dict[str, Any]:
    """One entry of `variants`; adds the run's notes to `notes`, each once."""
    events = [event for _, event in store.events(run.id)]
    started = next(event for event in events if isinstance(event, RunStarted))
    outcome = outcome_of(events)
    notes.update(dict.fromkeys(event.message for event in events if isinstance(event, Noted)))
    return {
        "side": run.side,
        "task": run.config.task,
        "method": run.config.variant.method,
        "head": started.blocks[-1].head if started.blocks else None,
        "seed": run.seed,
        **_pick(started, _FROM_START),
        **_pick(outcome.finish, _FROM_FINISH),
        "total_elapsed_s": outcome.total_elapsed_s,
        "lineage": [_pick(ancestor, _FROM_ANCESTOR) for ancestor in outcome.lineage],
        "block_changes": [_describe_change(event) for event in events if isinstance(event, BlocksChanged)],
        "block_moves": _describe_moves([event for event in events if isinstance(event, BlocksMoved)]),
        "history": [_pick(event, _HISTORY) for event in events if isinstance(event, StepTaken)],
        "evaluations": [_pick(event, _EVALUATION) for event in events if isinstance(event, Evaluated)],
    }


def _describe_change(event: BlocksChanged) -> dict[str, Any]:
    return {"step": event.step, "trained_blocks": trained_blocks(event.blocks)}


def _describe_moves(events: Sequence[BlocksMoved]) -> list[dict[str, Any]]:
    """What became of each block in the end; nothing is known of runs from before this was measured."""
    return [_pick(movement, _MOVEMENT) for movement in events[-1].movements] if events else []


def _describe_verdict(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return asdict(verdict) | {"ci95": list(verdict.ci95), "sources": list(verdict.sources)}


def _pick(source: Event | Ancestor | BlockMovement, names: tuple[str, ...]) -> dict[str, Any]:
    """Some fields of an event or of a part of one; a number that JSON doesn't know (an infinite one) becomes `None`."""
    values = {name: getattr(source, name) for name in names}
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }
