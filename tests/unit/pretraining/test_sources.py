"""The real data beside the checkout is what the recipes expect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tlvsft.pretraining.corpus import find_corpus, read_documents
from tlvsft.pretraining.omniglot import find_archives, read_drawings
from tlvsft.pretraining.tiny_imagenet import find_photos, read_names, read_photos

pytestmark = pytest.mark.shared


def test_omniglot_has_242_characters_drawn_20_times(shared_dir: Path) -> None:
    drawings = read_drawings(find_archives(shared_dir))

    assert len(drawings.names) == 242
    assert len(drawings.images) == 242 * 20


def test_the_corpus_has_text_to_learn_from_and_text_to_measure_on(shared_dir: Path) -> None:
    files = find_corpus(shared_dir)

    assert {file.name.split("-")[0] for file in files.train} == {"books", "encyclopaedia"}
    assert len(files.heldout) == 2
    assert len(list(read_documents(files.heldout[0]))) > 1


def test_tiny_imagenet_has_200_kinds_of_things_and_10_photos_of_each_to_measure_on(
    shared_dir: Path, tmp_path: Path
) -> None:
    files = find_photos(shared_dir)
    names = read_names(files.train[0])
    photos = read_photos(files.validation, tmp_path / "validation.npy", image_size=64)

    assert len(files.train) == 4
    assert len(set(names)) == 200
    assert names == read_names(files.validation[0])
    assert np.bincount(photos.classes).tolist() == [10] * 200
    assert photos.images.shape == (2000, 64, 64, 3)
