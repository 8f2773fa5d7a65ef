"""The datasets that come with the app."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from tlvsft.catalog.datasets import DATASETS, BundledDataset
from tlvsft.datasets.digits import enlarge_digit
from tlvsft.datasets.labelled import LabelledData, Split

if TYPE_CHECKING:
    from pathlib import Path

DIGITS_SPLIT_SEED = 0


def load_bundled(name: str) -> LabelledData:
    """Loads the bundled dataset called `name`, a key of `tlvsft.catalog.datasets.DATASETS`."""
    entry = DATASETS[name]
    if entry.path is None:
        return _load_digits(entry)
    train, validation, test = (
        _read_reviews(entry.path / f"{split}.jsonl", entry) for split in ("train", "validation", "test")
    )
    return LabelledData(
        name=entry.name,
        modality=entry.modality,
        class_names=entry.classes,
        train=train,
        validation=validation,
        test=test,
    )


def _load_digits(entry: BundledDataset) -> LabelledData:
    """Scikit-learn's digits, split 70 / 15 / 15, stratified."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = [enlarge_digit(pixels) for pixels in digits.images]
    labels = digits.target.astype(np.int64)
    _, validation_size, test_size = entry.sizes
    rest, test = train_test_split(
        np.arange(len(labels)), test_size=test_size, stratify=labels, random_state=DIGITS_SPLIT_SEED
    )
    train, validation = train_test_split(
        rest, test_size=validation_size, stratify=labels[rest], random_state=DIGITS_SPLIT_SEED
    )
    whole = Split(inputs=images, labels=labels)
    return LabelledData(
        name=entry.name,
        modality=entry.modality,
        class_names=entry.classes,
        train=whole.select(train),
        validation=whole.select(validation),
        test=whole.select(test),
    )


def _read_reviews(path: Path, entry: BundledDataset) -> Split:
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    number = {name: index for index, name in enumerate(entry.classes)}
    labels = np.array([number[row[entry.label_column]] for row in rows], dtype=np.int64)
    return Split(inputs=[row["text"] for row in rows], labels=labels)
