"""A user's images, in folders and in Parquet files, good and bad."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from tlvsft.datasets import images
from tlvsft.errors import DatasetError

Load = Callable[..., Any]
Png = Callable[..., bytes]
WriteImages = Callable[..., Path]


def write_parquet(path: Path, pictures: list[Any], *, column: str = "image") -> Path:
    labels = ["cat" if i % 2 else "dog" for i in range(len(pictures))]
    pa.parquet.write_table(pa.table({column: pictures, "label": labels}), path)
    return path


def claim_size(side: int) -> bytes:
    """A PNG of a few bytes that claims to be `side` pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    end = chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + end


def shades(split: Any) -> list[int]:
    return [np.asarray(image)[0, 0, 0] for image in split.inputs]


def refusal(load: Load, path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("ending", [".png", ".PNG"])
def test_class_named_folders_are_classes(load: Load, write_images: WriteImages, ending: str) -> None:
    data = load(write_images("pets", count=20, ending=ending))
    assert (data.modality, data.class_names) == ("image", ("cat", "dog"))
    assert [len(split) for split in (data.train, data.validation, data.test)] == [28, 6, 6]
    assert [shade >= 100 for shade in shades(data.train)] == list(data.train.labels == 1)


@pytest.mark.parametrize("name", ["pets [1]", "Haustiere ä?*"])
def test_a_folders_name_is_no_pattern(load: Load, write_images: WriteImages, name: str) -> None:
    assert load(write_images(name)).class_names == ("cat", "dog")


def test_train_and_test_folders_are_kept(tmp_path: Path, load: Load, write_images: WriteImages) -> None:
    write_images("pets/train", count=20)
    write_images("pets/test", count=3)
    data = load(tmp_path / "pets")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [34, 6, 6]
    assert shades(data.test) == [0, 1, 2, 100, 101, 102]


def test_a_link_to_a_folder_works(tmp_path: Path, load: Load, write_images: WriteImages) -> None:
    (tmp_path / "link").symlink_to(write_images("pets"), target_is_directory=True)
    assert shades(load(tmp_path / "link").test)


def test_parquet_images_are_bytes_or_records_of_bytes(tmp_path: Path, load: Load, png: Png) -> None:
    for pictures in ([png(i) for i in range(40)], [{"bytes": png(i), "path": None} for i in range(40)]):
        data = load(write_parquet(tmp_path / "pets.parquet", pictures))
        assert (data.modality, data.class_names, len(data.train)) == ("image", ("cat", "dog"), 28)
        assert [shade % 2 == 0 for shade in shades(data.train)] == list(data.train.labels == 1)


def test_the_image_column_can_be_named(tmp_path: Path, load: Load, png: Png) -> None:
    path = write_parquet(tmp_path / "pets.parquet", [png(i) for i in range(40)], column="photo")
    assert "--image-column" in refusal(load, path)
    data = load(path, image_column="photo")
    assert (data.modality, len(data.train)) == ("image", 28)


def test_images_are_decoded_when_asked_for(load: Load, write_images: WriteImages) -> None:
    root = write_images("pets", count=20)
    data = load(root)
    for path in root.rglob("*.png"):
        path.write_bytes(path.read_bytes()[:40])  # the header is whole, the pixels are gone
    with pytest.raises(DatasetError, match=r"Image \d+ in pets \(\d+\.png\) is damaged"):
        _ = data.train.inputs[0]


def test_a_file_that_is_no_image_is_named_at_once(load: Load, write_images: WriteImages) -> None:
    root = write_images("pets")
    (root / "dog" / "3.png").write_bytes(b"no image at all")
    assert "(3.png) is damaged or no image" in refusal(load, root)


def test_a_bad_record_is_named_by_its_row(tmp_path: Path, load: Load, png: Png) -> None:
    pictures = [{"bytes": b"nothing" if i == 7 else png(i), "path": None} for i in range(40)]
    assert "Image 8 in pets.parquet" in refusal(load, write_parquet(tmp_path / "pets.parquet", pictures))


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_an_image_that_would_fill_the_memory_is_refused(load: Load, write_images: WriteImages, side: int) -> None:
    root = write_images("pets")
    (root / "cat" / "0.png").write_bytes(claim_size(side))
    message = refusal(load, root)
    assert "(0.png)" in message
    assert "make it smaller" in message


def test_a_table_cannot_name_files_elsewhere(tmp_path: Path, load: Load, png: Png, write_images: WriteImages) -> None:
    elsewhere = write_images("elsewhere") / "cat" / "0.png"
    pictures = [{"bytes": None, "path": str(elsewhere)}] + [{"bytes": png(i), "path": None} for i in range(39)]
    assert "only the path of a file" in refusal(load, write_parquet(tmp_path / "pets.parquet", pictures))


def test_paths_stay_below_their_root(write_images: WriteImages) -> None:
    root = write_images("pets")
    write_images("elsewhere")
    inside, outside = root / "cat" / "0.png", root / ".." / "elsewhere" / "cat" / "0.png"
    column = pa.array([{"bytes": None, "path": str(inside)}, {"bytes": None, "path": str(outside)}])
    stored = images.StoredImages(column, shown="pets", roots=[root])
    assert stored[0].size == (8, 8)
    with pytest.raises(DatasetError, match="Image 2 in pets is only the path"):
        _ = stored[1]


def test_texts_and_paths_are_no_images(tmp_path: Path, load: Load) -> None:
    assert "holds no images" in refusal(load, write_parquet(tmp_path / "pets.parquet", ["/etc/passwd"] * 40))


def test_an_image_is_turned_upright(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.new("L", (4, 2))
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    picture.save(tmp_path / "a.jpg", exif=exif)
    assert images.open_image({"path": str(tmp_path / "a.jpg")}, shown="a").size == (2, 4)


def test_one_folder_of_images_is_one_class(load: Load, write_images: WriteImages) -> None:
    assert "one class" in refusal(load, write_images("pets", classes=["cat"]))


def test_a_folder_without_data_says_what_would_do(tmp_path: Path, load: Load) -> None:
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "notes.docx").touch()
    assert "one folder of images per class" in refusal(load, tmp_path / "nothing")


def test_a_class_in_test_alone_is_named(tmp_path: Path, load: Load, write_images: WriteImages) -> None:
    write_images("pets/train")
    write_images("pets/test", classes=["cat", "elk"])
    assert "'elk'" in refusal(load, tmp_path / "pets")
