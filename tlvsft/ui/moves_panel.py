"""The section "What moves": what its script draws (`assets/js/moves.js`), and the sentence beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tlvsft.catalog.backbones import BACKBONES, bundled_summary
from tlvsft.catalog.ladder import block_states
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.own import find_dataset
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS
from tlvsft.comparison import describe_moves
from tlvsft.comparison.similarities import describe_similarities
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import BlockStatus
from tlvsft.report.words import STATE_SIGNS, STATE_WORDS
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.live_panels import SideProgress, current_runs
from tlvsft.ui.texts import block_title, inside_sentence, side_names

EMPTY_SENTENCE = "Train both, and this shows block by block how far each variant moves from where it began."
_TO_COME = "What moves is known after the first step."
_LIKENESS_TO_COME = "How much the representations resemble the pretrained ones is known after the first validation."
_LIKENESS_UNKNOWN = "This comparison is from before representations were compared: train it again to see it."
_UNKNOWN = "This comparison is from before what moves was measured: train it again to see it."


def moves_value(comparison: ComparisonRecord | None, progress: Mapping[str, RunProgress]) -> dict[str, Any]:
    """What the script is told: a panel for each block, and what each side does with it; the points come by polling."""
    if comparison is None:
        empty = PRESETS[DEFAULT_PRESET].comparison_config()
        names = [block.name for block in _planned_blocks(empty, "left")]
        blocks = [{"name": name, "title": block_title(name)} for name in names]
        nothing = {"sentence": EMPTY_SENTENCE, "likeness": EMPTY_SENTENCE}
        return {"comparison": "", "names": {}, "blocks": blocks, **nothing}
    sides = current_runs(comparison, progress)
    ladders = {side: sides[side].progress.blocks or _planned_blocks(comparison.config, side) for side in SIDES}
    return {
        "comparison": comparison.id,
        "names": side_names(comparison.config),
        "blocks": _describe_blocks(ladders),
        "sentence": moves_sentence(comparison, sides),
        "likeness": likeness_sentence(comparison, sides),
    }


def moves_sentence(comparison: ComparisonRecord, sides: Mapping[Side, SideProgress]) -> str:
    """Which block of each side has moved most so far, and by how much."""
    names = {side: inside_sentence(name) for side, name in side_names(comparison.config).items()}
    moved = {side: sides[side].progress.moved for side in SIDES}
    sentence = describe_moves(names, {side: event.movements if event else () for side, event in moved.items()})
    return sentence or (_UNKNOWN if _was_tested(comparison, sides) else _TO_COME)


def likeness_sentence(comparison: ComparisonRecord, sides: Mapping[Side, SideProgress]) -> str:
    """Where each side differs most from the pretrained backbone so far."""
    config = comparison.config
    names = {side: inside_sentence(name) for side, name in side_names(config).items()}
    compared = {side: sides[side].progress.compared for side in SIDES}
    likeness = {
        side: {block.name: block.cka for block in event.similarities} if event else {}
        for side, event in compared.items()
    }
    controls = [side for side in SIDES if not get_method(config.variant(side).method).pretrained]
    sentence = describe_similarities(names, likeness, controls=controls)
    return sentence or (_LIKENESS_UNKNOWN if _was_tested(comparison, sides) else _LIKENESS_TO_COME)


def _was_tested(comparison: ComparisonRecord, sides: Mapping[Side, SideProgress]) -> bool:
    return comparison.is_over and any(sides[side].progress.finish for side in SIDES)


def _describe_blocks(ladders: Mapping[Side, Sequence[BlockStatus]]) -> list[dict[str, Any]]:
    """One entry for each block, input first."""
    states = {side: {block.name: block.state for block in ladders[side]} for side in SIDES}
    names = dict.fromkeys(name for side in SIDES for name in states[side])
    return [
        {"name": name, "title": block_title(name)}
        | {
            side: {"sign": STATE_SIGNS[states[side][name]], "words": STATE_WORDS[states[side][name]]}
            for side in SIDES
            if name in states[side]
        }
        for name in names
    ]


def _planned_blocks(config: ComparisonConfig, side: Side) -> tuple[BlockStatus, ...]:
    """The ladder before the run has told of it; empty where the backbone would have to be loaded for that."""
    if config.backbone not in BACKBONES:
        return ()
    data = find_dataset(config.dataset.name)
    return block_states(
        bundled_summary(config.backbone),
        config.variant(side),
        num_classes=len(data.classes) if data else 0,
        task=config.task,
    )
