"""What each of the three steps did, in the numbers of the visitor's own runs."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from tlvsft.catalog.presets import PRESETS, Preset
from tlvsft.comparison.figures import percent, perplexity, seconds
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.chain import ChainProgress, Pretraining, read_pretraining
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.forgetting import forgetting_sentence, mean_of, perplexity_of
from tlvsft.ui.texts import data_title, perplexity_change, side_names

StepState = Literal["done", "running", "waiting", "ended"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One of the three steps.

    Attributes:
        sentence: What it did, computed; before that, what it asks.
        names: What the two variants are called; empty where there is only one model.
        unit: What the numbers are, where that goes for several rows.
        rows: Numbers: a label, then one for each variant, or a single one.
        comparison_id: What can be looked at; empty for none.
    """

    title: str
    state: StepState
    sentence: str
    names: tuple[str, ...] = ()
    unit: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    comparison_id: str = ""


def chain_story() -> Preset:
    """The story that runs the whole chain."""
    return next(preset for preset in PRESETS.values() if preset.after is not None)


def planned_steps(story: Preset) -> list[Step]:
    """The steps before anything was run."""
    first = PRESETS[story.after or story.name]
    return [
        pretraining_step(story.backbone),
        Step(title=_adaptation_title(first.comparison_config()), state="waiting", sentence=first.question),
        Step(title=_last_title(story.comparison_config()), state="waiting", sentence=story.question),
    ]


def steps_so_far(found: ChainProgress) -> list[Step]:
    """The steps of a chain that was started."""
    return [pretraining_step(found.chain.adaptation.config.backbone), adaptation_step(found), last_step(found)]


def pretraining_step(backbone: str) -> Step:
    """Step 1, which was done before the app was shipped."""
    title, known = "Pretraining: general English", read_pretraining(backbone)
    if known is None:
        return Step(title=title, state="done", sentence=f"{backbone} was pretrained elsewhere, by its authors.")
    rows = (
        ("Read", f"{known.tokens / 1e6:.1f} million tokens"),
        ("Perplexity, held-out", perplexity(known.perplexity)),
        ("Time", seconds(known.elapsed_s)),
    )
    return Step(title=title, state="done", sentence=_pretraining_sentence(known), rows=rows)


def adaptation_step(found: ChainProgress) -> Step:
    """Step 2: the language model reads the texts of the task."""
    comparison = found.chain.adaptation
    names = side_names(comparison.config)
    done = comparison.is_finished
    cells = {side: _adaptation_cells(found, comparison, side, done=done) for side in SIDES}
    labels = ("Test texts" if done else "Validation texts", "General English", "Time")
    return Step(
        title=_adaptation_title(comparison.config),
        state=_state(comparison),
        sentence=_adaptation_sentence(found),
        names=tuple(names[side] for side in SIDES),
        unit="Perplexity",
        rows=tuple(zip(labels, cells["left"], cells["right"], strict=True)),
        comparison_id=comparison.id,
    )


def last_step(found: ChainProgress) -> Step:
    """Step 3: the same task straight from the pretrained model, and by way of the adapted one."""
    chain, comparison = found.chain, found.chain.last
    cells = {side: _last_cells(found, side) for side in SIDES}
    return Step(
        title=_last_title(comparison.config),
        state=_state(comparison),
        sentence=_last_sentence(found),
        names=tuple("by way of step 2" if side == chain.detour else "straight from step 1" for side in SIDES),
        rows=tuple(zip(("Right", "Time", "With adaptation"), cells["left"], cells["right"], strict=True)),
        comparison_id=comparison.id,
    )


def _pretraining_sentence(known: Pretraining) -> str:
    return (
        f"{known.backbone} learnt to guess the next word: on text that it hadn't seen, it is as unsure as between "
        f"{known.perplexity:.0f} equally likely ones."
    )


def _adaptation_title(config: ComparisonConfig) -> str:
    return f"Adaptation: {data_title(config)}"


def _last_title(config: ComparisonConfig) -> str:
    return f"Task: {data_title(config)}"


def _state(comparison: ComparisonRecord) -> StepState:
    if comparison.is_finished:
        return "done"
    if comparison.is_over:
        return "ended"
    return "running" if any(run.state != "queued" for run in comparison.runs) else "waiting"


def _adaptation_cells(
    found: ChainProgress, comparison: ComparisonRecord, side: Side, *, done: bool
) -> tuple[str, str, str]:
    finishes, sides = found.finishes(comparison, side), found.side_progress(comparison, side)
    time = seconds(fmean(finish.cost_s for finish in finishes)) if finishes else "–"
    general = perplexity_change(
        perplexity_of(finishes, lambda finish: finish.source_perplexity_before),
        perplexity_of(finishes, lambda finish: finish.source_perplexity_after),
    )
    if not done:
        return _live_perplexity(sides[0]), general, time
    before = perplexity_of(finishes, lambda finish: finish.perplexity_before)
    return perplexity_change(before, perplexity_of(finishes, lambda finish: finish.perplexity)), general, time


def _live_perplexity(progress: RunProgress) -> str:
    before = progress.untouched.val_perplexity if progress.untouched else None
    now = progress.evaluation.val_perplexity if progress.evaluation else None
    return perplexity_change(before, now)


def _adaptation_sentence(found: ChainProgress) -> str:
    comparison = found.chain.adaptation
    names = side_names(comparison.config)
    if comparison.is_finished:
        return forgetting_sentence(names, {side: found.finishes(comparison, side) for side in SIDES})
    latest = {side: found.side_progress(comparison, side)[0].evaluation for side in SIDES}
    parts = [f"{names[side]} after {event.step:,} steps" for side in SIDES if (event := latest[side]) is not None]
    if not parts:
        return "The model that knows general English is about to read the texts of the task, without their labels."
    return f"Reading the texts of the task, without their labels: {', '.join(parts)}."


def _last_cells(found: ChainProgress, side: Side) -> tuple[str, str, str]:
    finishes = found.finishes(found.chain.last, side)
    if not finishes:
        event = found.side_progress(found.chain.last, side)[0].evaluation
        now = "–" if event is None or event.val_accuracy is None else f"{percent(event.val_accuracy)} (validation)"
        return now, "–", "–"
    accuracy = mean_of(finishes, lambda finish: finish.test_accuracy)
    own_s = fmean(finish.cost_s for finish in finishes)
    before_s = (found.adaptation_s or 0.0) if side == found.chain.detour else 0.0
    return "–" if accuracy is None else percent(accuracy), seconds(own_s), seconds(own_s + before_s)


def _last_sentence(found: ChainProgress) -> str:
    chain, verdict = found.chain, found.verdict
    if verdict is None:
        return "The same sentences twice: once straight from the pretrained model, once from the adapted one."
    sign = 1 if chain.detour == "right" else -1
    low, high = sorted(100 * sign * end for end in verdict.ci95)
    difference = 100 * sign * verdict.difference
    cost = "" if found.adaptation_s is None else f", for {seconds(found.adaptation_s)} of adaptation"
    unsure = "" if verdict.winner != "tie" else " That is too close to call."
    return f"The detour bought {difference:+.1f} points (95 % interval {low:+.1f} to {high:+.1f}){cost}.{unsure}"
