"""Pictures that come class by class, from an archive or from a page, as labelled data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.catalog.own import MOST_IMAGES, MOST_PIXELS_TOGETHER, STORED_SIDE_PIXELS
from tlvsft.config import SplitName
from tlvsft.datasets.external import Table, number_classes
from tlvsft.datasets.images import DecodedImages, open_image
from tlvsft.datasets.labelled import LabelledData
from tlvsft.datasets.labels import LabelColumn, in_natural_order
from tlvsft.datasets.splitting import cap_evaluation, complete_splits
from tlvsft.errors import DatasetError, shorten

if TYPE_CHECKING:
    from PIL.Image import Image

Encoded = bytes | Callable[[], bytes]
"""A whole image file, or how to get it."""


class Pictures(DecodedImages):
    """Image files, decoded one by one, at a size that is enough for any backbone.

    Args:
        files: The files.
        names: What to call each in a message.
    """

    def __init__(self, files: Sequence[Encoded], names: Sequence[str]) -> None:
        self._files = files
        self._names = names

    def __len__(self) -> int:
        return len(self._files)

    def decode(self, index: int) -> Image:
        """One picture."""
        return self._open(index, decode=True)

    def check(self) -> None:
        """Looks at the header of each, without decoding it.

        Raises:
            DatasetError: One is no image or too large, or all together are.
        """
        pixels = 0
        for index in range(len(self)):
            with self._open(index, decode=False) as image:
                pixels += image.width * image.height
            if pixels > MOST_PIXELS_TOGETHER:
                raise DatasetError(
                    f"The pictures have more than {MOST_PIXELS_TOGETHER // 1000**2:,} million pixels together: make "
                    "them smaller."
                )

    def _open(self, index: int, *, decode: bool) -> Image:
        file = self._files[index]
        content = file if isinstance(file, bytes) else file()
        return open_image({"bytes": content}, shown=self._names[index], decode=decode, at_most=2 * STORED_SIDE_PIXELS)


def gather_pictures(
    given: Mapping[SplitName, Mapping[str, Sequence[Encoded]]],
    *,
    shown: str,
    names: Mapping[SplitName, Mapping[str, Sequence[str]]] | None = None,
) -> LabelledData:
    """Numbers the classes and makes the splits that are missing. Headers are looked at, nothing is decoded.

    Args:
        given: For each split and class its pictures.
        shown: What to call all of them in a message.
        names: What to call each picture; its class and number unless given.

    Raises:
        DatasetError: They can't be trained on.
    """
    _check_counts(given, shown=shown)
    classes = in_natural_order({name for folders in given.values() for name in folders}, order=None)
    tables = {split: _as_table(folders, classes, (names or {}).get(split)) for split, folders in given.items()}
    class_names, splits, notes = number_classes(tables, column="class", shown=shown)
    splits, made = complete_splits(splits, class_names=class_names, shown=shown)
    splits, capped = cap_evaluation(splits)
    return LabelledData(
        name=shown,
        modality="image",
        class_names=class_names,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        notes=(*notes, *made, *capped),
    )


def _check_counts(given: Mapping[SplitName, Mapping[str, Sequence[Encoded]]], *, shown: str) -> None:
    for split, folders in given.items():
        empty = next((name for name, files in folders.items() if not files), None)
        if empty is not None:
            place = f" in {split}" if len(given) > 1 else ""
            raise DatasetError(f"The class {shorten(empty)!r}{place} has no pictures: add some, or leave it out.")
    count = sum(len(files) for folders in given.values() for files in folders.values())
    if not count:
        raise DatasetError(f"There are no pictures in {shown}: add some, in one folder per class.")
    if count > MOST_IMAGES:
        raise DatasetError(f"There are {count:,} pictures, and at most {MOST_IMAGES:,} are taken: leave some out.")


def _as_table(
    folders: Mapping[str, Sequence[Encoded]], classes: tuple[str, ...], names: Mapping[str, Sequence[str]] | None
) -> Table:
    numbers = {name: number for number, name in enumerate(classes)}
    files = [file for pictures in folders.values() for file in pictures]
    called = [
        names[name][place] if names else f"Picture {place + 1} of {shorten(name)!r}"
        for name, pictures in folders.items()
        for place in range(len(pictures))
    ]
    codes = [numbers[name] for name, pictures in folders.items() for _ in pictures]
    pictures = Pictures(files, called)
    pictures.check()
    labels = LabelColumn(codes=np.array(codes, dtype=np.int64), names=classes)
    return Table(inputs=pictures, labels=labels, complete=np.ones(len(files), dtype=bool))
