"""Small colour photos from the Parquet files of Tiny ImageNet, as one array.

Source: Le & Yang 2015, "Tiny ImageNet Visual Recognition Challenge"; Deng et al. 2009, "ImageNet".
"""

from __future__ import annotations

import io
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from tlvsft.errors import InvalidInput

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class PhotoFiles:
    """Where the photos lie: Parquet files with the columns `image` (records of `bytes`) and `label`.

    Attributes:
        train: To learn from.
        validation: To measure on, and nothing else.
    """

    train: tuple[Path, ...]
    validation: tuple[Path, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Photos:
    """Decoded photos.

    Attributes:
        images: Shape `(photos, size, size, 3)`, uint8, mapped from a file.
        classes: Shape `(photos,)`, int64.
    """

    images: np.ndarray
    classes: np.ndarray


def find_photos(data: Path) -> PhotoFiles:
    """The Parquet files in `data`, or below it where `shared/` keeps them.

    Raises:
        InvalidInput: There are none for training, or none for measuring.
    """
    for folder in (data, data / "tiny-imagenet", data / "data" / "tiny-imagenet"):
        train, validation = (tuple(sorted(folder.glob(f"{part}-*.parquet"))) for part in ("train", "validation"))
        if train and validation:
            return PhotoFiles(train=train, validation=validation)
    raise InvalidInput(
        f"No photos in {data}: give --data a folder with Tiny ImageNet as train-*.parquet and validation-*.parquet."
    )


def read_names(file: Path) -> tuple[str, ...]:
    """The name of each class, from the metadata that the `datasets` library writes.

    Raises:
        InvalidInput: The file is damaged, or names no classes.
    """
    metadata = _open(file).schema_arrow.metadata or {}
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return tuple(features["label"]["names"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{file} doesn't name its classes: write it with the datasets library.") from error


def read_photos(files: Sequence[Path], cache: Path, *, image_size: int) -> Photos:
    """All photos of some files, decoded once and kept in `cache`.

    Args:
        files: Parquet files.
        cache: The `.npy` file that is written, or read if it is there.
        image_size: Side in pixels; photos of another size are resized.

    Raises:
        InvalidInput: A file or a photo is damaged, or a file lacks a column.
    """
    classes = np.concatenate([_read_classes(file) for file in files])
    if not cache.exists():
        _decode(files, cache, count=len(classes), image_size=image_size)
    return Photos(images=np.load(cache, mmap_mode="r"), classes=classes)


def read_some_photos(files: Sequence[Path], most: int, *, image_size: int) -> Photos:
    """At most about so many photos: every so manyth of each file, in memory.

    Raises:
        InvalidInput: A file or a photo is damaged, or a file lacks a column.
    """
    classes = [_read_classes(file) for file in files]
    every = max(1, math.ceil(sum(map(len, classes)) / most))
    images = [photo for file in files for photo in _photos_of(file, image_size, every=every)]
    return Photos(images=np.stack(images), classes=np.concatenate([of_file[::every] for of_file in classes]))


def _open(file: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except pa.ArrowException as error:
        raise _damaged(file) from error


def _read_classes(file: Path) -> np.ndarray:
    parquet = _open(file)
    if not {"image", "label"} <= set(parquet.schema_arrow.names):
        raise InvalidInput(f"{file} lacks the columns 'image' and 'label': give --data a folder with Tiny ImageNet.")
    try:
        classes: np.ndarray = parquet.read(columns=["label"])["label"].to_numpy().astype(np.int64)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(file) from error
    return classes


def _decode(files: Sequence[Path], cache: Path, *, count: int, image_size: int) -> None:
    partial = cache.with_suffix(".partial")
    shape = (count, image_size, image_size, 3)
    images = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    photos = (photo for file in files for photo in _photos_of(file, image_size))
    for index, photo in enumerate(tqdm(photos, total=count, desc=f"decoding {cache.stem}", unit="photo")):
        images[index] = photo
    images.flush()
    partial.rename(cache)


def _photos_of(file: Path, image_size: int, *, every: int = 1) -> Iterator[np.ndarray]:
    try:
        batches = _open(file).iter_batches(_ROWS_AT_ONCE, columns=["image"])
        records = (record for rows in batches for record in rows["image"])
        for record in (found.as_py() for found in itertools.islice(records, 0, None, every)):
            photo = Image.open(io.BytesIO(record["bytes"])).convert("RGB")
            if photo.size != (image_size, image_size):
                photo = photo.resize((image_size, image_size), Image.Resampling.BILINEAR)
            yield np.asarray(photo)
    except (OSError, TypeError, KeyError, UnidentifiedImageError, pa.ArrowException) as error:
        raise _damaged(file) from error


def _damaged(file: Path) -> InvalidInput:
    return InvalidInput(f"{file} is damaged: copy it again.")
