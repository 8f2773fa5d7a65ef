"""What has happened in a run since the page last asked, and where the run stands: never its whole history again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tlvsft.events import (
    Ancestor,
    BlocksChanged,
    BlocksMoved,
    BlockStatus,
    Descended,
    Evaluated,
    Event,
    Noted,
    PrefixStored,
    RepresentationsCompared,
    RunFinished,
    RunStarted,
    SampleAnswered,
    SampleDrawn,
    SampleExample,
    StepTaken,
)
from tlvsft.runs.store import Store
from tlvsft.ui.points import EVENTS_AT_ONCE, RecentPoints, as_chunk, as_point

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
        prefix: How far frozen blocks are that are computed once; `None` if none are.
        moved: How far each block has moved.
        compared: How much each block still resembles the pretrained one.
        saved: After how many steps the newest checkpoint was written: one is at each validation, before the next step.
        notes: What the run wanted the user to know.
        sample: Validation examples that are answered at each evaluation; empty before they are drawn.
        sample_at: Number of the event that told them.
        answered: The newest answers to them.
    """

    cursor: int = 0
    lineage: tuple[Ancestor, ...] = ()
    blocks: tuple[BlockStatus, ...] = ()
    blocks_at: int = 0
    untouched: Evaluated | None = None
    started: RunStarted | None = None
    prefix: PrefixStored | None = None
    step: StepTaken | None = None
    evaluation: Evaluated | None = None
    moved: BlocksMoved | None = None
    compared: RepresentationsCompared | None = None
    finish: RunFinished | None = None
    saved: int | None = None
    notes: tuple[str, ...] = field(default=())
    sample: tuple[SampleExample, ...] = ()
    sample_at: int = 0
    answered: SampleAnswered | None = None

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
            case PrefixStored() | StepTaken() | BlocksMoved() | RepresentationsCompared() | Evaluated():
                self._take_training(event)
            case SampleDrawn() | SampleAnswered():
                self._take_sample(number, event)
            case RunFinished():
                self.finish = event
            case Noted():
                self.notes = (*self.notes, event.message)

    def _take_blocks(self, number: int, event: RunStarted | BlocksChanged) -> None:
        self.blocks, self.blocks_at = event.blocks, number
        if isinstance(event, RunStarted):
            self.started = event

    def _take_sample(self, number: int, event: SampleDrawn | SampleAnswered) -> None:
        if isinstance(event, SampleDrawn):
            self.sample, self.sample_at = event.shown, number
        else:
            self.answered = event

    def _take_training(
        self, event: PrefixStored | StepTaken | BlocksMoved | RepresentationsCompared | Evaluated
    ) -> None:
        match event:
            case BlocksMoved():
                self.moved = event
            case RepresentationsCompared():
                self.compared = event
            case PrefixStored():
                self.prefix = event
            case StepTaken():
                self._take_step(event)
            case Evaluated():
                self._take_evaluation(event)

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
        self._runs: OrderedDict[str, _Run] = OrderedDict()
        self._lock = threading.Lock()

    def progress(self, run_id: str) -> RunProgress:
        """Where a run stands now."""
        return self._kept(run_id).read_on(self._store)

    def points(self, run_id: str, *, after: int) -> str:
        """The points after event number `after` as JSON (`tlvsft.ui.points`), as far as the run has been read.

        The same question gives the same points, and costs the same however long the run is.
        """
        return self._kept(run_id).points(self._store, after=after)

    def forget(self, run_ids: Iterable[str]) -> None:
        """Lets go of runs that were deleted."""
        with self._lock:
            for run_id in run_ids:
                self._runs.pop(run_id, None)

    def _kept(self, run_id: str) -> _Run:
        with self._lock:
            if run_id not in self._runs:
                self._runs[run_id] = _Run(run_id)
                if len(self._runs) > _RUNS_KEPT:
                    self._runs.popitem(last=False)
            self._runs.move_to_end(run_id)
            return self._runs[run_id]


class _Run:
    """What the feed knows of one run."""

    def __init__(self, run_id: str) -> None:
        self._id = run_id
        self._progress = RunProgress()
        self._recent = RecentPoints()
        self._lock = threading.Lock()

    def read_on(self, store: Store) -> RunProgress:
        with self._lock:
            if self._progress.cursor == 0:  # of a run that was long on its way, no step but the last matters
                for number, event in store.milestones(self._id):
                    self._progress.take(number, event)
                return replace(self._progress)
            for number, event in store.events(self._id, after=self._progress.cursor):
                self._progress.take(number, event)
                self._recent.add(number, event)
            return replace(self._progress)

    def points(self, store: Store, *, after: int) -> str:
        with self._lock:
            read_to = self._progress.cursor
            if after >= read_to:
                return as_chunk((), after=after, more=False)
            points = self._recent.after(after)
        if points is None:
            events = store.events(self._id, after=after, limit=EVENTS_AT_ONCE)
            points = [as_point(number, event) for number, event in events if number <= read_to]
        more = bool(points) and points[-1].number < read_to
        return as_chunk(points, after=after, more=more)
