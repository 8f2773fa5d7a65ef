"""How learning rates move over the updates of a run: shares of their peaks, computed from a number of updates."""

from __future__ import annotations

import math

from tlvsft.config import Schedule

RATIO = 32
"""How much lower than its peak the slanted triangle's rate is at its ends. Source: Howard & Ruder 2018, section 3.2."""


def share_of_peak(schedule: Schedule, step: int, *, total_steps: int, warmup: float) -> float:
    """The share of its peak that a learning rate has.

    Args:
        schedule: Its shape; both rise linearly first.
        step: Updates taken before this one.
        total_steps: Updates from the start of the rise to the end of the fall.
        warmup: Share of them that the rise takes.
    """
    shape = _cosine if schedule == "cosine" else _slanted_triangular
    return shape(step, total_steps, warmup)


def _cosine(step: int, total_steps: int, warmup: float) -> float:
    """Rises to 1, then falls to 0 along half a cosine. Source: Loshchilov & Hutter 2016, arXiv:1608.03983."""
    rising = max(1, round(warmup * total_steps))
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, total_steps - rising)
    return 0.5 * (1.0 + math.cos(math.pi * done))


def _slanted_triangular(step: int, total_steps: int, warmup: float) -> float:
    """Rises from 1/32 to 1 over the first `warmup` (the paper's `cut_frac`), then falls back to 1/32.

    The paper divides the fall by `cut · (1/cut_frac - 1)`, which is `total - cut` wherever `cut_frac · total` is whole.
    Where it isn't, its rates fall too early and below zero; this one divides by `total - cut` always.
    Source: Howard & Ruder 2018, arXiv:1801.06146, equation 3.
    """
    cut = max(1, math.floor(total_steps * warmup))
    progress = step / cut if step < cut else 1.0 - (step - cut) / max(1, total_steps - cut)
    return (1.0 + progress * (RATIO - 1)) / RATIO
