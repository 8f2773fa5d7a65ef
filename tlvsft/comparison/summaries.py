"""What a backbone or a dataset looks like from outside: read from the catalogue where it is bundled, else loaded."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tlvsft.catalog.backbones import BACKBONES, BackboneSummary, bundled_summary
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import is_own
from tlvsft.catalog.paths import home_folder
from tlvsft.config import DatasetConfig, Modality, Task
from tlvsft.errors import BackboneError, DatasetError, InvalidInput, UnknownName
from tlvsft.runs.own_data import find_own

_HUB_ID = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?")
_FILE_ENDINGS = frozenset(
    {".csv", ".tsv", ".json", ".jsonl", ".parquet", ".txt", ".zip", ".safetensors", ".bin", ".pt"}
)
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, kw_only=True)
class DatasetSummary:
    """A dataset seen from outside.

    Attributes:
        class_names: Empty where texts are read without classes.
        train_size: Training examples: the most labels that can be asked for.
        notes: What the user should know about how it was read.
    """

    name: str
    modality: Modality
    class_names: tuple[str, ...]
    train_size: int
    notes: tuple[str, ...] = ()


def summarize_dataset(
    config: DatasetConfig, *, task: Task = "classification", viewer: str | None = None
) -> DatasetSummary:
    """Says what a dataset holds: from the catalogue for a bundled one; any other is read whole, and so checked.

    Args:
        config: Which dataset.
        task: What it is for: classes must be known, or texts will do.
        viewer: Who wants to use it: a browser's token, or `None` for the command line. An own dataset isn't there for
            anybody else than its visitor.

    Raises:
        UnknownName: It looks like a misspelt bundled name.
        DatasetError: It can't be read or trained on.
    """
    own = is_own(config.name)
    known = find_own(home_folder(), config.name, viewer=viewer) if own else DATASETS.get(config.name)
    if known is not None:
        return DatasetSummary(
            name=known.name, modality=known.modality, class_names=known.classes, train_size=known.train_size
        )
    _refuse_hopeless_name("dataset", config.name, known=DATASETS, error=DatasetError)
    if task == "language_modeling":
        return _summarize_texts(config)
    from tlvsft.datasets import load_labelled_data

    data = load_labelled_data(config)
    return DatasetSummary(
        name=data.name,
        modality=data.modality,
        class_names=data.class_names,
        train_size=len(data.train),
        notes=data.notes,
    )


def _summarize_texts(config: DatasetConfig) -> DatasetSummary:
    from tlvsft.datasets import load_text_data

    texts = load_text_data(config)
    return DatasetSummary(
        name=texts.name, modality="text", class_names=(), train_size=len(texts.train), notes=texts.notes
    )


def summarize_backbone(name: str) -> BackboneSummary:
    """Lists a backbone's blocks: from `blocks.json` for a bundled one; any other is loaded in this process.

    Raises:
        UnknownName: It looks like a misspelt bundled name.
        BackboneError: It can't be loaded or split into blocks.
    """
    if name in BACKBONES:
        try:
            return bundled_summary(name)
        except FileNotFoundError as error:
            folder = BACKBONES[name].path
            raise BackboneError(f"The bundled backbone {name!r} is not in {folder}: install the app again.") from error
    _refuse_hopeless_name("backbone", name, known=BACKBONES, error=BackboneError)
    from tlvsft.backbones import summarize_backbone as summarize_loaded

    return summarize_loaded(name)


def default_backbone(modality: Modality, *, dataset: str | None = None) -> str:
    """The bundled backbone for a user who names only a dataset.

    Args:
        modality: What it reads.
        dataset: The dataset's name; images that aren't bundled are taken for photos.
    """
    if modality == "image" and dataset is not None and dataset not in DATASETS:
        return "photos-resnet"
    return next(backbone.name for backbone in BACKBONES.values() if backbone.modality == modality)


def default_dataset(modality: Modality) -> str:
    """The bundled dataset of this kind, for a user who names only a backbone."""
    return next(dataset.name for dataset in DATASETS.values() if dataset.modality == modality)


def _refuse_hopeless_name(kind: str, name: str, *, known: Collection[str], error: type[InvalidInput]) -> None:
    """Stops a name that is not on the disk and can't be a Hub id either, before a library goes looking for it."""
    if is_on_disk(name):
        return
    if not _HUB_ID.fullmatch(name) or Path(name).suffix in _FILE_ENDINGS:
        shown = name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"
        raise error(f"No {kind} at {shown!r}: give an existing path, a Hub id, or one of: {', '.join(sorted(known))}.")
    if "/" not in name and difflib.get_close_matches(name.lower(), known, n=1):
        raise UnknownName(kind, name, known)


def is_on_disk(name: str) -> bool:
    """Whether a name is the path of something that exists, `~` understood."""
    try:
        return bool(name) and Path(name).expanduser().exists()
    except (OSError, RuntimeError):  # longer than the file system takes; the home of a user who doesn't exist
        return False
