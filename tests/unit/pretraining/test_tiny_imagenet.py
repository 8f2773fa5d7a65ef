from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.pretraining.conftest import PHOTO_NAMES
from tlvsft.errors import InvalidInput
from tlvsft.pretraining.tiny_imagenet import find_photos, read_names, read_photos


def test_photos_and_classes_keep_the_order_of_the_files(tiny_imagenet: Path, tmp_path: Path) -> None:
    photos = read_photos(find_photos(tiny_imagenet).train, tmp_path / "train.npy", image_size=32)

    assert photos.images.shape == (20, 32, 32, 3)
    assert photos.images.dtype == np.uint8
    assert photos.classes.tolist() == [index % 3 for index in [*range(12), *range(8)]]
    # The class is the colour: red, green, blue.
    assert (photos.images.mean(axis=(1, 2)).argmax(axis=1) == photos.classes).all()


def test_photos_are_decoded_once(tiny_imagenet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, cache = find_photos(tiny_imagenet).validation, tmp_path / "validation.npy"
    first = np.array(read_photos(files, cache, image_size=32).images)
    monkeypatch.setattr("tlvsft.pretraining.tiny_imagenet._decode", None)

    assert (read_photos(files, cache, image_size=32).images == first).all()


def test_photos_of_another_size_are_resized(tiny_imagenet: Path, tmp_path: Path) -> None:
    photos = read_photos(find_photos(tiny_imagenet).validation, tmp_path / "small.npy", image_size=16)

    assert photos.images.shape == (6, 16, 16, 3)


def test_classes_have_their_names(tiny_imagenet: Path) -> None:
    assert read_names(find_photos(tiny_imagenet).train[0]) == PHOTO_NAMES


def test_the_folder_above_is_understood(tiny_imagenet: Path) -> None:
    assert find_photos(tiny_imagenet.parent) == find_photos(tiny_imagenet)


def test_a_folder_without_validation_photos_says_what_to_do(tiny_imagenet: Path) -> None:
    find_photos(tiny_imagenet).validation[0].unlink()

    with pytest.raises(InvalidInput, match=r"No photos in .*: give --data a folder with Tiny ImageNet"):
        find_photos(tiny_imagenet)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "train-0.parquet"
    broken.write_bytes(b"no parquet")

    with pytest.raises(InvalidInput, match=r"train-0\.parquet is damaged: copy it again"):
        read_photos([broken], tmp_path / "train.npy", image_size=32)
    with pytest.raises(InvalidInput, match="is damaged"):
        read_names(broken)


def test_a_damaged_photo_leaves_no_cache(tmp_path: Path) -> None:
    broken = tmp_path / "train-0.parquet"
    pq.write_table(pa.table({"image": [{"bytes": b"no photo", "path": None}], "label": [0]}), broken)

    with pytest.raises(InvalidInput, match=r"train-0\.parquet is damaged"):
        read_photos([broken], tmp_path / "train.npy", image_size=32)
    assert not (tmp_path / "train.npy").exists()


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "train-0.parquet"
    pq.write_table(pa.table({"text": ["a"], "label": [0]}), other)

    with pytest.raises(InvalidInput, match="lacks the columns 'image' and 'label'"):
        read_photos([other], tmp_path / "train.npy", image_size=32)
    with pytest.raises(InvalidInput, match="doesn't name its classes"):
        read_names(other)
