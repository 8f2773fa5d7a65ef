"""`compare` around a scheduler that trains nothing: what is written where, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlvsft.cli import compare, main
from tlvsft.config import ComparisonConfig
from tlvsft.events import RunFailed
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

Work = Callable[[Store, str], None]


class DrillScheduler:
    """Does its work, given by the test, at the moment of submission."""

    work: Work
    closed = 0
    stopped: str | None = None

    def __init__(self, store: Store) -> None:
        self.store = store

    def start(self) -> None:
        pass

    def submit(self, config: ComparisonConfig, *, owner: str | None) -> str:
        comparison_id = self.store.add_comparison(config, owner=owner)
        type(self).work(self.store, comparison_id)
        return comparison_id

    def stop(self, comparison_id: str) -> None:
        type(self).stopped = comparison_id
        self.store.request_stop(comparison_id)

    def queue_place(self, _comparison_id: str) -> None:
        return None

    def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def train_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], type[DrillScheduler]]:
    def install(work: Work) -> type[DrillScheduler]:
        scheduler = type("Scheduler", (DrillScheduler,), {"work": staticmethod(work)})
        monkeypatch.setattr("tlvsft.runs.scheduler.Scheduler", scheduler)
        return scheduler

    return install


@pytest.fixture
def finish(finish_runs: Callable[..., None]) -> Work:
    def work(store: Store, comparison_id: str) -> None:
        runs = store.comparison(comparison_id).runs
        finish_runs(store, comparison_id, {(run.side, run.seed): [True, False] for run in runs})

    return work


def fail_left(*, invalid_input: bool) -> Work:
    def work(store: Store, comparison_id: str) -> None:
        for run in store.comparison(comparison_id).runs:
            store.begin_run(run.id, ProcessIdentity.own())
            failure = RunFailed(message="Out of luck: try again.", invalid_input=invalid_input)
            store.end_run(run.id, "failed", event=failure)

    return work


def test_stdout_is_the_json_alone(
    train_with: Callable[[Work], Any], finish: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler = train_with(finish)
    assert main(["compare", "--seeds", "2", "--json", "-"]) == 0
    output = capsys.readouterr()
    assert len(json.loads(output.out)["variants"]) == 4
    assert "training 10 of 100 parameters" in output.err
    assert scheduler.closed == 1


def test_a_file_gets_the_json_and_stdout_the_table(
    train_with: Callable[[Work], Any], finish: Work, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train_with(finish)
    assert main(["compare", "--json", str(tmp_path / "report.json")]) == 0
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["comparison_id"] in capsys.readouterr().out


def test_the_comparison_belongs_to_the_machine(train_with: Callable[[Work], Any], finish: Work, store: Store) -> None:
    train_with(finish)
    assert main(["compare"]) == 0
    (comparison,) = store.comparisons(owner="some browser")
    assert comparison.owner is None


@pytest.mark.parametrize(("invalid_input", "status"), [(False, 1), (True, 2)])
def test_a_failed_run_is_a_status_and_a_line(
    invalid_input: bool,
    status: int,
    train_with: Callable[[Work], Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scheduler = train_with(fail_left(invalid_input=invalid_input))
    assert main(["compare", "--json", str(tmp_path / "report.json")]) == status
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.endswith("Out of luck: try again.")
    assert not (tmp_path / "report.json").exists()
    assert scheduler.closed == 1


def test_ctrl_c_stops_the_runs_and_keeps_them(
    train_with: Callable[[Work], Any],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def press_ctrl_c(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    scheduler = train_with(lambda _store, _id: None)
    monkeypatch.setattr(compare, "follow", press_ctrl_c)
    assert main(["compare", "--json", "-"]) == 130
    (comparison,) = store.comparisons(owner=None)
    assert scheduler.stopped == comparison.id
    assert {run.state for run in comparison.runs} == {"stopped"}
    assert capsys.readouterr() == ("", f"Stopped: what was learnt is kept as comparison {comparison.id}.\n")


def test_a_stop_from_the_page_is_an_interruption(
    train_with: Callable[[Work], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    train_with(lambda store, comparison_id: store.request_stop(comparison_id))
    assert main(["compare"]) == 130
    assert capsys.readouterr().err.startswith("Stopped: ")


def test_nothing_is_submitted_when_the_json_could_not_be_written(
    train_with: Callable[[Work], Any], finish: Work, store: Store, tmp_path: Path
) -> None:
    train_with(finish)
    assert main(["compare", "--json", str(tmp_path)]) == 2
    assert store.comparisons(owner=None) == []
