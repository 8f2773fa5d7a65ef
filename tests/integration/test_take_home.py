"""Real runs, taken home: models that plain transformers loads, and programs that come to the app's own numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoImageProcessor, AutoModel, AutoModelForImageClassification

from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, Side, VariantConfig
from tlvsft.datasets import load_labelled_data
from tlvsft.errors import InvalidInput
from tlvsft.events import FrozenProved, RunFinished
from tlvsft.report.building import Package, build_file, build_folder
from tlvsft.runs.artifacts import WEIGHTS_FILE, load_checkpoint
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.runs.worker import _train, work
from tlvsft.training.restoring import Classifier, restore_classifier
from tlvsft.ui.exports import build_package

DIGITS = ComparisonConfig(
    backbone="glyphs-resnet",
    dataset=DatasetConfig(name="digits"),
    left=VariantConfig(method="from_scratch"),
    right=VariantConfig(method="lp_ft"),
    labels=40,
    epochs=4,
    seed=3,
)
TEXTS = ComparisonConfig(
    backbone="wiki-gpt",
    dataset=DatasetConfig(name="book-reviews"),
    left=VariantConfig(method="linear_probe"),
    right=VariantConfig(method="partial"),
    labels=24,
    epochs=3,
)
WORDS = ComparisonConfig(
    backbone="wiki-gpt",
    dataset=DatasetConfig(name="letters.txt"),
    left=VariantConfig(method="partial"),
    right=VariantConfig(method="gradual_unfreezing"),
    epochs=2,
    task="language_modeling",
)
LETTER = "Dear friend, this is the letter number {0}. We read {0} books by the river, and the weather was fine."
FROZEN_AND_MERGED = ComparisonConfig(
    backbone="glyphs-resnet",
    dataset=DatasetConfig(name="digits"),
    left=VariantConfig(method="nearest_centroid"),
    right=VariantConfig(method="lora"),
    labels=20,
    epochs=1,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(Store(tmp_path_factory.mktemp("home"))) as opened:
        yield opened


def train(store: Store, config: ComparisonConfig, *sides: Side) -> ComparisonRecord:
    comparison_id = store.add_comparison(config, owner=None)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TLVSFT_HOME", str(store.home))
        for run in [store.comparison(comparison_id).run(side) for side in sides]:
            work(store, run.id, threads=1, train=_train, server_alive=lambda: True)
    comparison = store.comparison(comparison_id)
    assert {comparison.run(side).state for side in sides} == {"finished"}, [run.message for run in comparison.runs]
    return comparison


@pytest.fixture(scope="module")
def digits(store: Store) -> ComparisonRecord:
    return train(store, DIGITS, *SIDES)


@pytest.fixture(scope="module")
def texts(store: Store) -> ComparisonRecord:
    return train(store, TEXTS, *SIDES)


@pytest.fixture(scope="module")
def words(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ComparisonRecord:
    letters = tmp_path_factory.mktemp("letters") / "letters.txt"
    letters.write_text("\n\n".join(LETTER.format(number) for number in range(60)), encoding="utf-8")
    return train(store, replace(WORDS, dataset=DatasetConfig(name=str(letters))), "right")


@pytest.fixture(scope="module")
def merged(store: Store) -> ComparisonRecord:
    return train(store, FROZEN_AND_MERGED, *SIDES)


def restore(store: Store, run_id: str) -> Classifier:
    checkpoint = load_checkpoint(store.run_folder(run_id))
    return restore_classifier(
        checkpoint.config,
        changed_tensors=checkpoint.changed_tensors,
        class_names=checkpoint.class_names,
        backbone_fingerprint=checkpoint.backbone_fingerprint,
    )


def run_program(folder: Path, name: str, *arguments: str) -> str:
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, name, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers_of(printed: str) -> dict[str, tuple[float, float]]:
    """What a program printed: for each number its own and the app's."""
    rows = [line.split() for line in printed.splitlines()[1:]]
    return {name: (float(here), float(app)) for name, here, app in rows}


@pytest.mark.parametrize(
    ("fixture", "side"), [("digits", "left"), ("digits", "right"), ("texts", "left"), ("texts", "right")]
)
def test_the_program_comes_to_the_numbers_of_the_app(
    fixture: str, side: str, store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    comparison: ComparisonRecord = request.getfixturevalue(fixture)
    run = comparison.run("left" if side == "left" else "right")
    build_folder(store, run, "script", tmp_path)
    assert "tlvsft." not in (tmp_path / "reproduce.py").read_text(encoding="utf-8")
    assert len((tmp_path / "reproduce.py").read_text(encoding="utf-8").splitlines()) <= 230
    found = numbers_of(run_program(tmp_path, "reproduce.py"))
    finish = next(event for _, event in store.events(run.id) if isinstance(event, RunFinished))
    assert found["first_loss"][0] == pytest.approx(found["first_loss"][1], rel=1e-4)
    assert found["last_loss"][0] == pytest.approx(found["last_loss"][1], rel=1e-3)
    assert found["val_loss"][0] == pytest.approx(found["val_loss"][1], rel=1e-3)
    assert found["test_accuracy"][0] == pytest.approx(finish.test_accuracy, abs=1e-5)


def test_a_program_for_words_comes_to_the_perplexities_of_the_app(
    store: Store, words: ComparisonRecord, tmp_path: Path
) -> None:
    run = words.run("right")
    build_folder(store, run, "script", tmp_path)
    found = numbers_of(run_program(tmp_path, "reproduce.py"))
    assert set(found) == {"first_loss", "last_loss", "val_perplexity", "test_perplexity"}
    for here, app in found.values():
        assert here == pytest.approx(app, rel=1e-3)


@pytest.mark.parametrize(
    ("fixture", "side"), [("digits", "right"), ("merged", "left"), ("texts", "left"), ("texts", "right")]
)
def test_a_model_that_is_taken_home_has_the_hash_of_the_proof(
    fixture: str, side: str, store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """By the lines that docs/evidence.md gives everybody; frozen blocks and trained ones."""
    comparison: ComparisonRecord = request.getfixturevalue(fixture)
    run = comparison.run("left" if side == "left" else "right")
    build_folder(store, run, "model", tmp_path)
    docs = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(docs.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102  our own documentation
    proved = next(event for _, event in store.events(run.id) if isinstance(event, FrozenProved))
    proof = next(proof for proof in proved.proofs if proof.name == "0")
    first_block = "h.0." if fixture == "texts" else "encoder.stages.0."
    assert names["block_hash"](tmp_path / "model.safetensors", first_block) == proof.trained


@pytest.mark.parametrize(
    ("fixture", "side"), [("digits", "left"), ("digits", "right"), ("merged", "left"), ("merged", "right")]
)
def test_plain_transformers_loads_an_image_classifier(
    fixture: str, side: str, store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    comparison: ComparisonRecord = request.getfixturevalue(fixture)
    run = comparison.run("left" if side == "left" else "right")
    build_folder(store, run, "model", tmp_path)
    images = load_labelled_data(run.config.dataset).test.inputs[:40]
    model = AutoModelForImageClassification.from_pretrained(tmp_path).eval()
    processor = AutoImageProcessor.from_pretrained(tmp_path, backend="pil")
    classifier = restore(store, run.id)
    pixels = processor(images=[image.convert("L") for image in images], return_tensors="pt")
    with torch.inference_mode():
        theirs = model(**pixels).logits
        ours = classifier.model({"pixel_values": pixels["pixel_values"].float()})
    if run.config.variant.method == "nearest_centroid":  # logits differ by what all classes share
        theirs, ours = theirs.log_softmax(dim=1), ours.log_softmax(dim=1)
    torch.testing.assert_close(theirs, ours, rtol=0, atol=1e-4)
    assert [model.config.id2label[number] for number in range(10)] == list("0123456789")
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".safetensors", ".md"}


def test_a_text_classifier_comes_in_two_parts_and_a_few_lines(
    store: Store, texts: ComparisonRecord, tmp_path: Path
) -> None:
    run = texts.run("right")
    build_folder(store, run, "model", tmp_path)
    assert type(AutoModel.from_pretrained(tmp_path)).__name__ == "GPT2Model"
    given = ["I couldn't put it down.", "Dull, and far too long. " * 40]
    probabilities = restore(store, run.id).predict(given)
    check = "import json, classify; print(json.dumps([classify.classify(text) for text in json.loads(input())]))"
    (tmp_path / "check.py").write_text(check, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "check.py"], cwd=tmp_path, input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answered = json.loads(done.stdout)
    assert [list(answer) for answer in answered] == [["negative", "positive"]] * 2
    np.testing.assert_allclose([list(answer.values()) for answer in answered], probabilities, atol=1e-5)
    assert "positive" in run_program(tmp_path, "classify.py", "A joy.")


def test_a_process_of_its_own_packs_a_zip(store: Store, digits: ComparisonRecord, tmp_path: Path) -> None:
    target = tmp_path / "digits-model.zip"
    build_package(store, Package(comparison_id=digits.id, kind="model", side="left", seed=3), target)
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
    assert "digits-model/model.safetensors" in names
    assert "digits-model/README.md" in names
    assert list(tmp_path.iterdir()) == [target]


def test_weights_that_were_deleted_are_one_clear_line(store: Store, merged: ComparisonRecord, tmp_path: Path) -> None:
    run = merged.run("right")
    weights = store.run_folder(run.id) / WEIGHTS_FILE
    kept = weights.rename(weights.with_name("kept"))
    try:
        with pytest.raises(InvalidInput, match=r"^This run's weights were deleted to make room"):
            build_file(store, Package(comparison_id=merged.id, kind="model", side="right", seed=0), tmp_path / "m.zip")
    finally:
        kept.rename(weights)
    assert list(tmp_path.iterdir()) == []


def test_the_report_of_real_runs_has_their_pictures(store: Store, digits: ComparisonRecord, tmp_path: Path) -> None:
    build_file(store, Package(comparison_id=digits.id, kind="report"), tmp_path / "r.html")
    report = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "data:image/png;base64," in report
    curves = report.partition("<h2>Curves</h2>")[2].partition("<h2>")[0]
    assert curves.count("<svg") == 2
    assert "What moved" in report
