"""The command line as users run it: its own process, real backbones, real data."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tlvsft.catalog.presets import PRESETS
from tlvsft.cli import main
from tlvsft.config import ComparisonConfig
from tlvsft.runs.records import RunRecord
from tlvsft.runs.store import Store

PATIENCE_S = 120.0
SHORT = ("--preset", "digits", "--labels", "20", "--epochs", "2")
WORDS = ("long", "short", "old", "new")
ENDLESS = ("--preset", "digits", "--labels", "500", "--epochs", "500")


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, format="PNG")
    return buffer.getvalue()


def tlvsft(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tlvsft", *arguments],
        env={**os.environ, "TLVSFT_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@contextmanager
def started(*arguments: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """A command that is still running, started as a script's background job: with SIGINT ignored."""
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(
        [sys.executable, "-m", "tlvsft", *arguments],
        env={**os.environ, "TLVSFT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, heard)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_runs(process: subprocess.Popen[str], home: Path, ready: Callable[[RunRecord], bool]) -> list[RunRecord]:
    """The runs of the only comparison, as soon as each is `ready`."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"ended early with status {process.returncode}: {process.communicate()[1]}")
        store = Store(home)
        runs = [run for comparison in store.comparisons(owner=None) for run in comparison.runs]
        store.close()
        if runs and all(map(ready, runs)):
            return runs
        time.sleep(0.1)
    pytest.fail("the runs didn't get ready")


def has_stepped(home: Path) -> Callable[[RunRecord], bool]:
    def check(run: RunRecord) -> bool:
        store = Store(home)
        events = store.events(run.id)
        store.close()
        return len(events) > 2

    return check


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def home(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the finished comparison, for commands in this process."""
    monkeypatch.setenv("TLVSFT_HOME", str(shared_home))
    return shared_home


@pytest.fixture(scope="module")
def finished(shared_home: Path) -> subprocess.CompletedProcess[str]:
    """A short comparison of digits over two seeds, with `--json -`."""
    return tlvsft("compare", *SHORT, "--seeds", "2", "--json", "-", home=shared_home)


@pytest.fixture(scope="module")
def report(finished: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert finished.returncode == 0, finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout)
    return document


def test_the_report_follows_schema_1(report: dict[str, Any]) -> None:
    assert report["schema"] == 1
    config = ComparisonConfig.from_dict(report["config"])
    assert (config.preset, config.labels, config.epochs, config.seeds) == ("digits", 20, 2, 2)
    assert [(run["side"], run["seed"]) for run in report["variants"]] == [
        ("left", 0),
        ("right", 0),
        ("left", 1),
        ("right", 1),
    ]
    for run in report["variants"]:
        check_run(run)
    verdict = report["verdict"]
    assert verdict["winner"] in {"left", "right", "tie"}
    low, high = verdict["ci95"]
    assert -1 <= low <= verdict["difference"] <= high <= 1
    assert 0 <= verdict["p_value"] <= 1
    accuracies = {
        side: [run["test_accuracy"] for run in report["variants"] if run["side"] == side] for side in ("left", "right")
    }
    assert verdict["difference"] == pytest.approx(sum(accuracies["right"]) / 2 - sum(accuracies["left"]) / 2)


def check_run(run: dict[str, Any]) -> None:
    is_probe = run["method"] == "linear_probe"
    assert run["method"] == ("linear_probe" if run["side"] == "left" else "full")
    assert run["frozen_intact"] is (True if is_probe else None)
    assert (run["trainable_parameters"] < run["total_parameters"]) == is_probe
    for fraction in (run["test_accuracy"], run["test_macro_f1"]):
        assert 0 <= fraction <= 1
    assert 0 < run["train_s"] < run["elapsed_s"] < PATIENCE_S
    assert run["examples_per_s"] > 0
    assert run["peak_memory_bytes"] > 1_000_000
    assert [point["step"] for point in run["history"]] == list(range(1, run["steps"] + 1))
    assert all(point["train_loss"] > 0 and 0 < point["epoch"] <= 2 for point in run["history"])
    assert run["evaluations"][-1]["step"] == run["steps"]
    assert all(0 <= point["val_accuracy"] <= 1 for point in run["evaluations"])


def test_progress_is_on_stderr_without_chatter(finished: subprocess.CompletedProcess[str]) -> None:
    lines = finished.stderr.splitlines()
    assert sum("parameters" in line for line in lines) == 4
    assert [line for line in lines if not line.startswith(("left", "right", "Note: ", "Waiting: "))] == []


@pytest.mark.usefixtures("home")
def test_both_models_answer_about_an_image(
    report: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from tlvsft.config import DatasetConfig
    from tlvsft.datasets import load_labelled_data

    load_labelled_data(DatasetConfig(name="digits")).test.inputs[0].save(tmp_path / "digit.png")
    assert main(["predict", report["comparison_id"], str(tmp_path / "digit.png"), "--json", "-"]) == 0
    output = capfd.readouterr()
    assert output.err == ""
    for answer in json.loads(output.out)["predictions"]:
        assert {item["name"] for item in answer["classes"]} == set("0123456789")
        assert sum(item["probability"] for item in answer["classes"]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.png", None),
        ("empty.png", b""),
        ("corrupt.png", b"\x89PNG\r\n\x1a\nnonsense"),
        ("text.png", b"This is no image."),
        ("dot.png", png(1, 1)),
        ("huge.png", png(5_000, 1)),
    ],
)
def test_an_image_that_cannot_be_used_is_refused(
    name: str, content: bytes | None, report: dict[str, Any], home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (home / name).write_bytes(content)
    assert main(["predict", report["comparison_id"], str(home / name)]) == 2
    output = capfd.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert "Traceback" not in line


def test_the_comparison_is_listed(report: dict[str, Any], shared_home: Path) -> None:
    listed = json.loads(tlvsft("list", "comparisons", "--json", "-", home=shared_home).stdout)["comparisons"]
    assert (listed[0]["id"], listed[0]["state"]) == (report["comparison_id"], "finished")


@pytest.mark.shared
def test_with_the_source_data_what_is_truly_forgotten_is_in_the_report(shared_dir: Path, tmp_path: Path) -> None:
    done = tlvsft("compare", *SHORT, "--data", str(shared_dir), "--json", "-", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "measured on held-out Omniglot drawings" in done.stderr
    document = json.loads(done.stdout)
    left, right = document["variants"]
    assert left["heldout_accuracy_before"] == left["heldout_accuracy_after"] == pytest.approx(0.8409, abs=1e-4)
    assert (left["source_unchanged"], left["source_agreement"], right["source_unchanged"]) == (True, 1.0, False)
    measured = {measure["measured"]: measure for measure in document["evidence"]["forgotten"]["measures"]}
    assert measured["heldout_accuracy"]["examples"] == 2904
    assert measured["heldout_accuracy"]["sides"]["right"]["after"] == right["heldout_accuracy_after"]
    assert measured["agreement"]["sides"]["right"]["after"] == right["source_agreement"]


def test_ctrl_c_stops_the_runs_and_says_what_is_kept(tmp_path: Path) -> None:
    with started("compare", *ENDLESS, "--json", "-", home=tmp_path) as process:
        wait_for_runs(process, tmp_path, has_stepped(tmp_path))
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, stdout) == (130, "")
    assert stderr.splitlines()[-1].startswith("Stopped: what was learnt is kept as comparison ")
    assert "Traceback" not in stderr
    store = Store(tmp_path)
    (comparison,) = store.comparisons(owner=None)
    assert {run.state for run in comparison.runs} == {"stopped"}
    assert comparison.id in stderr
    store.close()


def test_a_killed_worker_is_a_failed_run(tmp_path: Path) -> None:
    with started("compare", "--preset", "digits", "--labels", "20", "--epochs", "60", home=tmp_path) as process:
        left, right = wait_for_runs(process, tmp_path, has_stepped(tmp_path))
        assert right.pid is not None
        os.kill(right.pid, signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, stdout) == (1, "")
    assert "The right run" in stderr.splitlines()[-1]
    assert "Traceback" not in stderr
    store = Store(tmp_path)
    assert (store.run(left.id).state, store.run(right.id).state) == ("finished", "failed")
    store.close()


def test_a_corpus_of_ones_own_and_a_classifier_that_goes_on_from_it(tmp_path: Path) -> None:
    """The chain by hand: adapt to a text file, then classify reviews from there, with the same and another seed."""
    sentences = (f"The {word} road number {number} goes {word} to the sea." for number in range(60) for word in WORDS)
    (tmp_path / "my.txt").write_text("\n\n".join(sentences), encoding="utf-8")
    adapted = run_report(
        *("--task", "language_modeling", "--dataset", str(tmp_path / "my.txt"), "--left", "partial"),
        *("--labels", "40", "--epochs", "1"),
        home=tmp_path,
    )
    for run in adapted["variants"]:
        assert (run["task"], run["head"], run["test_accuracy"], run["lineage"]) == (
            "language_modeling",
            "kept",
            None,
            [],
        )
        assert 1 < run["perplexity"] < run["perplexity_before"]
        assert run["source_perplexity_before"] > 1
        assert run["evaluations"][-1]["val_perplexity"] > 1

    start = f"{adapted['comparison_id']}-left"
    classified = run_report(
        *("--dataset", "book-reviews", "--left", "full", "--from-right", start),
        *("--labels", "20", "--epochs", "1"),
        home=tmp_path,
    )
    left, right = classified["variants"]
    assert (classified["config"]["backbone"], classified["config"]["right"]["start"]) == ("wiki-gpt", start)
    assert left["lineage"] == []
    (ancestor,) = right["lineage"]
    assert (ancestor["comparison_id"], ancestor["side"], ancestor["method"]) == (*start.split("-"), "partial")
    assert ancestor["perplexity"] == adapted["variants"][0]["perplexity"]
    assert right["total_elapsed_s"] == pytest.approx(right["elapsed_s"] + ancestor["elapsed_s"])
    assert "dapting to my.txt first" in classified["verdict"]["statement"]


def test_three_tasks_run_their_adaptation_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The preset itself adapts to all texts for a minute or two; here its first step is cut to a few of them."""
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path))
    monkeypatch.setitem(PRESETS, "adapt-to-book-reviews", replace(PRESETS["adapt-to-book-reviews"], labels=20))
    assert main(["compare", "--preset", "three-tasks", "--labels", "20", "--epochs", "1", "--json", "-"]) == 0
    output = capfd.readouterr()
    steps = [line for line in output.err.splitlines() if " of 2: " in line]
    assert steps == ["1 of 2: Next words", "2 of 2: Three tasks"]
    report = json.loads(output.out)
    assert [bool(run["lineage"]) for run in report["variants"]] == [False, True]
    with closing(Store(tmp_path)) as store:
        last, first = store.comparisons(owner=None)
    assert (first.config.task, last.config.task) == ("language_modeling", "classification")
    assert last.config.right.start == f"{first.id}-left"


def run_report(*arguments: str, home: Path) -> dict[str, Any]:
    finished = tlvsft("compare", *arguments, "--json", "-", home=home)
    assert finished.returncode == 0, finished.stderr
    report: dict[str, Any] = json.loads(finished.stdout)
    return report


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "--labels", "some"],
        ["compare", "--backbone", "no-such-model"],
        ["compare", "--dataset", "no-such-data"],
        ["compare", "--dataset", __file__],
        ["predict", "nosuchcomparison", __file__],
    ],
)
def test_bad_input_is_one_line_on_stderr(arguments: list[str], tmp_path: Path) -> None:
    refused = tlvsft(*arguments, home=tmp_path, HF_HUB_OFFLINE="1")
    assert (refused.returncode, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert "Traceback" not in line
    assert "usage" not in line
