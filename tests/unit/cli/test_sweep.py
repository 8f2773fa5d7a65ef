"""`sweep` around a scheduler that trains nothing: what is written where, the exit status, and what goes on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.runs.test_cells import server
from tests.unit.sweeps.conftest import share
from tlvsft.cli import main, sweep
from tlvsft.cli.sweep_progress import SweepDisplay, describe_progress
from tlvsft.config import RunConfig
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.cells import Cells
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.sweeps import SweepResults, read_sweep

SMALL = ("--labels", "10,100", "--methods", "linear_probe,full,from_scratch", "--seeds", "1")
RIGHT = {"linear_probe": {10: 70, 100: 90}, "full": {10: 40, 100: 98}, "from_scratch": {10: 10, 100: 60}, "partial": {}}
Outcome = Callable[[RunConfig], "int | str"]
"""For each run how many of 100 are right, or why it failed."""


class DrillScheduler:
    """Computes the cells that wait at the moment of submission, as the test says."""

    outcome: Outcome
    computed: list[RunConfig]
    interrupts = False

    def __init__(self, store: Store) -> None:
        self.store = store
        self.server_id = server(store)

    def start(self) -> None:
        pass

    def submit_sweep(self, plan: SweepPlan, *, owner: str | None) -> str:
        keys = tuple(str(run) for run in plan.runs)
        sweep_id = Sweeps(self.store.database).submit(plan, keys, owner=owner, server_id=self.server_id)
        cells = Cells(self.store.database)
        while (key := cells.claim_next(self.server_id, slots=99)) and not type(self).interrupts:
            cell = cells.find(key)
            assert cell is not None
            type(self).computed.append(cell.config)
            self._end(cells, cell.key, type(self).outcome(cell.config))
        return sweep_id

    def _end(self, cells: Cells, key: str, told: int | str) -> None:
        if isinstance(told, str):
            cells.fail(key, told)
            return
        result = {
            "test_accuracy": told / 100,
            "elapsed_s": 2.0,
            "reused_s": 0.0,
            "peak_memory_bytes": 10**8,
            "source_perplexity_before": 110.0,
            "source_perplexity_after": 120.0,
        }
        correct = np.packbits(np.array(share(told))).tobytes()
        cells.finish(key, ProcessIdentity.own(), result=result, correct=correct, examples=100, train_examples=10)

    def stop_sweep(self, sweep_id: str) -> None:
        Sweeps(self.store.database).stop(sweep_id, viewer=None)

    def close(self) -> None:
        Sweeps(self.store.database).interrupt(self.server_id)


def as_told(run: RunConfig) -> int | str:
    return RIGHT[run.variant.method].get(run.labels or 0, 50)


@pytest.fixture
def train_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def install(outcome: Outcome = as_told, *, interrupts: bool = False) -> type[DrillScheduler]:
        members = {"outcome": staticmethod(outcome), "computed": [], "interrupts": interrupts}
        scheduler = type("Scheduler", (DrillScheduler,), members)
        monkeypatch.setattr("tlvsft.runs.scheduler.Scheduler", scheduler)
        monkeypatch.setattr(sweep, "POLL_S", 0.0)
        return scheduler

    return install


def test_stdout_is_the_json_alone(train_with: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    train_with()
    assert main(["sweep", "labels", *SMALL, "--json", "-"]) == 0
    output = capsys.readouterr()
    document = json.loads(output.out)
    assert (document["schema"], document["state"], document["total"]) == (1, "finished", 6)
    assert document["config"]["labels"] == [10, 100]
    assert f"Sweep {document['sweep_id']}: 6 runs" in output.err


def test_a_table_with_intervals_crossings_and_readings(
    train_with: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train_with()
    files = ["--json", str(tmp_path / "s.json"), "--csv", str(tmp_path / "s.csv")]
    assert main(["sweep", "labels", *SMALL, *files]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "digits, on glyphs-resnet, 1 seed"
    assert lines[2].split("  ")[0].strip() == "labels"
    assert lines[3].split()[:4] == ["10", "70.0", "%", "(60.4–78.1)"]
    assert "test examples alone" in lines[6]
    text = " ".join(lines)
    assert "With 10 labels linear probe is ahead (70.0 %)" in text
    assert "surely between 10 and 100" in text
    assert "times as many" in text
    assert json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["label_ratio"]["labels"] == 10
    rows = list(csv.DictReader(io.StringIO((tmp_path / "s.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 6
    assert rows[0]["source_perplexity_after"] == "120.0"


def test_depth_has_a_row_for_each_number_of_frozen_units_and_each_line(
    train_with: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    train_with()
    assert main(["sweep", "depth", "--depths", "0,2,5", "--methods", "full", "--seeds", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "digits, 50 labels, on glyphs-resnet, 2 seeds"
    assert [line.split("  ")[0] for line in lines[3:7]] == [
        "0 (nothing)",
        "2 (up to block 0)",
        "5 (everything)",
        "Full fine-tuning",
    ]
    assert lines[3].endswith("2.0 s  100 MB  110.0 → 120.0")
    assert "most is right with nothing frozen" in " ".join(lines)


def test_the_same_command_computes_nothing_twice(
    train_with: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler = train_with()
    assert main(["sweep", "labels", *SMALL]) == 0
    assert main(["sweep", "labels", *SMALL]) == 0
    assert len(scheduler.computed) == 6
    assert "6 runs, 6 of them computed before" in capsys.readouterr().err
    assert main(["sweep", "labels", *SMALL[:-1], "2"]) == 0
    assert len(scheduler.computed) == 12


def test_a_failed_run_is_named_and_tried_again(
    train_with: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    train_with(lambda run: "Out of memory." if run.variant.method == "full" else as_told(run))
    assert main(["sweep", "labels", *SMALL]) == 0
    output = capsys.readouterr()
    assert "Full fine-tuning, 10 labels, seed 0 failed: Out of memory." in output.err
    assert "2 runs failed; the same command tries again:" in output.out
    scheduler = train_with()
    assert main(["sweep", "labels", *SMALL]) == 0
    assert {run.variant.method for run in scheduler.computed} == {"full"}


def test_a_sweep_without_any_result_is_a_failure(
    train_with: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train_with(lambda _: "The loss became infinite.")
    assert main(["sweep", "labels", *SMALL, "--json", str(tmp_path / "s.json")]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.splitlines()[-1] == "None of the 6 runs finished: The loss became infinite."
    assert not (tmp_path / "s.json").exists()


def test_ctrl_c_keeps_what_has_finished(
    train_with: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(_self: SweepDisplay, _results: SweepResults) -> None:
        raise KeyboardInterrupt

    train_with(interrupts=True)
    with monkeypatch.context() as patch:
        patch.setattr(SweepDisplay, "show", interrupt)
        assert main(["sweep", "labels", *SMALL]) == 130
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("Stopped: 0 of 6 runs are kept as sweep ")
    assert output.err.endswith("the same command goes on.\n")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["width"], "Unknown sweep 'width'"),
        (["labels", "--preset", "noisy-labels"], "breaks something on purpose"),
        (["labels", "--preset", "adapt-to-book-reviews"], "tells no classes apart"),
        (["labels", "--preset", "digit"], "did you mean 'digits'"),
        (["labels", "--methods", "ful"], "did you mean 'full'"),
        (["labels", "--methods", ""], "needs a method"),
        (["labels", "--methods", "full,"], "Unknown method ''"),
        (["labels", "--labels", "5"], "5 labels don't fit"),
        (["labels", "--labels", "10,10"], "is there twice"),
        (["labels", "--depths", "1"], "has no depths"),
        (["labels", "--seeds", "0"], "seeds must be from 1 to 20"),
        (["labels", "--epochs", "0"], "epochs must be from 1"),
        (["labels", "--backbone", "wiki-gpt", "--dataset", "digits"], "choose 'glyphs-resnet'"),
        (["labels", "--dataset", "digits", "--label-column", "x"], "leave out --label-column"),
        (["labels", "--dataset", "missing.csv"], "No dataset at"),
        (["labels", "--json", "{tmp}"], "Can't write JSON"),
        (["labels", "--csv", "{tmp}"], "Can't write CSV"),
        (["labels", "--csv", "-"], "Can't write CSV to stdout"),
        (["labels", "--csv", "{tmp}/no/such/file.csv"], "Can't write CSV"),
        (["depth", "--labels", "10,20"], "one number of labels"),
        (["depth", "--depths", "6"], "depths must be from 0 to 5, not 6"),
        (["depth", "--methods", "partial"], "is the curve of a sweep over depth"),
    ],
)
def test_bad_input_is_one_line(
    train_with: Callable[..., Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    arguments: list[str],
    reason: str,
) -> None:
    scheduler = train_with()
    assert main(["sweep", *(part.replace("{tmp}", str(tmp_path)) for part in arguments)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert reason in line
    assert scheduler.computed == []


def test_sweeps_are_listed_and_deleted(
    train_with: Callable[..., Any], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", "sweeps"]) == 0
    assert "python -m tlvsft sweep labels" in capsys.readouterr().out
    train_with()
    assert main(["sweep", "labels", *SMALL]) == 0
    capsys.readouterr()
    assert main(["list", "sweeps", "--json", "-"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["sweeps"]
    assert (row["state"], row["kind"], row["axis"], row["runs"], row["finished"]) == (
        "finished",
        "labels",
        [10, 100],
        6,
        6,
    )
    assert main(["list", "sweeps"]) == 0
    assert row["id"] in capsys.readouterr().out
    assert main(["delete", row["id"]]) == 2
    assert "Nothing brings this sweep back" in capsys.readouterr().err
    assert main(["delete", row["id"], "--yes"]) == 0
    assert capsys.readouterr().out == f"{row['id']}\n"
    assert Sweeps(store.database).list_visible(viewer=None) == []


def test_a_terminal_has_one_line_that_is_redrawn(
    train_with: Callable[..., Any], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    train_with()
    assert main(["sweep", "labels", *SMALL]) == 0
    (sweep_id,) = (record.id for record in Sweeps(store.database).list_visible(viewer=None))
    results = read_sweep(store, sweep_id, viewer=None)
    terminal = Terminal()
    display = SweepDisplay(terminal)
    display.show(results)
    display.show(results)
    assert terminal.getvalue().count("▓" * 20) == 2
    assert terminal.getvalue().count("\x1b[1F\x1b[2K") == 1
    assert describe_progress(results) == "6 of 6 runs"
