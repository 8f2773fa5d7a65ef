"""What differs between the two sides: each claim that people make, and what this comparison shows of it.

Pure functions, from what two runs have told to sentences. Where a claim isn't borne out, the evidence says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tlvsft.catalog.ladder import trainable_parameters
from tlvsft.catalog.methods import Method
from tlvsft.comparison.claims import TOPICS, Topic, claim_of
from tlvsft.comparison.effects import find_complexity, find_data, find_objective
from tlvsft.comparison.findings import Finding, Shown, SideEvidence
from tlvsft.comparison.movements import head_moved, moved_blocks, norm_words, share_words
from tlvsft.comparison.naming import block_title
from tlvsft.config import HEAD_BLOCK, SIDES, Side
from tlvsft.events import BlockMovement, BlockState, BlockStatus


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One row of the table.

    Attributes:
        claims: What people say about each side's method.
        evidence: What this comparison shows; empty before there is anything.
        awaits: What will stand there.
    """

    title: str
    claims: Mapping[Side, str]
    evidence: tuple[Finding, ...]
    awaits: str


def describe_differences(methods: Mapping[Side, Method], shown: Shown | None) -> list[Difference]:
    """The six rows.

    Args:
        methods: Of both sides.
        shown: The comparison; `None` before there is one.
    """
    return [
        Difference(
            title=title,
            claims={side: claim_of(methods[side], topic) for side in SIDES},
            evidence=() if shown is None else tuple(_FIND[topic](shown)),
            awaits=_AWAITS[topic],
        )
        for topic, title in TOPICS.items()
    ]


def _find_definition(shown: Shown) -> list[Finding]:
    found = [finding for side in shown.both if (finding := _describe_changes(side)) is not None]
    if found and shown.config.seeds > 1:
        found.append(Finding(text="Changes and gradients are those of the first seed; tests and costs are means."))
    return found


def _describe_changes(side: SideEvidence) -> Finding | None:
    backbone = [block for block in side.moves if block.name != HEAD_BLOCK]
    if not backbone:
        return None
    intact = {finish.frozen_intact for finish in side.finishes}
    if False in intact:
        text = f"{side.title}: a block that should be frozen has changed, so the claim doesn't hold here."
        return Finding(text=text, claim="failed")
    moved = moved_blocks(side.moves)
    count = f"{len(moved) or 'none'} of {len(backbone)} backbone blocks changed"
    proof = "; what is frozen is bit for bit what was loaded (checked)" if intact == {True} else ""
    stays = side.method.freezes == "all" and not side.method.adapters
    if moved:
        drifted = "; BatchNorm statistics, too" if any(block.statistics_change for block in backbone) else ""
        merged = ", adapters merged" if side.method.adapters else ""
        text = f"{side.title}: {count}{merged}, {_describe_range(moved)}{drifted}{proof}."
        return Finding(text=text, claim="failed" if stays else "held")
    head = "; its head did" if head_moved(side.moves) else ""
    return Finding(text=f"{side.title}: {count}{head}{proof}.", claim="held" if stays else None)


def _describe_range(moved: Sequence[BlockMovement]) -> str:
    """By how much the blocks changed that did."""
    ordered = sorted(moved, key=lambda block: block.weight_change or 0.0)
    words = [f"{share_words(block.weight_change or 0.0)} ({block_title(block.name)})" for block in ordered]
    return f"by {words[0]}" if len(words) == 1 else f"from {words[0]} to {words[-1]}"


def _find_architecture(shown: Shown) -> list[Finding]:
    return [Finding(text=f"{side.title}: {_describe_ladder(side.blocks)}.") for side in shown.both if side.blocks]


def _describe_ladder(blocks: Sequence[BlockStatus]) -> str:
    """How many blocks of the backbone are in which state, with their parameters; then the head."""
    parts = []
    for state, words in _STATES.items():
        members = [block for block in blocks if block.name != HEAD_BLOCK and block.state == state]
        if members:
            noun = "block" if len(members) == 1 else "blocks"
            parts.append(f"{len(members)} {noun} {words} ({sum(block.parameters for block in members):,} parameters)")
    adapters = sum(block.adapter_parameters for block in blocks)
    parts += [f"adapters of {adapters:,} parameters"] if adapters else []
    parts += [_describe_head(block) for block in blocks if block.name == HEAD_BLOCK]
    return ", ".join(parts)


def _describe_head(head: BlockStatus) -> str:
    if head.head == "tied":
        return "head tied to the embedding"
    if not head.parameters:
        return "class means for a head"
    return f"head {_STATES[head.state] if head.head else 'new'} ({head.parameters:,})"


def _find_process(shown: Shown) -> list[Finding]:
    found = []
    for side in shown.both:
        if side.blocks:
            trained = trainable_parameters(side.blocks)
            total = sum(block.parameters + block.adapter_parameters for block in side.blocks)
            counts = f"trains {trained:,} of {total:,} parameters ({share_words(trained / max(total, 1))})"
            found.append(Finding(text=f"{side.title}: {counts}. {_pulls(side)}".rstrip()))
    return found


def _pulls(side: SideEvidence) -> str:
    """Where gradients came to, and how strong they were."""
    pulled = [block for block in side.moves if block.gradient_norm > 0]
    if not side.moves or not side.method.takes_steps:
        return "" if side.method.takes_steps else "There are no gradients."
    if not pulled:
        return "No gradient has come to any block yet."
    if len(pulled) == 1:
        only = pulled[0]
        where = "the head" if only.name == HEAD_BLOCK else block_title(only.name)
        return f"Gradients came to {where} alone (norm {norm_words(only.gradient_norm)})."
    norms = ", ".join(f"{norm_words(block.gradient_norm)} ({block_title(block.name)})" for block in pulled)
    return f"Gradient norms at step {side.steps:,}: {norms}."


_STATES: dict[BlockState, str] = {
    "frozen": "frozen",
    "adapts": "frozen beside adapters",
    "trains": "trained",
    "new": "new",
}
_FIND: dict[Topic, Callable[[Shown], list[Finding]]] = {
    "definition": _find_definition,
    "objective": find_objective,
    "architecture": _find_architecture,
    "process": _find_process,
    "data": find_data,
    "complexity": find_complexity,
}
_AWAITS: dict[Topic, str] = {
    "definition": "Which blocks changed at all, and by how much.",
    "objective": "What both reach on the task, and what was forgotten of the source.",
    "architecture": "How many blocks are frozen, trained and new, with their parameters.",
    "process": "Trained parameters, and the gradient norms of each block.",
    "data": "What both reach with this many labels, and with others that you try.",
    "complexity": "Measured time, peak memory, steps and counted FLOPs.",
}
