"""Which columns hold the inputs and the classes, and what kind of inputs they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlvsft.config import DatasetConfig, Modality
from tlvsft.errors import DatasetError, InvalidInput

_SHOWN_COLUMNS = 12


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The two columns that matter."""

    modality: Modality
    inputs: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for in data.

    Attributes:
        config: Names the columns.
        labelled: Whether classes are wanted; else nothing but texts.
    """

    config: DatasetConfig
    labelled: bool = True

    @property
    def described(self) -> str:
        """What data has to have, for a message."""
        return "a column of inputs and one of classes" if self.labelled else "a column of texts"

    def find(self, names: Sequence[str], *, shown: str) -> tuple[str, ...]:
        """The columns that are wanted, of those that there are.

        Raises:
            DatasetError: One is missing.
        """
        if not self.labelled:
            return (find_text_column(names, self.config, shown=shown),)
        columns = find_columns(names, self.config, shown=shown)
        return (columns.inputs, columns.label)


def find_text_column(names: Sequence[str], config: DatasetConfig, *, shown: str) -> str:
    """Finds the column of the texts, where no classes are wanted.

    Args:
        names: The columns that there are.
        config: Names the one that is wanted.
        shown: The file or dataset, for the message.

    Raises:
        DatasetError: It is missing; the message names those that there are.
    """
    if config.text_column not in names:
        raise DatasetError(
            f"There is no column {config.text_column!r} in {shown}, which has {_list(names)}: name the column of the "
            "texts with --text-column."
        )
    return config.text_column


def find_columns(names: Sequence[str], config: DatasetConfig, *, shown: str) -> Columns:
    """Finds the columns by name. Where there are images as well as texts, the images are the inputs.

    Args:
        names: The columns that there are.
        config: Names the columns that are wanted.
        shown: The file or dataset, for the message.

    Raises:
        DatasetError: One is missing; the message names those that there are.
        InvalidInput: One column is asked to be both.
    """
    if config.label_column not in names:
        raise DatasetError(
            f"There is no column {config.label_column!r} in {shown}, which has {_list(names)}: name the column of the "
            "classes with --label-column."
        )
    modality: Modality = "image" if config.image_column in names else "text"
    inputs = config.image_column if modality == "image" else config.text_column
    if inputs not in names:
        raise DatasetError(
            f"There is no column {config.text_column!r} or {config.image_column!r} in {shown}, which has "
            f"{_list(names)}: name the column of the inputs with --text-column or --image-column."
        )
    if inputs == config.label_column:
        raise InvalidInput(f"Column {inputs!r} can't be both input and class: name another with --label-column.")
    return Columns(modality=modality, inputs=inputs, label=config.label_column)


def check_input_kind(feature: Any, *, column: str, modality: Modality, shown: str) -> None:
    """Refuses a column that doesn't hold what its name promises.

    Args:
        feature: The column's type in the `datasets` library.
        column: Its name.
        modality: What it should hold.
        shown: The file or dataset, for the message.

    Raises:
        DatasetError: It holds something else.
    """
    holds_images = is_image_feature(feature)
    if modality == "image" and not holds_images:
        raise DatasetError(
            f"Column {column!r} in {shown} holds no images: name the column of the images with --image-column."
        )
    if modality == "text" and (holds_images or not hasattr(feature, "dtype") or feature.dtype == "binary"):
        raise DatasetError(
            f"Column {column!r} in {shown} holds no texts: name the column of the texts with --text-column."
        )


def is_image_feature(feature: Any) -> bool:
    """Whether a column of the `datasets` library can be images: the image type, bytes, or a record of bytes."""
    from datasets import Image

    if isinstance(feature, Mapping):
        return "bytes" in feature and getattr(feature["bytes"], "dtype", None) in {"binary", "large_binary"}
    return isinstance(feature, Image) or getattr(feature, "dtype", None) in {"binary", "large_binary"}


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN_COLUMNS])
    more = len(names) - _SHOWN_COLUMNS
    return f"{shown} and {more} more" if more > 0 else (shown or "no columns")
