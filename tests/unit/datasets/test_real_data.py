"""Every kind of path, on the real data beside the checkout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.shared

Load = Callable[..., Any]
Sizes = tuple[int, int, int]


@pytest.mark.parametrize(
    ("name", "classes", "sizes"),
    [
        ("movie-reviews", 2, (7_363, 1_000, 2_000)),
        ("ag-news", 4, (4_760, 840, 2_000)),
        ("imdb-small", 2, (4_250, 750, 2_000)),
        ("movie-reviews/test.csv", 2, (1_400, 300, 300)),
    ],
)
def test_texts(shared_dir: Path, load: Load, name: str, classes: int, sizes: Sizes) -> None:
    data = load(shared_dir / "data" / name)
    assert (data.modality, len(data.class_names)) == ("text", classes)
    assert tuple(len(split) for split in (data.train, data.validation, data.test)) == sizes
    assert all(isinstance(text, str) and text.strip() for text in data.test.inputs)
    assert set(np.unique(data.train.labels)) == set(range(classes))


@pytest.mark.parametrize(
    ("name", "classes", "sizes", "side"),
    [
        ("cifar10-small", 10, (4_250, 750, 2_000), 32),
        ("hymenoptera", 2, (207, 36, 153), 256),
        ("flowers", 5, (1_700, 300, 500), 128),
        ("flowers/test", 5, (350, 75, 75), 128),
        ("tiny-imagenet", 200, (34_000, 1_000, 5_000), 64),
    ],
)
def test_images(shared_dir: Path, load: Load, name: str, *, classes: int, sizes: Sizes, side: int) -> None:
    data = load(shared_dir / "data" / name)
    assert (data.modality, len(data.class_names)) == ("image", classes)
    assert tuple(len(split) for split in (data.train, data.validation, data.test)) == sizes
    some = [data.test.inputs[index] for index in range(0, len(data.test), 29)]
    assert max(max(image.size) for image in some) == side
    assert set(np.unique(data.train.labels)) == set(range(classes))


def test_what_is_done_to_the_data_is_said(shared_dir: Path, load: Load) -> None:
    assert load(shared_dir / "data" / "tiny-imagenet").notes == (
        "No test split: 15 % of the training examples taken, stratified, seed 0.",
        "Validating on 1,000 of 2,000 validation examples.",
        "Evaluating on 5,000 of 6,000 test examples.",
    )


def test_other_columns_of_real_json(shared_dir: Path, load: Load) -> None:
    data = load(shared_dir / "data" / "book-reviews", label_column="genre")
    assert len(data.class_names) == 8
    assert [len(split) for split in (data.train, data.validation, data.test)] == [1_024, 256, 512]
