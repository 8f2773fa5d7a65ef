"""`record`: from a comparison's id to a file that can be played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tlvsft.cli import main, record
from tlvsft.comparison.recording_reader import load_recording
from tlvsft.config import ComparisonConfig
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False], ("right", 0): [True, True]}


@pytest.fixture(autouse=True)
def folder(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(record, "BUNDLED_REPLAYS", tmp_path / "replays")
    return tmp_path / "replays"


def test_a_story_goes_where_the_page_finds_it(
    folder: Path,
    digits_config: ComparisonConfig,
    record_comparison: RecordComparison,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["record", record_comparison(digits_config, ANSWERS)]) == 0
    assert capsys.readouterr() == (f"{folder / 'digits.json'}\n", "")
    assert load_recording("digits", folder).config == digits_config


def test_anything_else_goes_where_it_is_asked_to(
    tmp_path: Path,
    digits_config: ComparisonConfig,
    record_comparison: RecordComparison,
    capsys: pytest.CaptureFixture[str],
) -> None:
    comparison_id = record_comparison(replace(digits_config, preset=None), ANSWERS)
    assert main(["record", comparison_id]) == 2
    assert "--output" in capsys.readouterr().err
    assert main(["record", comparison_id, "--output", str(tmp_path / "digits.json")]) == 0
    assert load_recording("digits", tmp_path).config.preset is None


def test_what_cannot_be_recorded_is_one_line(
    store: Store, tmp_path: Path, digits_config: ComparisonConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = store.add_comparison(digits_config, owner=None)
    for arguments in (["a" * 16], [waiting], [waiting, "--output", str(tmp_path / "missing" / "file.json")]):
        assert main(["record", *arguments]) == 2
        captured = capsys.readouterr()
        assert (captured.out, captured.err.count("\n")) == ("", 1)
