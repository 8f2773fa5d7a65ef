"""The command as a whole, with measuring replaced."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import speed
from benchmarks.speed_benchmark import items
from benchmarks.speed_benchmark.figures import keys_of
from benchmarks.speed_benchmark.items import ITEMS, Item
from tlvsft.errors import RunError

Command = Callable[..., int]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "speed.json"


@pytest.fixture
def command(file: Path) -> Command:
    return lambda *arguments: speed.main([*arguments, "--json", str(file)])


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int | None]]:
    """Replaces measuring: every figure comes out as its item's number. Lists items and repeats."""
    seen: list[tuple[int, int | None]] = []

    def measure(item: Item, repeats: int | None) -> dict[str, Any]:
        seen.append((item.number, repeats))
        first = keys_of(item.number)[0]
        outcome = {"seconds": [1.0, 3.0], "test_accuracy": 0.805}
        return {
            **dict.fromkeys(keys_of(item.number), float(item.number)),
            "ranges": {first: [0.5, 9.0]},
            "contestants": {"ours": outcome, "pass": {"seconds": [0.1]}} if item.number == 1 else {},
        }

    monkeypatch.setattr(Item, "measure", measure)
    return seen


def test_figures_lie_flat_with_details_and_machine_beside(
    command: Command, file: Path, measured: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 0
    assert measured == [(number, None) for number in range(1, 8)]
    document = json.loads(file.read_text())
    assert document["probe_vs_trainer"] == 1.0
    assert document["viewers_p50_ms"] == 6.0
    assert {"cpu", "flags", "cores", "torch", "transformers"} <= document["machine"].keys()
    assert {"date", "load_average", "contestants"} <= document["details"]["1"].keys()
    shown = capsys.readouterr()
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["probe_vs_trainer", "1", "0.5", "to", "9", "≥", "8", "fail"] in [line[:8] for line in lines]
    assert ["1", "ours", "2", "1", "to", "3", "80.5", "%"] in lines
    assert "1: a linear probe" in shown.err


def test_items_that_are_not_measured_again_stay(command: Command, file: Path, measured: list[Any]) -> None:
    command("--only", "3,1", "--repeats", "2")
    assert measured == [(1, 2), (3, 2)]
    before = json.loads(file.read_text())
    command("--only", "4")
    after = json.loads(file.read_text())
    assert after["probe_vs_trainer"] == before["probe_vs_trainer"]
    assert after["details"]["1"] == before["details"]["1"]
    assert after["pair_vs_sum"] == 4.0


def test_an_item_that_fails_leaves_the_others_alone(
    command: Command,
    file: Path,
    measured: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = Item.measure

    def fail(item: Item, repeats: int | None) -> dict[str, Any]:
        if item.number == 1:
            raise RunError("No memory.")
        return answer(item, repeats)

    monkeypatch.setattr(Item, "measure", fail)
    assert command("--only", "1,2") == 1
    assert "1 couldn't be measured: No memory." in capsys.readouterr().err
    document = json.loads(file.read_text())
    assert "probe_vs_trainer" not in document
    assert document["half_vs_trainer"] == 2.0


def test_check_fails_on_a_missed_target_alone(command: Command, measured: list[Any]) -> None:
    assert command("--only", "2", "--check") == 1  # full_vs_half_vs_flops is 2
    assert command("--only", "2") == 0
    assert command("--table", "--check") == 1


def test_a_table_measures_nothing(command: Command, file: Path, measured: list[Any]) -> None:
    assert command("--table") == 0
    assert measured == []
    assert not file.exists()


def test_markdown_goes_to_stdout_or_between_the_marks(
    command: Command, measured: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("--only", "1", "--markdown")
    printed = capsys.readouterr().out
    assert "| probe_vs_trainer | 1 | 0.5 to 9 | ≥ 8 | fail |" in printed
    assert "| 1 | ours | 2 | 1 to 3 | 80.5 % |" in printed
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- speed: begin -->\n<!-- speed: end -->\nb\n")
    command("--table", "--markdown", str(readme))
    assert printed.strip() in readme.read_text()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "8"), "Unknown item '8'"),
        (("--table", "--markdown", "nowhere.md"), "nowhere.md can't be read"),
        (("--table", "--markdown", os.devnull), "no marks"),
    ],
)
def test_bad_input_is_one_line(
    command: Command, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    assert command(*arguments) == 2
    heard = capsys.readouterr()
    assert complaint in heard.err
    assert len(heard.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("nonsense", "no results of this benchmark"),
        ('{"schema": 2, "machine": {}, "details": {}}', "has schema 2"),
        ('{"schema": 1, "machine": {"cpu": "another"}, "details": {}}', "another machine"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    file: Path, measured: list[Any], capsys: pytest.CaptureFixture[str], content: str, complaint: str
) -> None:
    file.write_text(content)
    assert speed.main(["--only", "1", "--json", str(file)]) == 2
    assert complaint in capsys.readouterr().err
    assert file.read_text() == content
    assert measured == []


@pytest.mark.parametrize("arguments", [("--only", "one"), ("--repeats", "0")])
def test_bad_numbers_are_refused(command: Command, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        command(*arguments)
    assert caught.value.code == 2


def test_an_item_whose_module_or_figure_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match="can't be loaded"):
        Item(1, "", "not_there", "measure").measure(None)
    monkeypatch.setattr(items, "import_module", lambda _: type("Module", (), {"measure": lambda: {"growth": 1.0}}))
    with pytest.raises(RunError, match="growth_spread, growth_memory_mb, peak_fraction didn't come out"):
        Item(7, "", "there", "measure").measure(None)


def test_every_item_has_figures() -> None:
    assert all(keys_of(number) for number in ITEMS)
