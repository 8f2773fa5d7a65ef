"""The points of the curves as JSON, made once for all who look; the recent ones are kept in memory."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tlvsft.events import BlocksMoved, Evaluated, Event, RepresentationsCompared, StepTaken

EVENTS_KEPT = 2_000
"""So many of a run's newest events are kept: who polls is never that far behind."""
EVENTS_AT_ONCE = 5_000
"""So many events go into one answer; who is further behind asks again."""


Column = Literal["steps", "evaluations", "moves", "similarities"]
COLUMNS: tuple[Column, ...] = ("steps", "evaluations", "moves", "similarities")
_NEARLY_SAME = 0.999999
"""The largest CKA that is written of a block that isn't the same."""


@dataclass(frozen=True)
class Point:
    """An event as the curves show it.

    Attributes:
        number: The event's.
        text: `[step, seconds, examples, loss]` as JSON, of a validation with its score behind; of moves with what
            became of each block instead, `{name: [change, gradient norm]}`, of similarities with `{name: CKA}`; empty
            for other events.
        column: Where it goes in a chunk.
    """

    number: int
    text: str = ""
    column: Column = "steps"


class RecentPoints:
    """The newest points of a run. Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self._points: list[Point] = []

    def add(self, number: int, event: Event) -> None:
        """Takes the next event."""
        self._points.append(as_point(number, event))
        if len(self._points) > 2 * EVENTS_KEPT:
            del self._points[:-EVENTS_KEPT]

    def after(self, number: int) -> list[Point] | None:
        """The points after an event; `None` if some of them are no longer (or never were) in here."""
        if not self._points or number < self._points[0].number - 1:
            return None
        return self._points[number - self._points[0].number + 1 :]  # a run's events are numbered without gaps


def as_point(number: int, event: Event) -> Point:
    """An event as a point."""
    match event:
        case StepTaken():
            text = f"[{event.step},{event.elapsed_s:.3f},{event.examples},{as_number(event.train_loss)}]"
            return Point(number, text)
        case Evaluated():
            place = f"{event.step},{event.elapsed_s:.3f},{event.examples}"
            text = f"[{place},{as_number(event.val_loss)},{as_number(score_of(event))}]"
            return Point(number, text, column="evaluations")
        case BlocksMoved():
            place = f"{event.step},{event.elapsed_s:.3f},{event.examples}"
            return Point(number, f"[{place},{{{_as_moves(event)}}}]", column="moves")
        case RepresentationsCompared():
            place = f"{event.step},{event.elapsed_s:.3f},{event.examples}"
            return Point(number, f"[{place},{{{_as_similarities(event)}}}]", column="similarities")
    return Point(number)


def _as_moves(event: BlocksMoved) -> str:
    return ",".join(
        f"{json.dumps(block.name)}:[{as_number(block.weight_change)},{as_number(block.gradient_norm)}]"
        for block in event.movements
    )


def _as_similarities(event: RepresentationsCompared) -> str:
    """Exactly 1 stays alone with being it, however a number is rounded."""
    shown = {
        block.name: block.cka if block.cka is None or block.cka == 1 else min(block.cka, _NEARLY_SAME)
        for block in event.similarities
    }
    return ",".join(f"{json.dumps(name)}:{as_number(cka)}" for name, cka in shown.items())


def score_of(evaluation: Evaluated) -> float | None:
    """What the second chart shows of a validation: accuracy (0–1), or perplexity."""
    return evaluation.val_perplexity if evaluation.val_accuracy is None else evaluation.val_accuracy


def as_number(value: float | None) -> str:
    """A number as JSON, as exact as a chart needs it; what is none, or infinite, is `null`."""
    return "null" if value is None or not math.isfinite(value) else f"{value:.6g}"


def as_chunk(points: Iterable[Point], *, after: int, more: bool) -> str:
    """What a run has new, as JSON: its points, up to which event they go, and whether there are more of them."""
    cursor = after
    texts: dict[Column, list[str]] = {column: [] for column in COLUMNS}
    for point in points:
        cursor = point.number
        if point.text:
            texts[point.column].append(point.text)
    listed = ",".join(f'"{column}":[{",".join(texts[column])}]' for column in COLUMNS)
    return f'{{"after":{after},"cursor":{cursor},"more":{json.dumps(more)},{listed}}}'
