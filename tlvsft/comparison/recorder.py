"""Makes a recording from a finished comparison of the store."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlvsft import __version__
from tlvsft.comparison.predictions import PairedPrediction, paired_predictions
from tlvsft.comparison.recordings import (
    NOT_FINITE,
    RECORDING_BYTES,
    Machine,
    RecordedEvent,
    RecordedExample,
    RecordedRun,
    Recording,
    write_recording,
)
from tlvsft.comparison.verdict import decide_verdict
from tlvsft.datasets.showing import shorten_text
from tlvsft.errors import InvalidInput
from tlvsft.events import Event, StepTaken, event_to_dict

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store

_MOST_EVENTS = (800, 400, 200, 100, 50)
"""Of one kind in one run: the first number with which the file is small enough."""
_EXAMPLES_OF_EACH = 3
"""Both right, only the left one, only the right one, both wrong: so many test examples of each, at most."""
_LIBRARIES = ("torch", "transformers")
_CPU_FILE = Path("/proc/cpuinfo")


def make_recording(store: Store, comparison_id: str) -> Recording:
    """Records a comparison; where it has more events than fit into a file, their highs and lows stand for all.

    Raises:
        InvalidInput: There is no such comparison, it hasn't finished, or it doesn't fit into a file.
    """
    comparison = store.comparison(comparison_id)
    verdict = decide_verdict(store, comparison_id)
    if verdict is None:
        raise InvalidInput(f"Comparison {comparison.id} can't be recorded: both of its sides must finish first.")
    examples = _examples(store, comparison)
    for most in _MOST_EVENTS:
        recording = Recording(
            made_on=datetime.fromtimestamp(comparison.created_at, tz=UTC).date().isoformat(),
            machine=this_machine(),
            config=comparison.config,
            runs=tuple(_record_run(store, comparison, run, most=most) for run in comparison.runs),
            verdict=verdict,
            examples=examples,
        )
        if len(write_recording(recording).encode()) <= RECORDING_BYTES:
            return recording
    raise InvalidInput(f"Comparison {comparison.id} is too large for a recording: record one with fewer seeds.")


def this_machine() -> Machine:
    """The machine that this process runs on; runs of its store ran here, too."""
    versions = {"tlvsft": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cpu=_cpu_name(), cores=cores, system=platform.system(), versions=versions)


def timed_events(events: Iterable[Event]) -> list[RecordedEvent]:
    """Events with their times; one that has none of its own came right after the one before it."""
    timed, now_s = [], 0.0
    for event in events:
        now_s = max(now_s, getattr(event, "elapsed_s", now_s))
        fields = {name: _round(value) for name, value in event_to_dict(event).items() if name != "type"}
        timed.append(RecordedEvent(at_s=round(now_s, 3), kind=type(event).__name__, fields=fields))
    return timed


def thin_out(events: Sequence[RecordedEvent], *, most: int) -> list[RecordedEvent]:
    """At most `most` events of each kind: of the steps those with the highest and lowest losses, so that peaks stay.

    Of any other kind, every so manyth.
    """
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault(event.kind, []).append(place)
    kept: set[int] = set()
    for kind, of_kind in places.items():
        if kind == StepTaken.__name__:
            losses = [events[place].fields["train_loss"] for place in of_kind]
            kept |= {of_kind[index] for index in highs_and_lows(losses, most=most)}
        else:
            stride = math.ceil(len(of_kind) / most)
            kept |= {of_kind[-1], *of_kind[::stride]}
    return [events[place] for place in sorted(kept)]


def highs_and_lows(heights: Sequence[float | None], *, most: int) -> list[int]:
    """Which of `heights` stand for all: both ends, and of equal stretches the lowest and the highest each.

    The same rule as the page's (`assets/js/points.js`).

    Args:
        heights: `None` is no number.
        most: How many places there may be, at least 4.
    """
    count = len(heights)
    if count <= most:
        return list(range(count))
    stretches = (most - 2) // 2
    kept = {0, count - 1}
    for stretch in range(stretches):
        begin, end = (1 + at * (count - 2) // stretches for at in (stretch, stretch + 1))
        found = [(height, place) for place in range(begin, end) if (height := heights[place]) is not None]
        if found:
            kept |= {min(found)[1], max(found)[1]}
    return sorted(kept)


def _record_run(store: Store, comparison: ComparisonRecord, run: RunRecord, *, most: int) -> RecordedRun:
    first_s = min(other.started_at or 0.0 for other in comparison.runs)
    events = timed_events(event for _, event in store.events(run.id))
    return RecordedRun(
        side=run.side,
        seed=run.seed,
        started_s=round(max(0.0, (run.started_at or first_s) - first_s), 3),
        events=tuple(thin_out(events, most=most)),
    )


def _round(value: Any) -> Any:
    """A value without digits that nobody sees, as JSON knows it."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return float(f"{value:.6g}") if math.isfinite(value) else {NOT_FINITE: str(value)}
        case dict():
            return {key: _round(inner) for key, inner in value.items()}
        case _:
            return [_round(inner) for inner in value]


def _examples(store: Store, comparison: ComparisonRecord) -> tuple[RecordedExample, ...]:
    """A few test examples of each outcome; none where words were learnt."""
    if comparison.config.task == "language_modeling":
        return ()
    pairs = paired_predictions(store, comparison.id, comparison.config.seed)
    names = store.class_names(comparison.id)
    outcomes = ((False, True), (True, False), (True, True), (False, False))
    chosen = chain.from_iterable(
        islice((pair for pair in pairs if (pair.left_is_right, pair.right_is_right) == outcome), _EXAMPLES_OF_EACH)
        for outcome in outcomes
    )
    return tuple(_record_example(pair, names) for pair in chosen)


def _record_example(pair: PairedPrediction, names: Sequence[str]) -> RecordedExample:
    left, right = pair.left_probabilities, pair.right_probabilities
    text = pair.example.text
    return RecordedExample(
        text=None if text is None else shorten_text(text),
        image=pair.example.image,
        truth=names[pair.true_label],
        left=names[int(left.argmax())],
        left_share=round(float(left.max()), 4),
        right=names[int(right.argmax())],
        right_share=round(float(right.max()), 4),
    )


def _cpu_name() -> str:
    """The processor's name, where the system tells."""
    try:
        lines = _CPU_FILE.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return " ".join(next(named, platform.processor() or platform.machine()).split())
