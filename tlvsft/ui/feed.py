"""What has happened in a run since the page last asked, and where the run stands: never its whole history again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Any

from tlvsft.events import (
    Ancestor,
    BlocksChanged,
    BlockStatus,
    Descended,
    Evaluated,
    Event,
    Noted,
    RunFinished,
    RunStarted,
    StepTaken,
)
from tlvsft.runs.store import Store

_RUNS_KEPT = 256


@dataclass(kw_only=True)
class RunProgress:
    """Where a run stands: the latest event of each kind.

    Attributes:
        cursor: Number of the last event that is in here.
        lineage: The runs that it comes from, the oldest first.
        blocks: The ladder as it is now; empty before the start.
        blocks_at: Number of the event that last changed the ladder.
        untouched: The validation before the first step, if there was one.
        saved: After how many steps the newest checkpoint was written: one is at each validation, before the next step.
        notes: What the run wanted the user to know.
    """

    cursor: int = 0
    lineage: tuple[Ancestor, ...] = ()
    blocks: tuple[BlockStatus, ...] = ()
    blocks_at: int = 0
    untouched: Evaluated | None = None
    started: RunStarted | None = None
    step: StepTaken | None = None
    evaluation: Evaluated | None = None
    finish: RunFinished | None = None
    saved: int | None = None
    notes: tuple[str, ...] = field(default=())

    def take(self, number: int, event: Event) -> None:
        """Notes an event, once."""
        if number <= self.cursor:
            return
        self.cursor = number
        match event:
            case Descended():
                self.lineage = event.lineage
            case RunStarted() | BlocksChanged():
                self._take_blocks(number, event)
            case StepTaken():
                self._take_step(event)
            case Evaluated():
                self._take_evaluation(event)
            case RunFinished():
                self.finish = event
            case Noted():
                self.notes = (*self.notes, event.message)

    def _take_blocks(self, number: int, event: RunStarted | BlocksChanged) -> None:
        self.blocks, self.blocks_at = event.blocks, number
        if isinstance(event, RunStarted):
            self.started = event

    def _take_step(self, event: StepTaken) -> None:
        self.step = event
        self.saved = None if self.evaluation is None else self.evaluation.step

    def _take_evaluation(self, event: Evaluated) -> None:
        self.evaluation = event
        if event.step == 0:
            self.untouched = event


class Feed:
    """Reads each event of a run about once, however many tabs ask. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._progress: OrderedDict[str, RunProgress] = OrderedDict()
        self._lock = threading.Lock()

    def progress(self, run_id: str) -> RunProgress:
        """Where a run stands now."""
        with self._lock:
            cursor = self._kept(run_id).cursor
        return self._take(run_id, self._store.events(run_id, after=cursor))

    def read(self, run_id: str, *, after: int) -> tuple[dict[str, Any], RunProgress]:
        """The points after event number `after`, as plain lists, and where the run stands.

        The same question gives the same points: a tab that asks twice, or two tabs, do no harm.
        """
        with self._lock:
            start = min(after, self._kept(run_id).cursor)
        events = self._store.events(run_id, after=start)
        progress = self._take(run_id, events)
        return points_after(run_id, after, events), progress

    def _kept(self, run_id: str) -> RunProgress:
        if run_id not in self._progress:
            self._progress[run_id] = RunProgress()
            if len(self._progress) > _RUNS_KEPT:
                self._progress.popitem(last=False)
        self._progress.move_to_end(run_id)
        return self._progress[run_id]

    def _take(self, run_id: str, events: list[tuple[int, Event]]) -> RunProgress:
        with self._lock:
            kept = self._kept(run_id)
            for number, event in events:
                kept.take(number, event)
            return replace(kept)


def points_after(run_id: str, after: int, events: list[tuple[int, Event]]) -> dict[str, Any]:
    """The events after number `after` as points: `[number, step, seconds, examples, loss]`, and a score behind it.

    The score is the validation accuracy, or the perplexity where words are predicted.
    """
    new = [(number, event) for number, event in events if number > after]
    return {
        "run": run_id,
        "cursor": new[-1][0] if new else after,
        "steps": [
            [number, event.step, event.elapsed_s, event.examples, event.train_loss]
            for number, event in new
            if isinstance(event, StepTaken)
        ],
        "evaluations": [
            [number, event.step, event.elapsed_s, event.examples, event.val_loss, score_of(event)]
            for number, event in new
            if isinstance(event, Evaluated)
        ],
    }


def score_of(evaluation: Evaluated) -> float | None:
    """What the second chart shows of a validation: accuracy (0–1), or perplexity."""
    return evaluation.val_perplexity if evaluation.val_accuracy is None else evaluation.val_accuracy
