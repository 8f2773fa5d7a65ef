"""Which blocks train when: the phases of a run, decided before its first step. Plain data: loads no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tlvsft.catalog.methods import Method


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of a run in which the same blocks train.

    Attributes:
        start: Updates taken before it begins.
        frozen: The blocks of the backbone that are frozen in it; the head always trains.
        cycle: The updates over which learning rates rise and fall once; the phase lies within.
    """

    start: int
    frozen: frozenset[str]
    cycle: range


def plan_phases(
    method: Method, block_names: Sequence[str], *, frozen: frozenset[str], total_steps: int
) -> tuple[Phase, ...]:
    """The phases of a run, the first of which starts at 0 and the last of which trains all that the method trains.

    `top_down` gives each block a phase of its own, all of equal length, after one for the head alone: with one epoch
    more than there are blocks, a block thaws each epoch. Where there are fewer updates than phases, the last blocks
    thaw together. `after_probe` trains the head alone for half of the updates, then everything, and is two trainings
    one after the other: rates rise and fall in each.

    Args:
        method: Says when blocks thaw.
        block_names: Of the backbone, from input to output.
        frozen: The blocks that stay frozen to the end.
        total_steps: Updates of the run.

    Source: Howard & Ruder 2018, arXiv:1801.06146, section 3.3; Kumar et al. 2022, arXiv:2202.10054.
    """
    everything = range(total_steps)
    if method.thaws == "at_once" or total_steps == 1:
        return (Phase(start=0, frozen=frozen, cycle=everything),)
    if method.thaws == "after_probe":
        half = total_steps // 2
        probe = Phase(start=0, frozen=frozenset(block_names), cycle=everything[:half])
        return (probe, Phase(start=half, frozen=frozen, cycle=everything[half:]))
    thawing = [name for name in block_names if name not in frozen]
    phases = {}
    for count in range(len(thawing) + 1):
        start = min(total_steps - 1, math.ceil(total_steps * count / (len(thawing) + 1)))
        still_frozen = frozen.union(thawing[: len(thawing) - count])
        phases[start] = Phase(start=start, frozen=still_frozen, cycle=everything)
    return tuple(phases.values())
