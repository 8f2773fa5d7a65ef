"""Older comparisons whose curves can be laid over those on the screen: which there are, and their points, bounded."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.errors import InvalidInput
from tlvsft.events import Evaluated, Event, StepTaken
from tlvsft.runs.records import ComparisonRecord, RunRecord
from tlvsft.runs.store import Store
from tlvsft.ui.points import EVENTS_AT_ONCE, score_of
from tlvsft.ui.texts import clock_time, describe_count, describe_seeds, side_names

MOST_OLDER = 3
"""So many at once: more than three pairs of thin lines nobody tells apart."""
MOST_LISTED = 20
MOST_POINTS = 1_000
"""So many steps of a run go to the page; a longer run's are averaged in equal stretches, and it is smoothed anyhow."""
MOST_VALIDATIONS = 500
_CURVES_KEPT = 32
_OVER = frozenset({"finished", "stopped"})

Row = list[float | None]


def comparable(store: Store, current: ComparisonRecord, *, viewer: str) -> list[ComparisonRecord]:
    """The comparisons, newest first, that this viewer may see and whose curves mean the same as those of `current`.

    They learnt the same task on the same data from the same backbone; the same preset is one case of that. Both of
    their sides are over and have learnt something.
    """
    records = store.comparisons(owner=viewer)
    kin = [
        record for record in records if record.id != current.id and _family(record.config) == _family(current.config)
    ]
    return [record for record in kin if _is_over(record)][:MOST_LISTED]


def describe_changes(config: ComparisonConfig, current: ComparisonConfig) -> str:
    """In what an older comparison differs from the one on the screen, in a few words."""
    names, shown = side_names(config), side_names(current)
    seeds = describe_seeds(config) if describe_seeds(config) != describe_seeds(current) else ""
    found = [
        describe_count(config) if config.labels != current.labels else "",
        f"{names['left']} vs {names['right']}" if names != shown else "",
        _describe_epochs(config) if config.epochs != current.epochs else "",
        seeds,
    ]
    told = [words for words in found if words]
    if told:
        return f"here {', '.join(told)}"
    same = config.left == current.left and config.right == current.right
    return "the same settings" if same else "other frozen blocks, heads, schedules or starts"


def title_of(record: ComparisonRecord, *, now: float) -> str:
    """What an older comparison is called in the menu and in the key: when it was, and what it compared."""
    names = side_names(record.config)
    drawn = f", seed {record.config.seed}" if record.config.seeds > 1 else ""
    return f"{clock_time(record.created_at, now=now)} {names['left']} vs {names['right']}{drawn}"


@dataclass
class OlderCurves:
    """The curves of runs that are over, read once. Safe to use from several threads."""

    store: Store
    _kept: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, record: ComparisonRecord) -> list[dict[str, Any]]:
        """Both sides of a comparison, of several seeds the first: what `assets/js/older.js` draws.

        Each has a `chunk` as the page's poll brings it, and says how many steps a point stands for (`stride`).
        """
        return [self._of(record.run(side), side) for side in SIDES]

    def _of(self, run: RunRecord, side: Side) -> dict[str, Any]:
        with self._lock:
            if run.id not in self._kept:
                self._kept[run.id] = {"id": run.id, "side": side, **thin_out(read_all(self.store, run.id))}
                if len(self._kept) > _CURVES_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(run.id)
            return self._kept[run.id]


def read_all(store: Store, run_id: str) -> Iterator[tuple[int, Event]]:
    """A run's whole history, some thousand events at a time."""
    last = 0
    while events := store.events(run_id, after=last, limit=EVENTS_AT_ONCE):
        yield from events
        last = events[-1][0]


def thin_out(events: Iterator[tuple[int, Event]]) -> dict[str, Any]:
    """A history as few points: `{"stride", "chunk"}`.

    A long run's steps are averaged in stretches of equal length, which keeps the level that its smoothed curve has;
    its lowest and highest would not.
    """
    cursor = 0
    steps: list[Row] = []
    validations: list[Row] = []
    for cursor, event in events:  # noqa: B007  the last one's number is the cursor
        match event:
            case StepTaken():
                steps.append([event.step, event.elapsed_s, event.examples, _finite(event.train_loss)])
            case Evaluated():
                place = [event.step, event.elapsed_s, event.examples]
                validations.append([*place, _finite(event.val_loss), _finite(score_of(event))])
    stride = max(1, math.ceil(len(steps) / MOST_POINTS))
    stretches = [steps[begin : begin + stride] for begin in range(0, len(steps), stride)]
    every = max(1, math.ceil(len(validations) / MOST_VALIDATIONS))
    kept = validations[::-every][::-1]  # the last one is among them
    averaged = steps if stride == 1 else [_average(rows) for rows in stretches]
    return {"stride": stride, "chunk": {"after": 0, "cursor": cursor, "steps": averaged, "evaluations": kept}}


def find_chosen(listed: Sequence[ComparisonRecord], chosen: object) -> list[ComparisonRecord]:
    """The listed comparisons that a browser says were chosen, in its order; anything could come from there."""
    known = {record.id: record for record in listed}
    ids = chosen if isinstance(chosen, list) else []
    wanted = dict.fromkeys(identifier for identifier in ids if isinstance(identifier, str))
    return [known[identifier] for identifier in wanted if identifier in known][:MOST_OLDER]


def find_current(store: Store, comparison_id: object, *, viewer: str) -> ComparisonRecord | None:
    """The comparison on the screen; `None` if there is none that this viewer may see."""
    try:
        return store.visible_comparison(str(comparison_id), viewer=viewer)
    except InvalidInput:
        return None


def _family(config: ComparisonConfig) -> tuple[object, ...]:
    return config.backbone, config.dataset, config.task


def _is_over(record: ComparisonRecord) -> bool:
    """Whether the two runs that are drawn are over and were begun."""
    drawn = [record.run(side) for side in SIDES]
    return all(run.state in _OVER and run.started_at is not None for run in drawn)


def _describe_epochs(config: ComparisonConfig) -> str:
    return "the methods' own epochs" if config.epochs is None else f"{config.epochs:,} epochs"


def _average(rows: Sequence[Row]) -> Row:
    """One point for a stretch of steps: where it ends, and its mean loss."""
    losses = [loss for *_, loss in rows if loss is not None]
    return [*rows[-1][:3], sum(losses) / len(losses) if losses else None]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
