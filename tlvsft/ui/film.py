"""A recording as the page plays it: what the live page would have shown, frame by frame, by the same functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tlvsft.comparison.recordings import RecordedEvent, RecordedRun, Recording
from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.runs.records import ComparisonRecord, RunRecord
from tlvsft.ui.charts import Line
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.live_panels import current_runs
from tlvsft.ui.news import describe_progress
from tlvsft.ui.points import as_chunk, as_point
from tlvsft.ui.replay_panels import ladder_html, outcome_html, stage_html
from tlvsft.ui.texts import side_names
from tlvsft.ui.views import figures_of

Film = dict[str, Any]
FRAME_S = 0.1
"""Seconds between two frames, at least."""
MOST_FRAMES = 300
_BEGIN_S = 1.0
"""When a recorded comparison begins, on its own clock: the store's clock never shows 0."""


def make_film(name: str, recording: Recording) -> Film:
    """Everything that the page needs to play a recording, as JSON-ready data.

    Args:
        name: The recording's.
        recording: What it holds.
    """
    comparison = _as_comparison(name, recording)
    tracks = [_Track(record, run) for record, run in zip(comparison.runs, recording.runs, strict=True)]
    names = side_names(recording.config)
    lines = [Line(run_id=run.id, side=run.side, name=names[run.side]) for run in comparison.runs]
    frames = list(_frames(comparison, tracks))
    progress = {track.record.id: track.progress for track in tracks}
    return {
        "name": name,
        "comparison": comparison.id,
        "figures": figures_of(recording.config, lines),
        "stage": stage_html(recording),
        "outcome": outcome_html(_at(comparison, tracks, tracks[0].ends_s), recording, progress),
        "winner": recording.verdict.winner,
        "lasts_s": frames[-1]["at"],
        "frames": frames,
    }


@dataclass
class _Track:
    """One run on its way through a recording; times are seconds since the comparison began.

    Attributes:
        taken: How many of its events have happened.
    """

    record: RunRecord
    run: RecordedRun

    def __post_init__(self) -> None:
        self.progress = RunProgress()
        self.taken = 0

    @property
    def ends_s(self) -> float:
        """When its last event happens."""
        return self.run.started_s + self.run.events[-1].at_s

    def advance(self, now_s: float) -> str | None:
        """Takes the events up to a time; their points as the live page's route gives them, `None` without events."""
        events = self._events_until(now_s)
        if not events:
            return None
        points = []
        after = self.taken
        for recorded in events:
            self.taken += 1
            event = recorded.event()
            if event is not None:
                self.progress.take(self.taken, event)
                points.append(as_point(self.taken, event))
        return as_chunk(points, after=after, more=False)

    def _events_until(self, now_s: float) -> tuple[RecordedEvent, ...]:
        ahead = self.run.events[self.taken :]
        count = next((at for at, event in enumerate(ahead) if self.run.started_s + event.at_s > now_s), len(ahead))
        return ahead[:count]


def _frames(comparison: ComparisonRecord, tracks: list[_Track]) -> Iterator[Film]:
    lasts_s = max(track.ends_s for track in tracks)
    count = min(MOST_FRAMES, max(1, round(lasts_s / FRAME_S)))
    ladders: dict[str, str] = {}
    for number in range(count + 1):
        now_s = lasts_s if number == count else lasts_s * number / count
        chunks = {track.record.id: chunk for track in tracks if (chunk := track.advance(now_s)) is not None}
        now = _at(comparison, tracks, now_s)
        progress = {track.record.id: track.progress for track in tracks}
        frame: Film = {"at": round(now_s, 3), **describe_progress(now, progress)}
        if chunks:
            frame["runs"] = {run: json.loads(chunk) for run, chunk in chunks.items()}
        renewed = _ladders(now, progress)
        if renewed != ladders:
            ladders = frame["ladders"] = renewed
        yield frame


def _ladders(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[str, str]:
    sides = current_runs(comparison, progress)
    return {side: ladder_html(sides[side].progress, side) for side in SIDES if sides[side].progress.blocks}


def _at(comparison: ComparisonRecord, tracks: list[_Track], now_s: float) -> ComparisonRecord:
    """The comparison as the store would have had it then."""
    runs = tuple(
        replace(track.record, state="finished" if track.progress.finish else "running", ended_at=_BEGIN_S + now_s)
        for track in tracks
    )
    return replace(comparison, runs=runs)


def _as_comparison(name: str, recording: Recording) -> ComparisonRecord:
    identifier = f"recording-{name}"
    runs = tuple(_as_run(identifier, recording.config, run) for run in recording.runs)
    return ComparisonRecord(id=identifier, config=recording.config, owner="", created_at=0.0, runs=runs)


def _as_run(comparison_id: str, config: ComparisonConfig, run: RecordedRun) -> RunRecord:
    return RunRecord(
        id=f"{comparison_id}-{run.side}-{run.seed}", comparison_id=comparison_id, side=run.side, seed=run.seed,
        config=config.run_config(run.side, run.seed), state="running", message=None, invalid_input=False, pid=None,
        heartbeat_at=None, created_at=0.0, started_at=_BEGIN_S + run.started_s, ended_at=None,
    )  # fmt: skip
