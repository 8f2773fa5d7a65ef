"""Recordings: finished comparisons as files that the page plays back. `docs/recordings.md` explains the format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tlvsft.comparison.verdict import Verdict
from tlvsft.config import ComparisonConfig, Side
from tlvsft.events import EVENT_TYPES, Event, event_from_dict

RECORDING_SCHEMA = 1
RECORDING_BYTES = 150_000
"""Largest file that is written or read."""
NOT_FINITE = "not_finite"
"""Under this name stands a number that JSON doesn't know, e.g. `{"not_finite": "inf"}`."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where the runs took place.

    Attributes:
        cpu: Its processor's name.
        cores: How many processors the runs could use.
        versions: Of Python and of the libraries that compute, by their names.
    """

    cpu: str
    cores: int
    system: str
    versions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RecordedEvent:
    """One event.

    Attributes:
        at_s: Seconds since its run's worker began.
        kind: Name of its class; not necessarily one that this version of the app knows.
        fields: The others, as JSON has them.
    """

    at_s: float
    kind: str
    fields: Mapping[str, Any]

    def event(self) -> Event | None:
        """The event itself; `None` for a kind that this version doesn't know."""
        if self.kind not in EVENT_TYPES:
            return None
        return event_from_dict({"type": self.kind} | {name: to_number(value) for name, value in self.fields.items()})


@dataclass(frozen=True, kw_only=True)
class RecordedRun:
    """One run.

    Attributes:
        started_s: Seconds after the first run of the comparison.
        events: In their order.
    """

    side: Side
    seed: int
    started_s: float
    events: tuple[RecordedEvent, ...]


@dataclass(frozen=True, kw_only=True)
class RecordedExample:
    """A test example and what both models said of it.

    Attributes:
        text: What was read; `None` for an image.
        image: The same as a PNG in a data URI; `None` for a text.
        truth: Its class.
        left: The class that the left model found most probable.
        left_share: How probable that was, 0–1.
        right: The same for the right model.
        right_share: The same for the right model.
    """

    text: str | None
    image: str | None
    truth: str
    left: str
    left_share: float
    right: str
    right_share: float


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A finished comparison, to be played back.

    Attributes:
        made_on: The day on which the runs took place, e.g. `2026-11-26`.
    """

    made_on: str
    machine: Machine
    config: ComparisonConfig
    runs: tuple[RecordedRun, ...]
    verdict: Verdict
    examples: tuple[RecordedExample, ...] = ()


def write_recording(recording: Recording) -> str:
    """A recording as a file has it; the inverse of `read_recording`."""
    document = {
        "schema": RECORDING_SCHEMA,
        "made_on": recording.made_on,
        "machine": asdict(recording.machine),
        "config": recording.config.to_dict(),
        "runs": [_write_run(run) for run in recording.runs],
        "verdict": asdict(recording.verdict),
        "examples": [asdict(example) for example in recording.examples],
    }
    return json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n"


def to_number(value: Any) -> Any:
    """An infinite number as it was; anything else as it is."""
    if isinstance(value, dict) and value.keys() == {NOT_FINITE}:
        return float(value[NOT_FINITE])
    return value


def _write_run(run: RecordedRun) -> dict[str, Any]:
    """A table for each kind of event: the names of the fields once, and a row for each event."""
    kinds: dict[str, dict[str, Any]] = {}
    for number, event in enumerate(run.events):
        table = kinds.setdefault(event.kind, {"fields": list(event.fields), "rows": []})
        table["rows"].append([number, event.at_s, *(event.fields[name] for name in table["fields"])])
    return {"side": run.side, "seed": run.seed, "started_s": run.started_s, "kinds": kinds}
