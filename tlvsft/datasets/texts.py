"""Texts without classes, to learn or measure the prediction of words on: bundled, a user's own, or the Hub's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import is_own
from tlvsft.config import DatasetConfig, SplitName
from tlvsft.datasets.columns import Wanted, check_input_kind, find_text_column
from tlvsft.datasets.hub import read_hub
from tlvsft.datasets.images import StoredTexts
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.loading import load_labelled_data
from tlvsft.datasets.locating import TEXT_ENDING, LocalFiles, existing_path, locate
from tlvsft.datasets.reading import read_files
from tlvsft.datasets.splitting import SPLIT_SEED, cap_evaluation, carve_splits, parts_to_carve
from tlvsft.errors import DatasetError, LabelCountError

if TYPE_CHECKING:
    from datasets import Dataset

MOST_TEXT_BYTES = 64 * 1024**2
"""A text file is read as a whole; a novel is under 1 MB."""
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, eq=False, kw_only=True)
class TextData:
    """Texts that are ready to train on.

    Attributes:
        name: As the user gave it.
        notes: What was done to the data, one sentence each; the run says so.
    """

    name: str
    train: Sequence[str]
    validation: Sequence[str]
    test: Sequence[str]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        sizes = "/".join(f"{len(texts):,}" for texts in (self.train, self.validation, self.test))
        return f"TextData({self.name!r}, {sizes})"


def load_text_data(config: DatasetConfig) -> TextData:
    """Loads texts; of labelled data its texts alone, no classes needed.

    A `.txt` file is split into paragraphs where it has blank lines, else into lines; line breaks within a paragraph
    become spaces.

    Raises:
        DatasetError: It can't be read, or holds no texts or too few; the message says what to do next.
        UnknownName: It looks like a misspelt bundled name.
    """
    if config.name in DATASETS or is_own(config.name):
        return _texts_of_labelled(load_labelled_data(config))
    path = existing_path(config.name)
    if path is not None and path.is_file() and path.suffix.lower() == TEXT_ENDING:
        found = _Found(shown=path.name, splits={"train": _as_split(_read_text_file(path))})
    else:
        found = _read_tables(config)
    splits, made = _complete(found)
    splits, capped = cap_evaluation(splits)
    return TextData(
        name=config.name,
        train=_texts_of(splits["train"]),
        validation=_texts_of(splits["validation"]),
        test=_texts_of(splits["test"]),
        notes=(*found.notes, *made, *capped),
    )


def draw_texts(texts: Sequence[str], count: int | None, *, seed: int) -> tuple[str, ...]:
    """Draws training texts; the first 50 of a draw of 100 are the draw of 50 with the same seed.

    Args:
        texts: Of the training split.
        count: How many to draw; `None` is all.
        seed: Decides everything.

    Raises:
        LabelCountError: `count` is below 1 or above the data.
    """
    if count is not None and not 1 <= count <= len(texts):
        raise LabelCountError(
            f"{count:,} training texts don't fit this dataset: choose from 1 to {len(texts):,} (all of them)."
        )
    order = np.random.default_rng([seed, 0x7E47]).permutation(len(texts))
    return tuple(texts[int(index)] for index in order[:count])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Found:
    """The splits that data has of its own, what to call it in a message, and notes."""

    shown: str
    splits: dict[SplitName, Split]
    notes: tuple[str, ...] = ()


def _texts_of_labelled(data: LabelledData) -> TextData:
    if data.modality != "text":
        raise _no_texts(data.name)
    return TextData(
        name=data.name,
        train=_texts_of(data.train),
        validation=_texts_of(data.validation),
        test=_texts_of(data.test),
        notes=data.notes,
    )


def _read_text_file(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MOST_TEXT_BYTES:
            raise DatasetError(
                f"{path.name} is larger than {MOST_TEXT_BYTES // 1024**2} MB: give a part of it, or a Parquet file."
            )
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name} is not UTF-8 text: save it again as UTF-8.") from error
    except OSError as error:
        raise DatasetError(f"{path.name} can't be read: check that it may be.") from error
    if "\0" in content:
        raise DatasetError(f"{path.name} is no text file: save it again as UTF-8 text.")
    content = content.strip()
    pieces = _BLANK_LINES.split(content) if _BLANK_LINES.search(content) else content.splitlines()
    texts = [" ".join(piece.split()) for piece in pieces]
    return [text for text in texts if text]


def _read_tables(config: DatasetConfig) -> _Found:
    found = locate(config.name)
    if isinstance(found, LocalFiles):
        if found.kind == "images":
            raise _no_texts(found.shown)
        shown, tables = found.shown, read_files(found, Wanted(config=config, labelled=False))
    else:
        shown, tables = found.name, read_hub(found)
    read = {split: _read_column(table, config, shown=shown) for split, table in tables.items()}
    blank = sum(len(tables[split]) - len(texts) for split, texts in read.items())
    return _Found(
        shown=shown,
        splits={split: texts for split, texts in read.items() if len(texts)},
        notes=(f"Left out {blank:,} blank {'text' if blank == 1 else 'texts'}.",) if blank else (),
    )


def _read_column(table: Dataset, config: DatasetConfig, *, shown: str) -> Split:
    """The texts of a table that aren't blank."""
    column = find_text_column(table.column_names, config, shown=shown)
    check_input_kind(table.features[column], column=column, modality="text", shown=shown)
    texts = StoredTexts(table.data.column(column))
    return _as_split(texts).select(np.flatnonzero(texts.find_words()))


def _complete(found: _Found) -> tuple[dict[SplitName, Split], list[str]]:
    """Takes splits that are missing from the training texts, none of which then is in two of them.

    Raises:
        DatasetError: There are too few texts.
    """
    splits = found.splits
    if "train" not in splits or not len(splits["train"]):
        raise DatasetError(f"There are no texts to train on in {found.shown}: add some.")
    parts = parts_to_carve(splits)
    if not parts:
        return splits, []
    distinct = splits["train"].select(_first_occurrences(_texts_of(splits["train"])))
    repeated = len(splits["train"]) - len(distinct)
    if len(distinct) < len(parts):
        raise DatasetError(
            f"{found.shown} has {len(distinct)} of the {len(parts)} different texts needed to split the data into "
            f"{', '.join(parts[:-1])} and {parts[-1]}: add texts; in a text file, blank lines stand between them."
        )
    carved, note = carve_splits({**splits, "train": distinct})
    notes = [f"Left out {repeated:,} repeated {'text' if repeated == 1 else 'texts'}."] if repeated else []
    return carved, [*notes, f"{note}, seed {SPLIT_SEED}."]


def _first_occurrences(texts: Sequence[str]) -> np.ndarray:
    """Where each different text occurs first: sorted indices."""
    first: dict[bytes, int] = {}
    for index, text in enumerate(texts):
        first.setdefault(hashlib.blake2b(text.encode(), digest_size=16).digest(), index)
    return np.array(list(first.values()), dtype=np.int64)


def _as_split(texts: Sequence[str]) -> Split:
    """Texts as examples of one class, which all rules for splitting then take."""
    return Split(inputs=texts, labels=np.zeros(len(texts), dtype=np.int64))


def _texts_of(split: Split) -> Sequence[str]:
    texts: Sequence[str] = split.inputs  # type: ignore[assignment]
    return texts


def _no_texts(shown: str) -> DatasetError:
    return DatasetError(
        f"{shown!r} holds images, not texts to predict words of: choose 'book-reviews', or other texts."
    )
