"""The command as a whole: really once, and with measuring replaced."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import transfer
from benchmarks.transfer_benchmark.grid import SEEDS, TASKS, cells_of, is_quick
from benchmarks.transfer_benchmark.identity import Identities
from benchmarks.transfer_benchmark.measuring import Job
from benchmarks.transfer_benchmark.results import ResultsFile
from tests.unit.benchmarks.synthetic import GOOD, TRAIN_SIZES, measured

Command = Callable[..., int]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs the benchmark with its files in `tmp_path`, and without `../shared`."""
    shared = tmp_path / "shared"
    return lambda *arguments: transfer.main(
        [*arguments, "--json", str(tmp_path / "transfer.json"), "--shared", str(shared)]
    )


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Replaces measuring, and draws nothing; lists what was to be measured."""
    seen: list[Job] = []

    def measure_all(jobs: Any, *, on_measured: Any, **_: object) -> None:
        for job in jobs:
            seen.append(job)
            on_measured(measured(job.cell, GOOD[job.cell.method], job.key))

    monkeypatch.setattr(transfer, "measure_all", measure_all)
    monkeypatch.setattr(transfer, "draw", lambda *_: None)
    return seen


CENTROIDS = ("--only", "digits", "--methods", "nearest_centroid", "--labels", "20", "--seeds", "1", "--jobs", "1")


def test_a_second_run_trains_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*CENTROIDS) == 0
    first = capsys.readouterr()
    assert "Cells to measure: 1; kept from before: 0." in first.err
    document = json.loads((tmp_path / "transfer.json").read_text())
    (found,) = document["cells"]
    assert found["accuracy"] > 0.5
    assert (found["examples"], found["test_examples"]) == (20, 270)
    assert f"{100 * found['accuracy']:.1f} (n=1)" in first.out
    assert document["accuracies"][0]["accuracy"] == found["accuracy"]
    assert (tmp_path / "transfer.svg").read_text().count("digits · glyphs-resnet") == 1

    monkeypatch.setattr(transfer, "measure_all", lambda jobs, **_: pytest.fail("measured again") if jobs else None)
    assert command(*CENTROIDS) == 0
    second = capsys.readouterr()
    assert "Cells to measure: 0; kept from before: 1." in second.err
    assert second.out == first.out
    assert json.loads((tmp_path / "transfer.json").read_text()) == document


def test_replaced_weights_make_a_cell_stale(
    command: Command, jobs: list[Job], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = ("--only", "digits", "--methods", "linear_probe,from_scratch", "--labels", "50", "--seeds", "1")
    command(*chosen)
    jobs.clear()
    capsys.readouterr()
    original = Identities.backbone
    monkeypatch.setattr(
        Identities,
        "backbone",
        lambda self, name, *, pretrained: "new" if pretrained else original(self, name, pretrained=pretrained),
    )
    command(*chosen, "--table")
    shown = capsys.readouterr()
    assert "linear_probe  " not in shown.out.split("Label ratios")[0]
    assert "from_scratch  50.0" in shown.out
    assert "Stale and left out: 1 cells" in shown.err

    command(*chosen)
    assert [job.cell.method for job in jobs] == ["linear_probe"]
    assert "Stale" not in capsys.readouterr().err


def test_again_measures_what_still_holds(command: Command, jobs: list[Job]) -> None:
    command(*CENTROIDS[:-2], "--methods", "full")
    command(*CENTROIDS[:-2], "--methods", "full", "--again")
    assert len(jobs) == 2
    assert jobs[0] == jobs[1]


def test_quick_measures_what_is_there_and_says_what_is_not(
    command: Command, jobs: list[Job], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--quick") == 0
    wanted = {
        place
        for name in ("digits", "book-genres")
        for place in cells_of(TASKS[name], train_size=TRAIN_SIZES[name], seeds=SEEDS)
        if is_quick(place)
    }
    assert {job.cell for job in jobs} == wanted
    complaints = capsys.readouterr().err
    assert complaints.count("Left out") == 6
    assert "ag-news (" in complaints


def test_check_fails_on_a_missed_target_alone(
    command: Command, jobs: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("--quick", "--check") == 0
    monkeypatch.setitem(GOOD, "linear_probe", 0.5)
    chosen = ("--quick", "--only", "digits", "--methods", "linear_probe", "--again")
    assert command(*chosen) == 0
    assert command(*chosen, "--check") == 1
    assert command("--table", "--check") == 1


def test_what_was_finished_before_an_interrupt_is_kept_and_reported(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure_two(jobs: Any, *, on_measured: Any, **_: object) -> None:
        for job in jobs[:2]:
            on_measured(measured(job.cell, 0.5, job.key))
        raise KeyboardInterrupt

    monkeypatch.setattr(transfer, "measure_all", measure_two)
    assert command("--only", "digits", "--methods", "full") == 130
    assert len(list(ResultsFile(tmp_path / "transfer.json"))) == 2
    heard = capsys.readouterr()
    assert "Interrupted with 2 of 30 cells" in heard.err
    assert "full" in heard.out


def test_a_cell_that_cannot_be_measured_is_told_and_not_kept(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(transfer, "measure_all", lambda jobs, *, on_problem, **_: on_problem(jobs[0], "No memory."))
    assert command(*CENTROIDS) == 1
    assert "seed 0 couldn't be measured: No memory." in capsys.readouterr().err
    assert list(ResultsFile(tmp_path / "transfer.json")) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "digit"), "did you mean 'digits'"),
        (("--methods", "ful"), "did you mean 'full'"),
        (("--backbones", "gpt2"), "Unknown backbone"),
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
    assert heard.out == ""


def test_a_table_of_nothing_leaves_no_file(command: Command, tmp_path: Path) -> None:
    assert command("--table") == 0
    assert not (tmp_path / "transfer.json").exists()


@pytest.mark.parametrize("arguments", [("--labels", "0"), ("--labels", "some"), ("--seeds", "-1"), ("--jobs", "x")])
def test_bad_numbers_are_refused(command: Command, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        command(*arguments)
    assert caught.value.code == 2


def test_markdown_goes_to_stdout_or_between_the_marks(
    command: Command, jobs: list[Job], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("--only", "digits", "--methods", "full", "--labels", "50", "--markdown")
    printed = capsys.readouterr().out
    assert "| full | 97.0 ± 0.0 |" in printed
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- transfer: begin -->\n<!-- transfer: end -->\nb\n")
    command("--table", "--markdown", str(readme))
    assert printed.strip() in readme.read_text()
    assert capsys.readouterr().out == ""
