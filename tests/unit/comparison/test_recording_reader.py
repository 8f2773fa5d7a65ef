"""Recordings are read strictly: what is damaged, too large or of another kind is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlvsft.catalog.paths import BUNDLED_REPLAYS
from tlvsft.comparison.recorder import make_recording
from tlvsft.comparison.recording_reader import load_recording, read_recording, recording_names
from tlvsft.comparison.recordings import RECORDING_BYTES, RecordedEvent, write_recording
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.runs.store import Store

Damage = Callable[[dict[str, Any]], object]


@pytest.fixture
def written(store: Store, digits_config: ComparisonConfig, record_comparison: Callable[..., str]) -> str:
    answers = {("left", 0): [True, False] * 20, ("right", 0): [True] * 40}
    return write_recording(make_recording(store, record_comparison(digits_config, answers)))


@pytest.mark.parametrize("name", recording_names())
def test_the_recordings_that_come_with_the_app_are_whole(name: str) -> None:
    recording = load_recording(name)
    assert recording.config.preset == name
    assert recording.machine.cores > 0
    assert {run.side for run in recording.runs} == {"left", "right"}


def test_there_is_a_recording_of_the_stories_and_together_they_are_small() -> None:
    told = {"digits", "book-genres", "book-reviews", "adapt-to-book-reviews", "three-tasks"}
    assert set(recording_names()) >= told
    assert sum(path.stat().st_size for path in BUNDLED_REPLAYS.iterdir()) < 1_000_000


def table(data: dict[str, Any], kind: str = "StepTaken") -> dict[str, Any]:
    found: dict[str, Any] = data["runs"][0]["kinds"][kind]
    return found


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.update(schema=2),
        lambda data: data.update(more=1),
        lambda data: data.pop("verdict"),
        lambda data: data.update(made_on="yesterday"),
        lambda data: data.update(runs=[]),
        lambda data: data["runs"].pop(),
        lambda data: data["runs"][0].update(side="middle"),
        lambda data: data["runs"][0].update(started_s=-1),
        lambda data: data["runs"][0].update(kinds=[]),
        lambda data: table(data)["rows"][0].append(7),
        lambda data: table(data)["rows"][0].__setitem__(0, 5),
        lambda data: table(data)["rows"][0].__setitem__(1, 9.0),
        lambda data: table(data)["fields"].__setitem__(0, "stairs"),
        lambda data: table(data)["rows"][0].__setitem__(5, "low"),
        lambda data: table(data, "Evaluated")["rows"][0].__setitem__(5, True),
        lambda data: table(data, "RunStarted")["rows"][0][4][0].update(state="asleep"),
        lambda data: table(data, "RunStarted")["rows"][0][4][0].update(parameters="many"),
        lambda data: table(data).update(rows=table(data)["rows"] * 3_000),
        lambda data: data["runs"][0]["kinds"].pop("RunFinished"),
        lambda data: data["machine"].update(cores="two"),
        lambda data: data["machine"].update(cpu="x" * 5_000),
        lambda data: data["verdict"].update(winner="nobody"),
        lambda data: data["verdict"].update(p_value="small"),
        lambda data: data["verdict"].update(ci95=[1]),
        lambda data: data["examples"][0].update(image="https://example.org/cat.png"),
        lambda data: data["examples"][0].update(image="data:text/html;base64,AAAA"),
        lambda data: data.update(examples=data["examples"] * 30),
        lambda data: data["config"].update(seeds=3),
        lambda data: data["config"].update(surprise=3),
    ],
)
def test_a_damaged_recording_is_refused(written: str, damage: Damage) -> None:
    data = json.loads(written)
    read_recording(json.dumps(data))
    damage(data)
    with pytest.raises(InvalidInput):
        read_recording(json.dumps(data))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"schema": NaN}', "[" * 100_000])
def test_what_is_no_recording_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_recording(text)


def test_the_complaint_names_the_recording_and_what_to_do(written: str, tmp_path: Path) -> None:
    (tmp_path / "digits.json").write_text(written[:-20])
    with pytest.raises(InvalidInput, match=r"'digits' is damaged .*: install the app again"):
        load_recording("digits", tmp_path)
    (tmp_path / "digits.json").write_text(written + " " * RECORDING_BYTES)
    with pytest.raises(InvalidInput, match="too large"):
        load_recording("digits", tmp_path)
    (tmp_path / "digits.json").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="can't be read"):
        load_recording("digits", tmp_path)


@pytest.mark.parametrize("name", ["", "..", "../digits", "/etc/passwd", "digits.json", "book-genres"])
def test_only_names_of_stories_that_are_there_are_read(name: str, written: str, tmp_path: Path) -> None:
    (tmp_path / "digits.json").write_text(written)
    assert recording_names(tmp_path) == ("digits",)
    with pytest.raises(UnknownName):
        load_recording(name, tmp_path)


def test_events_of_a_kind_that_is_not_known_survive(written: str) -> None:
    data = json.loads(written)
    finish = table(data, "RunFinished")["rows"][0]
    number, finish[0] = finish[0], finish[0] + 1
    data["runs"][0]["kinds"]["GradientsMeasured"] = {"fields": ["norms"], "rows": [[number, 1.0, {"head": [0.5]}]]}
    recording = read_recording(json.dumps(data))
    event = recording.runs[0].events[-2]
    assert event == RecordedEvent(at_s=1.0, kind="GradientsMeasured", fields={"norms": {"head": [0.5]}})
    assert event.event() is None
    assert read_recording(write_recording(recording)) == recording
