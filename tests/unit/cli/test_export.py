"""`export`: what it writes where, and what it says to nonsense."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tlvsft.cli import main
from tlvsft.config import ComparisonConfig
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False], ("right", 0): [True, True]}


@pytest.fixture
def finished(digits_config: ComparisonConfig, record_comparison: RecordComparison) -> str:
    return record_comparison(digits_config, ANSWERS)


def test_report_and_numbers(finished: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, numbers = tmp_path / "r.html", tmp_path / "n.json"
    assert main(["export", finished, "--report", str(report), "--json", str(numbers)]) == 0
    assert capsys.readouterr() == (f"{report}\n{numbers}\n", "")
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(numbers.read_text(encoding="utf-8"))["comparison_id"] == finished


def test_json_on_stdout_stands_alone(finished: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", finished, "--report", str(tmp_path / "r.html"), "--json", "-"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["schema"] == 1
    assert captured.err == f"{tmp_path / 'r.html'}\n"


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with a folder that isn't empty, and a file."""
    folder = tmp_path / "workplace"
    (folder / "full").mkdir(parents=True)
    (folder / "full" / "file").touch()
    (folder / "file.txt").touch()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Say what to export: --report FILE, --json FILE, --model FOLDER or --script FOLDER."),
        (["--model", "new"], "A model and a program are of one side: add --side left or --side right."),
        (["--model", "new", "--side", "up"], "A model and a program are of one side"),
        (["--model", "full", "--side", "left"], "'full' isn't empty: name a new folder."),
        (["--script", "file.txt", "--side", "left"], "'file.txt' isn't empty: name a new folder."),
        (["--script", "new", "--side", "left", "--seed", "7"], "has no seed 7: choose from 0 to 0."),
        (["--model", "new", "--side", "left"], "This run has no trained model"),
        (["--report", "nowhere/r.html"], "Can't write"),
    ],
)
def test_nonsense_is_refused_in_one_line(
    arguments: list[str],
    complaint: str,
    finished: str,
    workplace: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(path.name for path in workplace.iterdir())
    assert main(["export", finished, *arguments]) == 2
    captured = capsys.readouterr()
    assert complaint in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert sorted(path.name for path in workplace.iterdir()) == before


def test_a_comparison_on_its_way_has_to_end_first(
    store: Store, digits_config: ComparisonConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison_id = store.add_comparison(digits_config, owner=None)
    assert main(["export", comparison_id, "--report", str(tmp_path / "r.html")]) == 2
    assert "isn't over yet" in capsys.readouterr().err
