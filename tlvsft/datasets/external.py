"""A user's own data, or the Hub's, as labelled data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.config import DatasetConfig, SplitName
from tlvsft.datasets.cache import download_folders
from tlvsft.datasets.columns import Columns, Wanted, check_input_kind, find_columns
from tlvsft.datasets.hub import read_hub
from tlvsft.datasets.images import StoredImages, StoredTexts
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.labels import MISSING, LabelColumn, check_classes_recur, read_label_column, unify_labels
from tlvsft.datasets.locating import HubId, LocalFiles, locate
from tlvsft.datasets.reading import read_files
from tlvsft.datasets.splitting import cap_evaluation, complete_splits
from tlvsft.errors import DatasetError

if TYPE_CHECKING:
    from datasets import Dataset
    from PIL.Image import Image

_SPLIT_ORDER: tuple[SplitName, ...] = ("train", "validation", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """A split as it is stored: inputs, classes, and which rows have both."""

    inputs: StoredTexts | Sequence[Image]
    labels: LabelColumn
    complete: np.ndarray  # (n,) bool


def load_external(config: DatasetConfig) -> LabelledData:
    """Reads local files or a Hub dataset.

    Raises:
        DatasetError: They can't be read or trained on.
    """
    found = locate(config.name)
    tables = read_files(found, Wanted(config=config)) if isinstance(found, LocalFiles) else read_hub(found)
    shown = found.shown if isinstance(found, LocalFiles) else found.name
    columns = find_columns(tables["train"].column_names, config, shown=shown)
    stored = {
        split: _read_table(tables[split], columns, shown=_describe(shown, split, tables), roots=_image_roots(found))
        for split in _SPLIT_ORDER
        if split in tables
    }
    class_names, splits, notes = number_classes(stored, column=columns.label, shown=shown)
    splits, made = complete_splits(splits, class_names=class_names, shown=shown)
    splits, capped = cap_evaluation(splits)
    return LabelledData(
        name=config.name,
        modality=columns.modality,
        class_names=class_names,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        notes=(*notes, *made, *capped),
    )


def _describe(shown: str, split: SplitName, tables: dict[SplitName, Dataset]) -> str:
    return f"{shown} ({split})" if len(tables) > 1 else shown


def _image_roots(found: LocalFiles | HubId) -> list[Path]:
    """Where images may lie that are files of their own."""
    if isinstance(found, HubId):
        return download_folders()
    return [found.root] if found.kind == "images" else []


def _read_table(table: Dataset, columns: Columns, *, shown: str, roots: list[Path]) -> Table:
    find = DatasetConfig(name="", text_column=columns.inputs, image_column=columns.inputs, label_column=columns.label)
    find_columns(table.column_names, find, shown=shown)
    check_input_kind(table.features[columns.inputs], column=columns.inputs, modality=columns.modality, shown=shown)
    values = table.data.column(columns.inputs)
    labels = read_label_column(
        table.data.column(columns.label), table.features[columns.label], column=columns.label, shown=shown
    )
    has_class = labels.codes != MISSING
    if columns.modality == "text":
        texts = StoredTexts(values)
        return Table(inputs=texts, labels=labels, complete=texts.find_words() & has_class)
    images = StoredImages(values, shown=shown, roots=roots)
    complete = images.find_present() & has_class
    images.check(np.flatnonzero(complete))
    return Table(inputs=images, labels=labels, complete=complete)


def number_classes(
    stored: dict[SplitName, Table], *, column: str, shown: str
) -> tuple[tuple[str, ...], dict[SplitName, Split], list[str]]:
    """One numbering for the classes of all splits; rows without input or class are left out.

    Raises:
        DatasetError: There is nothing to learn, or something to be tested that can't be learned.
    """
    names, codes = unify_labels([table.labels for table in stored.values()])
    kept = {split: code[table.complete] for (split, table), code in zip(stored.items(), codes, strict=True)}
    learned = np.unique(kept["train"])
    _check_learnable(kept, learned, names=names, shown=shown)
    check_classes_recur(kept["train"], column=column, shown=shown)
    renumbered = np.full(len(names), MISSING, dtype=np.int64)
    renumbered[learned] = np.arange(len(learned))
    splits = {
        split: Split(inputs=table.inputs, labels=renumbered[code]).select(np.flatnonzero(table.complete))
        for (split, table), code in zip(stored.items(), codes, strict=True)
        if len(kept[split])
    }
    left_out = sum(int((~table.complete).sum()) for table in stored.values())
    examples = "example" if left_out == 1 else "examples"
    notes = [f"Left out {left_out:,} {examples} without input or class."] if left_out else []
    return tuple(names[number] for number in learned), splits, notes


def _check_learnable(
    kept: dict[SplitName, np.ndarray], learned: np.ndarray, *, names: tuple[str, ...], shown: str
) -> None:
    if not len(learned):
        raise DatasetError(f"There are no examples in {shown}: add rows that have an input and a class.")
    if len(learned) == 1:
        raise DatasetError(
            f"All examples in {shown} are of one class, {names[learned[0]]!r}: add examples of another (images: one "
            "folder per class)."
        )
    for split, labels in kept.items():
        unseen = np.setdiff1d(labels, learned)
        if len(unseen):
            raise DatasetError(
                f"Class {names[unseen[0]]!r} in the {split} split of {shown} has no training examples: add some, or "
                "leave it out."
            )
