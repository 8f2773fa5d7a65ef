"""What moved, in words: which block of each side has come how far from where it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tlvsft.comparison.naming import block_title, capitalise
from tlvsft.config import HEAD_BLOCK, SIDES, Side
from tlvsft.events import BlockMovement

Moves = Sequence[BlockMovement]


def describe_moves(names: Mapping[Side, str], moves: Mapping[Side, Moves]) -> str:
    """Which block moved most on each side, and by how much; the side that moved its backbone more comes first.

    Args:
        names: What the sides are called inside a sentence.
        moves: What is known of each side, from input to output; nothing is said of a side without any.
    """
    known = [side for side in SIDES if moves[side]]
    furthest = {side: max((_change(block) for block in moved_blocks(moves[side])), default=0.0) for side in known}
    ordered = sorted(known, key=lambda side: -furthest[side])
    parts = [f"{names[side]} {_describe_side(moves[side])}" for side in ordered]
    return f"{capitalise('; '.join(parts))}." if parts else ""


def moved_blocks(moves: Moves) -> list[BlockMovement]:
    """The blocks of the backbone that aren't exactly where they began."""
    return [block for block in moves if block.name != HEAD_BLOCK and _change(block) > 0]


def head_moved(moves: Moves) -> bool:
    """Whether the head was trained."""
    return any(block.name == HEAD_BLOCK and _change(block) > 0 for block in moves)


def share_words(share: float) -> str:
    """A share with as many decimals as say something, e.g. `4.1 %`, `0.032 %`, `180 %`; `0 %` for exactly nothing."""
    per_cent = 100 * share
    if per_cent == 0:
        return "0 %"
    if per_cent < 0.001:
        return "less than 0.001 %"
    return f"{per_cent:,.0f} %" if per_cent >= 10 else f"{per_cent:.1f} %" if per_cent >= 1 else f"{per_cent:.2g} %"


def norm_words(norm: float) -> str:
    """A gradient norm with two figures, e.g. `0.034`, `12`."""
    return f"{norm:,.0f}" if norm >= 10 else f"{norm:.2g}"


def _describe_side(moves: Moves) -> str:
    moved = moved_blocks(moves)
    if not moved:
        if any(block.statistics_change for block in moves):
            return (
                f"moved {'the weights of its head alone' if head_moved(moves) else 'no weight'}, yet BatchNorm drifted"
            )
        return "moved only its head" if head_moved(moves) else "moved nothing"
    most = max(moved, key=_change)
    far = f"by {share_words(_change(most))}"
    if len(moved) > 1:
        return f"moved {block_title(most.name)} most, {far}"
    also = " and its head" if head_moved(moves) else ""
    return f"moved only {block_title(most.name)} ({far}){also}"


def _change(block: BlockMovement) -> float:
    return block.weight_change or 0.0
