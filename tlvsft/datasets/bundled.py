"""The datasets that come with the app, read without the `datasets` library: they are there in a blink."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlvsft.catalog.datasets import GENERAL_TEXT, BundledDataset
from tlvsft.config import SplitName
from tlvsft.datasets.digits import enlarge_digit
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.sampling import split_stratified
from tlvsft.datasets.splitting import SPLIT_SEED, SPLIT_SHARES
from tlvsft.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image


def load_bundled(dataset: BundledDataset) -> LabelledData:
    """Reads a bundled dataset.

    Raises:
        DatasetError: Its files are missing or damaged.
    """
    return _load_digits(dataset) if dataset.path is None else _load_texts(dataset, dataset.path)


def load_general_text() -> tuple[str, ...]:
    """The bundled paragraphs of general English, on which models are measured and none is trained.

    Raises:
        DatasetError: Their file is missing or damaged.
    """
    with _damage_explained(GENERAL_TEXT.path):
        return tuple(str(row["text"]) for row in _read_rows(GENERAL_TEXT.path))


def _load_digits(dataset: BundledDataset) -> LabelledData:
    images, labels = read_digits()
    whole = Split(inputs=list(images), labels=labels)
    train, validation, test = split_stratified(labels, SPLIT_SHARES, seed=SPLIT_SEED)
    return LabelledData(
        name=dataset.name,
        modality=dataset.modality,
        class_names=dataset.classes,
        train=whole.select(train),
        validation=whole.select(validation),
        test=whole.select(test),
        notes=("The digits come without splits: split 70/15/15, stratified, seed 0.",),
    )


@cache
def read_digits() -> tuple[Sequence[Image], np.ndarray]:
    """scikit-learn's digits as images, and their classes `(1797,)` int64; made once per process and its forks."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return tuple(enlarge_digit(pixels) for pixels in digits.images), digits.target.astype(np.int64)


def _load_texts(dataset: BundledDataset, folder: Path) -> LabelledData:
    return LabelledData(
        name=dataset.name,
        modality=dataset.modality,
        class_names=dataset.classes,
        train=_read_split(dataset, folder, "train"),
        validation=_read_split(dataset, folder, "validation"),
        test=_read_split(dataset, folder, "test"),
    )


def _read_split(dataset: BundledDataset, folder: Path, split: SplitName) -> Split:
    path = folder / f"{split}.jsonl"
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    with _damage_explained(path):
        rows = _read_rows(path)
        labels = np.array([numbers[row[dataset.label_column]] for row in rows], dtype=np.int64)
        column = dataset.group_column
        groups = None if column is None else tuple(str(row[column]) for row in rows)
        return Split(inputs=[row["text"] for row in rows], labels=labels, groups=groups)


def _read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def _damage_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"The bundled file {path} is missing or damaged: install the app again.") from error
