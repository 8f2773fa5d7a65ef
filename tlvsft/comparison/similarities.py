"""How much the blocks still resemble the pretrained ones, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tlvsft.comparison.naming import block_title, capitalise
from tlvsft.config import SIDES, Side

Likeness = Mapping[str, float | None]
"""For each block of a backbone its CKA, from input to output."""


def describe_similarities(
    names: Mapping[Side, str], likeness: Mapping[Side, Likeness], *, controls: Collection[Side]
) -> str:
    """Where each side differs most from the pretrained backbone; who differs more comes first.

    Args:
        names: What the sides are called inside a sentence.
        likeness: What is known of each side; nothing is said of a side without any.
        controls: Sides that started from random weights: of them it is told where they come nearest.
    """
    known = {side: _defined(likeness[side]) for side in SIDES}
    ordered = sorted((side for side in SIDES if known[side]), key=lambda side: min(known[side].values()))
    parts = [
        _describe_control(names[side], known[side]) if side in controls else _describe_side(names[side], known[side])
        for side in ordered
    ]
    return f"{capitalise('; '.join(parts))}." if parts else ""


def cka_words(value: float) -> str:
    """A CKA with as many decimals as tell it from 1, e.g. `0.65`, `0.972`, `0.9996`; `1` for exactly that."""
    if value == 1:
        return "1"
    if value > 0.9999:
        return "more than 0.9999"
    digits = 2 if value < 0.95 else 3 if value < 0.995 else 4
    return f"{value:.{digits}f}".replace("-", "−")


def _defined(likeness: Likeness) -> dict[str, float]:
    return {name: value for name, value in likeness.items() if value is not None}


def _describe_side(name: str, known: Mapping[str, float]) -> str:
    changed = {block: value for block, value in known.items() if value < 1}
    if not changed:
        return f"{name} represents examples exactly as the pretrained backbone does"
    least = min(changed, key=lambda block: changed[block])
    where = f"{block_title(least)} (CKA {cka_words(changed[least])})"
    if len(changed) == 1:
        return f"{name} differs from the pretrained backbone only in {where}"
    return f"{name} differs most from the pretrained backbone in {where}"


def _describe_control(name: str, known: Mapping[str, float]) -> str:
    """What started from random weights has kept nothing: it may have come near."""
    most = max(known, key=lambda block: known[block])
    return f"{name} comes nearest to the pretrained backbone in {block_title(most)} (CKA {cka_words(known[most])})"
