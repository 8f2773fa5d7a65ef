"""What a visitor's data may be at most, and how much of it one visitor may keep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from tlvsft.catalog.own import (
    MOST_CLASS_CHARACTERS,
    MOST_CLASSES,
    MOST_IMAGES,
    MOST_OWN,
    MOST_OWN_BYTES,
    MOST_ROWS,
    MOST_TEXT_CHARACTERS,
    MOST_TITLE_CHARACTERS,
    list_own,
)
from tlvsft.config import SplitName
from tlvsft.datasets.labelled import LabelledData
from tlvsft.errors import DatasetError, shorten

SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


def check_room(home: Path, owner: str, *, more_bytes: int = 0) -> None:
    """Refuses a visitor who keeps too much already.

    Raises:
        DatasetError: So it is.
    """
    kept = list_own(home, owner)
    if len(kept) >= MOST_OWN:
        raise DatasetError(f"You keep {len(kept)} datasets, and no more fit: delete one of them first.")
    if sum(dataset.size_bytes for dataset in kept) + more_bytes > MOST_OWN_BYTES:
        raise DatasetError(
            f"Your datasets would take more than {MOST_OWN_BYTES // 1000**2} MB together: delete one of them first."
        )


def check_size(size_bytes: int) -> None:
    """Refuses data of which too much would be kept, whatever else there is.

    Raises:
        DatasetError: So it is.
    """
    if size_bytes > MOST_OWN_BYTES:
        raise DatasetError(
            f"The data would take more than {MOST_OWN_BYTES // 1000**2} MB as it is kept: leave examples out."
        )


def check_bounds(data: LabelledData) -> None:
    """Refuses data that is too much of a good thing.

    Raises:
        DatasetError: One line that says what is, and how much is taken.
    """
    rows = sum(len(getattr(data, split)) for split in SPLITS)
    most, unit = (MOST_ROWS, "examples") if data.modality == "text" else (MOST_IMAGES, "pictures")
    if rows > most:
        raise DatasetError(f"There are {rows:,} {unit}, and at most {most:,} are taken: upload a part of them.")
    if len(data.class_names) > MOST_CLASSES:
        raise DatasetError(
            f"There are {len(data.class_names):,} classes, and at most {MOST_CLASSES} are taken: choose another "
            "column, or put some together."
        )
    long = next((name for name in data.class_names if len(name) > MOST_CLASS_CHARACTERS), None)
    if long is not None:
        raise DatasetError(
            f"The class {shorten(long)!r} has a name of {len(long):,} characters, and at most {MOST_CLASS_CHARACTERS} "
            "are taken: choose another column, or shorten it."
        )
    if data.modality == "text":
        _check_texts(data)


def clean_title(title: str) -> str:
    """A title on one line, of bounded length; never empty."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in title).split())
    return shorten(line, MOST_TITLE_CHARACTERS) or "My data"


def count_classes(data: LabelledData) -> tuple[int, ...]:
    """Examples of each class, over all splits."""
    counts = sum(np.bincount(getattr(data, split).labels, minlength=len(data.class_names)) for split in SPLITS)
    return tuple(int(count) for count in np.atleast_1d(counts))


def _check_texts(data: LabelledData) -> None:
    for split in SPLITS:
        for number, text in enumerate(cast("Sequence[str]", getattr(data, split).inputs), start=1):
            if len(text) > MOST_TEXT_CHARACTERS:
                raise DatasetError(
                    f"Text {number:,} of the {split} split has {len(text):,} characters, and at most "
                    f"{MOST_TEXT_CHARACTERS:,} are taken: shorten it or leave it out."
                )
