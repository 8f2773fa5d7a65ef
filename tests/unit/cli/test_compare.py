"""`compare` around a scheduler that trains nothing: what is written where, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.language_runs import finish_language_runs
from tlvsft.cli import compare, main
from tlvsft.config import ComparisonConfig
from tlvsft.events import RunFailed
from tlvsft.runs.launcher import ProcessLauncher
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

Work = Callable[[Store, str], None]


class DrillScheduler:
    """Does its work, given by the test, at the moment of submission, comparison after comparison."""

    work: Work
    closed = 0
    stopped: tuple[str, ...] = ()

    def __init__(self, store: Store, *, launcher: ProcessLauncher) -> None:
        assert launcher is not None
        self.store = store

    def start(self) -> None:
        pass

    def submit_chain(self, configs: Sequence[ComparisonConfig], *, owner: str | None) -> tuple[str, ...]:
        comparison_ids = self.store.add_chain(configs, owner=owner)
        for comparison_id in comparison_ids:
            type(self).work(self.store, comparison_id)
        return comparison_ids

    def stop(self, comparison_id: str) -> None:
        type(self).stopped += (comparison_id,)
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


@pytest.fixture
def finish_either(finish: Work) -> Work:
    """Ends comparisons of either task."""

    def work(store: Store, comparison_id: str) -> None:
        comparison = store.comparison(comparison_id)
        if comparison.config.task == "classification":
            finish(store, comparison_id)
        else:
            finish_language_runs(store, comparison_id, {(run.side, run.seed): 70.0 for run in comparison.runs})

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
    assert scheduler.stopped == (comparison.id,)
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


def test_a_chain_is_followed_step_by_step_and_the_last_one_reported(
    train_with: Callable[[Work], Any], finish_either: Work, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler = train_with(finish_either)
    assert main(["compare", "--preset", "three-tasks", "--seeds", "2", "--labels", "64", "--json", "-"]) == 0
    output = capsys.readouterr()
    last, first = store.comparisons(owner=None)
    assert json.loads(output.out)["comparison_id"] == last.id
    assert (first.config.preset, first.config.labels, first.config.seeds) == ("adapt-to-book-reviews", None, 2)
    assert (last.config.preset, last.config.labels, last.config.seeds) == ("three-tasks", 64, 2)
    steps = [line for line in output.err.splitlines() if " of 2: " in line]
    assert steps == ["1 of 2: Next words", "2 of 2: Three tasks"]
    assert output.err.index("perplexity 141.6 → 70.0") < output.err.index("2 of 2") < output.err.index("test accuracy")
    assert scheduler.closed == 1


@pytest.mark.parametrize(("invalid_input", "status"), [(False, 1), (True, 2)])
def test_the_failure_of_an_earlier_step_is_the_commands(
    invalid_input: bool, status: int, train_with: Callable[[Work], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler = train_with(fail_left(invalid_input=invalid_input))
    assert main(["compare", "--preset", "three-tasks", "--json", "-"]) == status
    output = capsys.readouterr()
    assert output.out == ""
    step, line = output.err.splitlines()
    assert step == "1 of 2: Next words"
    assert line.startswith("1 of 2: Next words: ")
    assert line.endswith("Out of luck: try again.")
    assert scheduler.closed == 1


def test_ctrl_c_stops_the_whole_chain(
    train_with: Callable[[Work], Any],
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def press_ctrl_c(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    scheduler = train_with(lambda _store, _id: None)
    monkeypatch.setattr(compare, "follow", press_ctrl_c)
    assert main(["compare", "--preset", "three-tasks"]) == 130
    last, first = store.comparisons(owner=None)
    assert scheduler.stopped == (last.id, first.id)
    assert {run.state for run in (*first.runs, *last.runs)} == {"stopped"}
    assert capsys.readouterr().err.endswith(f"kept as comparison {first.id}.\n")


def test_a_stop_of_the_first_step_ends_the_chain(
    train_with: Callable[[Work], Any], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    train_with(lambda store, comparison_id: store.request_stop(comparison_id))
    assert main(["compare", "--preset", "three-tasks"]) == 130
    assert "2 of 2" not in capsys.readouterr().err


def test_an_earlier_run_is_looked_up_in_the_store(
    train_with: Callable[[Work], Any], finish_either: Work, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    train_with(finish_either)
    assert main(["compare", "--preset", "adapt-to-book-reviews"]) == 0
    (first,) = store.comparisons(owner=None)
    assert main(["compare", "--preset", "book-reviews", "--left", "full", "--from-right", f"{first.id}:left"]) == 0
    assert store.comparisons(owner=None)[0].config.right.start == f"{first.id}-left"
    capsys.readouterr()
    assert main(["compare", "--from-right", "nosuchcomparison-left"]) == 2
    assert "There is no comparison 'nosuchcomparison'" in capsys.readouterr().err


@pytest.fixture
def source_data_given(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """With which source data workers would be started."""
    given: list[Path | None] = []

    class Recording(ProcessLauncher):
        def __init__(self, home: Path, *, target: Any) -> None:
            super().__init__(home, target=target)
            given.append(target.keywords["source_data"])

    monkeypatch.setattr("tlvsft.runs.launcher.ProcessLauncher", Recording)
    return given


def omniglot(folder: Path) -> Path:
    folder.mkdir()
    (folder / "images_background_small1.zip").write_bytes(b"")
    return folder


def test_source_data_is_handed_to_the_workers_and_said(
    train_with: Callable[[Work], Any],
    finish: Work,
    source_data_given: list[Path | None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    train_with(finish)
    folder = omniglot(tmp_path / "source")
    assert main(["compare", "--data", str(folder)]) == 0
    assert source_data_given == [folder]
    assert "measured on held-out Omniglot drawings" in capsys.readouterr().err


def test_a_variable_names_it_for_backbones_that_have_any(
    train_with: Callable[[Work], Any],
    finish: Work,
    source_data_given: list[Path | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train_with(finish)
    assert main(["compare"]) == 0
    folder = omniglot(tmp_path / "source")
    monkeypatch.setenv("TLVSFT_SOURCE_DATA", str(folder))
    assert main(["compare"]) == 0
    assert source_data_given == [None, folder]


@pytest.mark.parametrize("by_variable", [True, False])
def test_a_wrong_folder_is_refused_before_anything_is_trained(
    train_with: Callable[[Work], Any],
    source_data_given: list[Path | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    by_variable: bool,
) -> None:
    def never(_store: Store, _comparison_id: str) -> None:
        raise AssertionError

    train_with(never)
    if by_variable:
        monkeypatch.setenv("TLVSFT_SOURCE_DATA", str(tmp_path))
    assert main(["compare", *([] if by_variable else ["--data", str(tmp_path)])]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "No Omniglot archives" in line
    assert source_data_given == []
