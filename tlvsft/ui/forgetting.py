"""What a language model forgot of general English while it learnt its task, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from tlvsft.config import SIDES, Side
from tlvsft.events import RunFinished
from tlvsft.ui.texts import inside_sentence


def forgetting_sentence(names: Mapping[Side, str], finishes: Mapping[Side, Sequence[RunFinished]]) -> str:
    """Who forgot less general English, with the numbers; empty where nobody measured it."""
    changes = {side: change for side in SIDES if (change := _change(finishes[side])) is not None}
    if len(changes) < len(SIDES):
        return ""
    words = {side: _signed(change) for side, change in changes.items()}
    if words["left"] == words["right"]:
        return f"Both forgot the same: perplexity on general English changed by {words['left']}."
    less: Side = "left" if changes["left"] < changes["right"] else "right"
    more: Side = "right" if less == "left" else "left"
    return (
        f"{names[less]} forgot less: perplexity on general English changed by {words[less]}, "
        f"with {inside_sentence(names[more])} by {words[more]}."
    )


def mean_of(finishes: Sequence[RunFinished], read: Callable[[RunFinished], float | None]) -> float | None:
    """The mean over seeds of something that a finished run may know; `None` where none does."""
    values = [value for finish in finishes if (value := read(finish)) is not None]
    return fmean(values) if values else None


def _change(finishes: Sequence[RunFinished]) -> float | None:
    """By which share the perplexity on general English changed; `None` where it wasn't measured."""
    before = mean_of(finishes, lambda finish: finish.source_perplexity_before)
    after = mean_of(finishes, lambda finish: finish.source_perplexity_after)
    return None if before is None or after is None or before <= 0 else after / before - 1


def _signed(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{abs(100 * share):.0f} %"
