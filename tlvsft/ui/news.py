"""What is new in a comparison, for a page that polls: points, bars and words, and a stamp for all other changes."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tlvsft.config import SIDES
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.live_panels import current_runs, curves_sentence, progress_row
from tlvsft.ui.moves_panel import likeness_sentence, moves_sentence
from tlvsft.ui.next_words_handlers import checkpoint_mark
from tlvsft.ui.sample_panel import sample_news
from tlvsft.ui.scoreboard import describe_scores
from tlvsft.ui.services import Services
from tlvsft.ui.texts import side_names
from tlvsft.ui.watching import Watched

READ_AGAIN_S = 0.1
"""So long one look into the store serves everybody."""
_LOOKS_KEPT = 64
_STAMP_BYTES = 6


@dataclass(frozen=True)
class Question:
    """What a page asks.

    Attributes:
        cursors: How far its curves have come, for each run by its name inside the comparison (`left-0`).
    """

    watched: Watched
    cursors: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One look into the store.

    Attributes:
        runs: The ids of the runs whose points can be had.
        state: All but the points, as the inside of a JSON object.
    """

    at: float
    runs: tuple[str, ...]
    state: str


@dataclass(kw_only=True)
class News:
    """Answers questions; many viewers cost little more than one. Safe to use from several threads."""

    services: Services
    _looks: OrderedDict[Watched, _Look] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, question: Question) -> bytes:
        """What is new since the cursors, as JSON.

        Raises:
            InvalidInput: There is no such comparison.
            StoreError: The store can't be read.
        """
        look = self._look(question.watched)
        cursors = dict(question.cursors)
        names = {run: run.removeprefix(f"{question.watched.comparison_id}-") for run in look.runs}
        chunks = ",".join(
            f'"{name}":{self.services.feed.points(run, after=cursors.get(name, 0))}' for run, name in names.items()
        )
        return f'{{{look.state},"runs":{{{chunks}}}}}'.encode()

    def _look(self, watched: Watched) -> _Look:
        with self._lock:  # who comes meanwhile waits, and is served by the same look
            known = self._looks.get(watched)
            if known is not None and time.monotonic() - known.at < READ_AGAIN_S:
                return known
            look = self._looks[watched] = self._read(watched)
            self._looks.move_to_end(watched)
            if len(self._looks) > _LOOKS_KEPT:
                self._looks.popitem(last=False)
            return look

    def _read(self, watched: Watched) -> _Look:
        records = [self.services.store.comparison(identifier) for identifier in watched.ids]
        comparison, other = records[0], records[1] if len(records) > 1 else None
        progress = {run.id: self.services.feed.progress(run.id) for record in records for run in record.runs}
        place = place_in_queue(self.services, comparison)
        state = {
            "stamp": make_stamp(comparison, other, progress, place=place),
            "over": all(record.is_over for record in records),
            "checkpoint": checkpoint_mark(comparison, progress),
            "sample": sample_news(comparison, progress),
            **describe_progress(comparison, progress),
        }
        inside = json.dumps(state, separators=(",", ":"))[1:-1]
        return _Look(at=time.monotonic(), runs=tuple(run.id for run in comparison.runs), state=inside)


def describe_progress(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[str, object]:
    """The bars, and the sentences that say what the curves show and what moves."""
    sides = current_runs(comparison, progress)
    rows = {side: progress_row(sides[side], comparison) for side in SIDES}
    return {
        "rows": {side: {"done": row.done, "words": row.words} for side, row in rows.items()},
        "summary": curves_sentence(side_names(comparison.config), sides),
        "moves": moves_sentence(comparison, sides),
        "likeness": likeness_sentence(comparison, sides),
        "scores": describe_scores(comparison, progress),
    }


def place_in_queue(services: Services, comparison: ComparisonRecord) -> int | None:
    """Its place among those that wait; asked only of one that may."""
    may_wait = all(run.started_at is None for run in comparison.runs) and not comparison.is_over
    return services.queue.queue_place(comparison.id) if may_wait else None


def make_stamp(
    comparison: ComparisonRecord,
    other: ComparisonRecord | None,
    progress: Mapping[str, RunProgress],
    *,
    place: int | None,
) -> str:
    """What changes whenever the page has to be renewed by a handler: more has changed than points and bars.

    Args:
        comparison: The one on the screen.
        other: The other one of its chain.
        progress: Where the runs of both stand.
        place: The comparison's place in the queue.
    """
    records = (comparison,) if other is None else (comparison, other)
    states = [(run.id, run.state, run.message) for record in records for run in record.runs]
    shown = [
        (progress[run.id].blocks_at, progress[run.id].notes, _is_stored(progress[run.id]), progress[run.id].sample_at)
        for run in comparison.runs
    ]
    # The three tasks show the latest validation of what trains.
    latest = [progress[run.id].evaluation for record in records if other for run in record.runs]
    validated = [None if event is None else event.step for event in latest]
    told = repr((place, states, shown, validated)).encode()
    return hashlib.blake2b(told, digest_size=_STAMP_BYTES).hexdigest()


def _is_stored(progress: RunProgress) -> bool:
    """Whether the frozen blocks that are computed once have been."""
    return progress.prefix is not None and progress.prefix.is_complete
