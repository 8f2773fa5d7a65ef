"""What a comparison that was stopped has left: weights that can be asked, with how far they had come."""

from __future__ import annotations

from collections.abc import Mapping

from tlvsft.config import SIDES, Side
from tlvsft.runs.artifacts import WEIGHTS_FILE
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.texts import predicts_words, side_names


def can_answer(store: Store, comparison: ComparisonRecord) -> bool:
    """Whether the runs of both sides that are asked (the first seed's) are over and have left weights."""
    runs = [comparison.run(side) for side in SIDES]
    return all(run.is_over and (store.run_folder(run.id) / WEIGHTS_FILE).exists() for run in runs)


def why_no_verdict(store: Store, comparison: ComparisonRecord) -> str:
    """Why a comparison that is over has no verdict, and what is left of it."""
    states = [run.state for run in comparison.runs]
    ending = next(state for state in ("failed", "interrupted", "stopped") if state in states)
    reason = f"No verdict: training {'was ' if ending != 'failed' else ''}{ending} before both had been tested."
    if not can_answer(store, comparison):
        return f"{reason} The curves stay; there are no weights of both that could be asked."
    where = "“Next words”" if predicts_words(comparison.config) else "“Try it”"
    return f"{reason} What was learnt is kept: both answer under {where}."


def describe_kept(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> str:
    """How far those that answer had come, e.g. `Full fine-tuning was stopped after step 12`; empty at the end."""
    runs = {side: comparison.run(side) for side in SIDES}
    if all(run.state == "finished" for run in runs.values()):
        return ""
    names = side_names(comparison.config)
    come = ", ".join(f"{names[side]} {_describe_step(comparison, progress, side)}" for side in SIDES)
    seed = f" (seed {comparison.config.seed})" if comparison.config.seeds > 1 else ""
    return f"Not trained to the end: {come}{seed}."


def _describe_step(comparison: ComparisonRecord, progress: Mapping[str, RunProgress], side: Side) -> str:
    run = comparison.run(side)
    if run.state == "finished":
        return "finished"
    step = progress[run.id].step
    return f"was {run.state} after step {0 if step is None else step.step:,}"
