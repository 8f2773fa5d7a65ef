"""The bundled datasets: what the catalogue promises, and what the issue asks for."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tlvsft.catalog.datasets import DATASETS, GENERAL_TEXT
from tlvsft.config import DatasetConfig
from tlvsft.datasets import LabelledData, load_general_text, load_labelled_data
from tlvsft.datasets.bundled import load_bundled
from tlvsft.errors import DatasetError


def load(name: str) -> LabelledData:
    return load_labelled_data(DatasetConfig(name=name))


@pytest.mark.parametrize("name", list(DATASETS))
def test_the_data_is_what_the_catalogue_says(name: str) -> None:
    data, entry = load(name), DATASETS[name]
    assert (data.name, data.modality, data.class_names) == (name, entry.modality, entry.classes)
    assert tuple(len(split) for split in (data.train, data.validation, data.test)) == entry.sizes
    for split in (data.train, data.validation, data.test):
        assert split.labels.dtype == np.int64
        assert len(split.inputs) == len(split)
        assert set(np.unique(split.labels)) == set(range(len(entry.classes)))


@pytest.mark.parametrize("name", ["book-reviews", "book-genres"])
def test_reviews_are_balanced_and_shared_by_no_two_splits(name: str) -> None:
    data = load(name)
    texts = [set(split.inputs) for split in (data.train, data.validation, data.test)]
    assert sum(map(len, texts)) == len(set.union(*texts)) == 1_792
    for split in (data.train, data.validation, data.test):
        assert len(set(np.bincount(split.labels).tolist())) == 1


def test_reviews_are_split_by_author(repository: Path) -> None:
    authors = []
    for split in ("train", "validation", "test"):
        lines = (repository / "assets" / "datasets" / "book-reviews" / f"{split}.jsonl").read_text(encoding="utf-8")
        authors.append({json.loads(line)["id"].split("-")[0][:2] for line in lines.splitlines()})
    assert all(authors)
    assert sum(map(len, authors)) == len(set.union(*authors))


def test_digits_are_images_split_70_15_15_always_alike() -> None:
    data, again = load("digits"), load("digits")
    assert {(image.size, image.mode) for image in data.test.inputs} == {((32, 32), "L")}
    assert [image.tobytes() for image in data.test.inputs] == [image.tobytes() for image in again.test.inputs]
    np.testing.assert_array_equal(data.train.labels, again.train.labels)
    counts = np.bincount(data.test.labels)
    assert counts.min() >= 25
    assert "split 70/15/15" in data.notes[0]


def test_digits_keep_their_labels() -> None:
    from sklearn.datasets import load_digits

    from tlvsft.datasets import enlarge_digit

    digits = load_digits()
    labels = {
        enlarge_digit(pixels).tobytes(): label for pixels, label in zip(digits.images, digits.target, strict=True)
    }
    test = load("digits").test
    assert [labels[image.tobytes()] for image in test.inputs] == test.labels.tolist()


def test_general_text_is_what_the_catalogue_says() -> None:
    texts = load_general_text()
    assert len(texts) == len(set(texts)) == GENERAL_TEXT.size == 90
    assert all(90 < len(text.split()) < 110 for text in texts)


@pytest.mark.shared
def test_general_text_is_a_copy(shared_dir: Path) -> None:
    original = shared_dir / "data" / "general-text" / "paragraphs.jsonl"
    assert GENERAL_TEXT.path.read_bytes() == original.read_bytes()


def test_a_damaged_yardstick_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = dataclasses.replace(GENERAL_TEXT, file=str(tmp_path / "paragraphs.jsonl"))
    monkeypatch.setattr("tlvsft.datasets.bundled.GENERAL_TEXT", damaged)
    with pytest.raises(DatasetError, match="install the app again"):
        load_general_text()


def test_a_damaged_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = dataclasses.replace(DATASETS["book-reviews"], folder=str(tmp_path))
    with pytest.raises(DatasetError, match="install the app again"):
        load_bundled(elsewhere)
    (tmp_path / "train.jsonl").write_text('{"text": "no class"}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match="install the app again"):
        load_bundled(elsewhere)


def test_loading_needs_neither_torch_nor_the_datasets_library(repository: Path) -> None:
    code = (
        "import sys; from tlvsft.config import DatasetConfig; from tlvsft.datasets import load_labelled_data; "
        "before = 'sklearn' in sys.modules; load_labelled_data(DatasetConfig(name='book-genres')); "
        "print(before, 'torch' in sys.modules, 'datasets' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False", "False", "False"]
