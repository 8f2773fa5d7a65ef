"""Small own datasets, kept without reading any file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tlvsft.catalog.own import OwnDataset
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.own import save, save_images


def keep_texts(home: Path, owner: str, title: str = "My reviews", *, classes: int = 3, count: int = 30) -> OwnDataset:
    """Texts of a few classes: `count` to train on, a tenth of that to validate and to test with."""

    def split(number: int) -> Split:
        labels = np.arange(number) % classes
        return Split(
            inputs=[f"a book of kind {label}, number {index}" for index, label in enumerate(labels)], labels=labels
        )

    data = LabelledData(
        name="reviews.csv", modality="text", class_names=tuple(f"kind {number}" for number in range(classes)),
        train=split(count), validation=split(count // 10), test=split(count // 10),
    )  # fmt: skip
    return save(home, owner, title, data, kept_as="table", columns=("text", "kind"))


def keep_pictures(home: Path, owner: str, title: str = "My pets") -> OwnDataset:
    """Ten plain pictures of each of two classes."""

    def picture(colour: tuple[int, int, int]) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (24, 20), colour).save(buffer, "PNG")
        return buffer.getvalue()

    images = {
        "cat": [picture((20 * index, 0, 0)) for index in range(10)],
        "dog": [picture((0, 20 * index, 0)) for index in range(10)],
    }
    return save_images(home, owner, title, images)
