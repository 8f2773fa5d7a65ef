"""Images and texts of a large set, fetched when they are asked for."""

from __future__ import annotations

import io
import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tlvsft.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 50_000_000
"""A larger image is refused before it is decoded: a small file can unpack to fill the memory."""
_CHECKED_IMAGES = 1_000
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""Formats of plain pixels, whatever a file is called: others that Pillow knows start programs or hold several files."""


class StoredTexts(Sequence[str]):
    """Texts in a column of a table."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [str(text) for text in self._column[index].to_pylist()]
        return str(self._column[int(index)].as_py())

    def find_words(self) -> np.ndarray:
        """Which texts there are and aren't blank: `(n,)` bool."""
        import pyarrow as pa
        from pyarrow import compute

        texts = compute.cast(self._column, pa.large_string())
        lengths = compute.utf8_length(compute.utf8_trim_whitespace(texts))
        present = compute.fill_null(compute.greater(lengths, 0), fill_value=False)
        return np.asarray(present.to_numpy(), dtype=bool)


class DecodedImages(Sequence["Image"], ABC):
    """Images that are decoded one by one, whenever they are asked for."""

    @abstractmethod
    def decode(self, index: int) -> Image:
        """One image.

        Raises:
            DatasetError: It is damaged, missing or too large.
        """

    @overload
    def __getitem__(self, index: int) -> Image: ...
    @overload
    def __getitem__(self, index: slice) -> list[Image]: ...
    def __getitem__(self, index: int | slice) -> Image | list[Image]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self.decode(int(index))


class StoredImages(DecodedImages):
    """Images in a column of records of `bytes` and `path`, decoded one by one.

    Args:
        column: The records.
        shown: What to call the column's file or dataset if an image can't be read.
        roots: Folders in which files named by a `path` may lie; a table from elsewhere could name any file.
    """

    def __init__(self, column: Any, *, shown: str, roots: Sequence[Path] = ()) -> None:
        self._column = column
        self._shown = shown
        self._roots = tuple(map(_plain_path, roots))

    def __len__(self) -> int:
        return len(self._column)

    def decode(self, index: int) -> Image:
        """One image."""
        return self._open(index, decode=True)

    def find_present(self) -> np.ndarray:
        """Which rows have an image: `(n,)` bool."""
        return np.asarray(self._column.is_valid().to_numpy(), dtype=bool)

    def check(self, indices: np.ndarray) -> None:
        """Looks at the headers of some of the images at `indices`, evenly spread, without decoding them.

        Raises:
            DatasetError: One is no image or too large.
        """
        for index in indices[:: max(1, len(indices) // _CHECKED_IMAGES)]:
            self._open(int(index), decode=False).close()

    def _open(self, index: int, *, decode: bool) -> Image:
        value = self._column[index].as_py()
        record = value if isinstance(value, dict) else {"bytes": value}
        shown = f"Image {index + 1:,} in {self._shown}"
        if record.get("bytes") is None and not self._is_ours(str(record.get("path"))):
            raise DatasetError(f"{shown} is only the path of a file: save the images themselves in the data.")
        return open_image(record, shown=shown, decode=decode)

    def _is_ours(self, path: str) -> bool:
        return any(_plain_path(path).is_relative_to(root) for root in self._roots)


def _plain_path(path: str | Path) -> Path:
    """An absolute path without "..", links not followed."""
    return Path(os.path.normpath(Path(path).absolute()))


def open_image(record: dict[str, Any], *, shown: str, decode: bool = True, at_most: int | None = None) -> Image:
    """Opens an image upright, in its own mode.

    Args:
        record: Its `bytes`, or else the `path` of a file.
        shown: What to call it if it can't be read.
        decode: Whether to read more than its header.
        at_most: Pixels per side that are enough: a larger photo may be decoded at a fraction of its size, faster.

    Raises:
        DatasetError: It is damaged, missing or too large.
    """
    import PIL.Image

    source = io.BytesIO(record["bytes"]) if record.get("bytes") is not None else Path(str(record.get("path")))
    name = f"{shown} ({Path(record['path']).name})" if record.get("path") else shown
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = PIL.Image.open(source, formats=_FORMATS)
            with ExitStack() as unless_read:
                unless_read.callback(image.close)
                read = _check_and_decode(image, name, decode=decode, at_most=at_most)
                unless_read.pop_all()
            return read
    except PIL.Image.DecompressionBombError as error:
        raise DatasetError(f"{name} is too large to be unpacked safely: make it smaller or leave it out.") from error
    except (OSError, ValueError, SyntaxError, TypeError, EOFError) as error:
        raise DatasetError(f"{name} is damaged or no image: repair it or leave it out.") from error


def _check_and_decode(image: Image, name: str, *, decode: bool, at_most: int | None) -> Image:
    from PIL import ImageOps

    if image.width * image.height > MOST_PIXELS:
        raise DatasetError(f"{name} has {image.width}×{image.height} pixels: make it smaller or leave it out.")
    if not decode:
        return image
    if at_most is not None:
        image.draft(None, (at_most, at_most))
    return ImageOps.exif_transpose(image)
