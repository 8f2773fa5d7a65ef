"""What a language model forgot of general English while it learnt its task, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, geometric_mean

from tlvsft.config import SIDES, Side
from tlvsft.events import RunFinished
from tlvsft.ui.texts import inside_sentence


def forgetting_sentence(names: Mapping[Side, str], finishes: Mapping[Side, Sequence[RunFinished]]) -> str:
    """What became of general English, untested: that the evidence does. Empty where nobody measured it."""
    changes = {side: change for side in SIDES if (change := _change(finishes[side])) is not None}
    if len(changes) < len(SIDES):
        return ""
    left, right = (f"{_signed(changes[side])} with {inside_sentence(names[side])}" for side in SIDES)
    return f"Perplexity on general English changed by {left}, by {right}."


def mean_of(finishes: Sequence[RunFinished], read: Callable[[RunFinished], float | None]) -> float | None:
    """The mean over seeds of something that a finished run may know; `None` where none does."""
    values = [value for finish in finishes if (value := read(finish)) is not None]
    return fmean(values) if values else None


def perplexity_of(finishes: Sequence[RunFinished], read: Callable[[RunFinished], float | None]) -> float | None:
    """The same of perplexities, whose mean is geometric, as in the verdict."""
    values = [value for finish in finishes if (value := read(finish)) is not None]
    return geometric_mean(values) if values else None


def _change(finishes: Sequence[RunFinished]) -> float | None:
    """By which share the perplexity on general English changed; `None` where it wasn't measured."""
    before = perplexity_of(finishes, lambda finish: finish.source_perplexity_before)
    after = perplexity_of(finishes, lambda finish: finish.source_perplexity_after)
    return None if before is None or after is None or before <= 0 else after / before - 1


def _signed(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{abs(100 * share):.0f} %"
