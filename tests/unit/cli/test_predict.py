"""`predict` around an engine that answers at once: which run is asked, what is read, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from tests.unit.language_runs import LANGUAGE_CONFIG, record_language_runs
from tlvsft.cli import main
from tlvsft.cli.predict import prediction_table, read_input
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.inputs import ImageInput
from tlvsft.runs.predictor import NextWords
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store

Record = Callable[..., str]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Puts a drill in the engine's place; holds what it was asked."""
    questions: list[tuple[str, Any]] = []

    def answer(store: Store, run_id: str, given: Any) -> SimpleNamespace:
        questions.append((run_id, given))
        shares = [0.25, 0.75] if "left" in run_id else [0.9, 0.1]
        return SimpleNamespace(class_names=("good", "bad"), probabilities=shares)

    monkeypatch.setattr("tlvsft.runs.inference.predict_once", answer)
    return questions


def test_both_models_of_the_first_seed_answer(
    asked: list[tuple[str, Any]],
    record_comparison: Record,
    digits_config: ComparisonConfig,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = replace(digits_config, backbone="wiki-gpt", dataset=DatasetConfig(name="book-reviews"), seed=3, seeds=2)
    comparison_id = record_comparison(config, {(side, seed): [True] for side in ("left", "right") for seed in (3, 4)})
    (tmp_path / "review.txt").write_text("\ufeffA fine book.", encoding="utf-8")
    assert main(["predict", comparison_id, str(tmp_path / "review.txt"), "--json", "-"]) == 0
    assert [(run_id, given.text) for run_id, given in asked] == [
        (f"{comparison_id}-left-3", "A fine book."),
        (f"{comparison_id}-right-3", "A fine book."),
    ]
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["schema", "comparison_id", "task", "seed", "file", "predictions"]
    left, right = document["predictions"]
    assert left == {
        "side": "left",
        "method": "linear_probe",
        "predicted": "bad",
        "classes": [{"name": "bad", "probability": 0.75}, {"name": "good", "probability": 0.25}],
    }
    assert right["predicted"] == "good"


def test_language_models_go_on_with_a_text(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison_id = record_language_runs(store, LANGUAGE_CONFIG, {("left", 0): 71.9, ("right", 0): 68.1})
    asked: list[tuple[str, str]] = []

    def answer(_store: Store, comparison: ComparisonRecord, prompt: str) -> dict[str, NextWords]:
        asked.append((comparison.id, prompt))
        words = {"before": (("river", 0.25), ("town", 0.125)), "left": (("novel", 0.5),), "right": (("plot", 0.75),)}
        return {name: NextWords(words=found, continuation=f" of {name}", step=1) for name, found in words.items()}

    monkeypatch.setattr("tlvsft.runs.inference.next_words_once", answer)
    (tmp_path / "prompt.txt").write_text("this book is", encoding="utf-8")
    assert main(["predict", comparison_id, str(tmp_path / "prompt.txt")]) == 0
    assert asked == [(comparison_id, "this book is")]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[0] == "before"
    assert lines[1].split() == ["river", "25.0", "%", "novel", "50.0", "%", "plot", "75.0", "%"]
    assert lines[2].split() == ["town", "12.5", "%"]
    assert lines[-1] == "right: Full fine-tuning writes: … of right"
    assert main(["predict", comparison_id, str(tmp_path / "prompt.txt"), "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["task"] == "language_modeling"
    assert document["before"]["words"][0] == {"word": "river", "probability": 0.25}
    assert [side["side"] for side in document["predictions"]] == ["left", "right"]
    assert document["predictions"][0]["continuation"] == " of left"


def test_the_table_sets_both_sides_next_to_each_other() -> None:
    classes = [{"name": f"c{number}", "probability": number / 66} for number in range(12)]
    sides = [{"side": side, "method": "full", "predicted": "c11", "classes": classes} for side in ("left", "right")]
    lines = prediction_table({"predictions": sides}).splitlines()
    assert lines[1].split() == ["c11", "16.7", "%", "16.7", "%"]
    assert "(2 less probable classes not shown)" in lines
    assert lines[-1] == "left says c11, right says c11"


@pytest.mark.parametrize(
    ("mode", "side", "drawn"), [("L", 32, False), ("L", 280, True), ("RGB", 32, True), ("RGBA", 100, True)]
)
def test_an_image_is_passed_on_and_counts_as_a_drawing_unless_it_is_a_finished_digit(
    mode: str, side: int, *, drawn: bool, tmp_path: Path
) -> None:
    path = tmp_path / "digit.png"
    Image.new(mode, (side, side)).save(path)
    assert read_input(path, modality="image") == ImageInput(png_bytes=path.read_bytes(), drawn=drawn)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.txt", None, "No such file"),
        ("latin.txt", b"caf\xe9", "not UTF-8"),
        ("long.txt", b"a" * 100_000, "too large"),
        (".", None, "is a folder"),
        ("nothing/here.txt", None, "Can't read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=message):
        read_input(tmp_path / name, modality="text")


@pytest.mark.parametrize("comparison", ["nosuchcomparison", "../elsewhere", "report.json", "", ".", "x" * 100_000])
def test_what_is_no_id_is_refused(comparison: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", comparison, str(tmp_path / "any.txt")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "list comparisons" in line
    assert len(line) < 200


def test_a_comparison_that_has_not_finished_is_refused(
    record_comparison: Record, digits_config: ComparisonConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = record_comparison(digits_config, {("left", 0): [True]})
    assert main(["predict", waiting, str(tmp_path / "any.png")]) == 2
    assert capsys.readouterr().err == f"Comparison {waiting} is still queued: wait until it has finished.\n"
