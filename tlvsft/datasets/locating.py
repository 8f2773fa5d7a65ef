"""What a dataset's name points to: files on this machine, sorted by kind and split, or an id on the Hub."""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tlvsft.catalog.datasets import DATASETS
from tlvsft.config import SplitName
from tlvsft.errors import DatasetError, UnknownName

Kind = Literal["csv", "json", "parquet", "images"]

SPLIT_WORDS: dict[str, SplitName] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
"""Words in the names of files and folders that tell which split they hold."""

KINDS: dict[str, Kind] = {
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
    ".parquet": "parquet",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"), "images"),
}
TEXT_ENDING = ".txt"
_NOT_DATA = frozenset(
    {"config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "package.json"}
)
PICKLED = frozenset({".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".npy", ".npz", ".py"})
_HUB_ID = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?")
_DEEPEST = 5
_MOST_FILES = 200_000
_READABLE = "a CSV, JSON, JSONL or Parquet file, a folder of them, or a folder with one folder of images per class"


@dataclass(frozen=True, kw_only=True)
class LocalFiles:
    """Data files of one kind.

    Attributes:
        root: What the user named.
        splits: For each split its files; for images, the folders that hold the classes' folders.
        endings: The endings of the files, as they are written.
    """

    root: Path
    kind: Kind
    splits: dict[SplitName, tuple[Path, ...]]
    endings: frozenset[str]

    @property
    def shown(self) -> str:
        """What to call them in a message."""
        return self.root.resolve().name or str(self.root)


@dataclass(frozen=True)
class HubId:
    """A dataset on the Hugging Face Hub."""

    name: str


def locate(name: str) -> LocalFiles | HubId:
    """Finds out what a user's words for a dataset point to.

    Raises:
        DatasetError: There is no such path, or nothing in it that can be read.
        UnknownName: It looks like a misspelt bundled name.
    """
    path = existing_path(name)
    if path is None:
        return _hub_id(name)
    return _files_in_folder(path) if path.is_dir() else _single_file(path)


def split_of(path: Path) -> SplitName | None:
    """The split that the name of a file speaks of, or else a folder above it, the nearest first."""
    for word in re.split(r"[\W_\d]+", path.stem.lower()):
        if word in SPLIT_WORDS:
            return SPLIT_WORDS[word]
    return next((SPLIT_WORDS[part] for part in map(str.lower, reversed(path.parts[:-1])) if part in SPLIT_WORDS), None)


def existing_path(name: str) -> Path | None:
    """The path that a name is, if there is something there."""
    try:
        path = Path(name).expanduser()
        return path if name and path.exists() else None
    except (OSError, RuntimeError, ValueError):  # too long, no such user's home, a null character
        return None


def _hub_id(name: str) -> HubId:
    shown = name if len(name) <= 60 else f"{name[:60]}…"
    suffix = Path(name).suffix.lower()
    if not _HUB_ID.fullmatch(name) or suffix in {*KINDS, *PICKLED, TEXT_ENDING}:
        raise DatasetError(f"There is no file or folder {shown!r}: give an existing path, a Hub id, or a bundled name.")
    if "/" not in name and difflib.get_close_matches(name.lower(), DATASETS, n=1):
        raise UnknownName("dataset", name, DATASETS)
    return HubId(name)


def _single_file(path: Path) -> LocalFiles:
    ending = path.suffix
    if ending.lower() in PICKLED:
        raise DatasetError(
            f"{path.name} is not read, because opening such a file can run code: save the data as CSV, JSON or Parquet."
        )
    if ending.lower() == TEXT_ENDING:
        raise DatasetError(f"{path.name} is text without classes, for language modelling alone: give {_READABLE}.")
    kind = KINDS.get(ending.lower())
    if kind is None or kind == "images":
        raise DatasetError(f"{path.name} is no dataset that can be read: give {_READABLE}.")
    return LocalFiles(root=path, kind=kind, splits={"train": (path,)}, endings=frozenset({ending}))


def _files_in_folder(folder: Path) -> LocalFiles:
    found = [path for path in _walk(folder) if path.suffix.lower() in KINDS and path.name not in _NOT_DATA]
    if not found:
        raise DatasetError(f"There is no data in the folder {folder}: give {_READABLE}.")
    kinds = Counter(KINDS[path.suffix.lower()] for path in found)
    kind = kinds.most_common(1)[0][0]
    files = sorted(path for path in found if KINDS[path.suffix.lower()] == kind)
    _check_left_out(folder, sorted(set(found) - set(files)))
    splits = _image_splits(folder) if kind == "images" else _file_splits(folder, files)
    return LocalFiles(root=folder, kind=kind, splits=splits, endings=frozenset(path.suffix for path in files))


def _check_left_out(folder: Path, others: list[Path]) -> None:
    """Refuses a folder in which files of another kind speak of a split, too: they would be passed over in silence."""
    speaking = next((path for path in others if split_of(Path(path.name)) is not None), None)
    if speaking is not None:
        raise DatasetError(
            f"{folder} holds data of several kinds, {speaking.name} among them: keep one kind, or give one file."
        )


def _walk(folder: Path) -> Iterator[Path]:
    """The files in a folder, hidden ones aside; stops where a folder is clearly not one dataset's."""
    seen = 0
    for parent, folders, names in os.walk(folder):
        depth = len(Path(parent).relative_to(folder).parts)
        folders[:] = [] if depth >= _DEEPEST else sorted(name for name in folders if not name.startswith((".", "__")))
        seen += len(names)
        if seen > _MOST_FILES:
            raise DatasetError(f"{folder} holds more than {_MOST_FILES:,} files: give the folder of one dataset.")
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _file_splits(folder: Path, files: list[Path]) -> dict[SplitName, tuple[Path, ...]]:
    splits: dict[SplitName, list[Path]] = {}
    unmarked = [path for path in files if split_of(path.relative_to(folder)) is None]
    for path in files:
        split = split_of(path.relative_to(folder))
        if split is not None:
            splits.setdefault(split, []).append(path)
    if unmarked and "train" not in splits:
        splits["train"] = unmarked
    if "train" not in splits:
        raise DatasetError(f"{folder} has no training data: name a file 'train', or give one file alone.")
    return {split: tuple(paths) for split, paths in splits.items()}


def _image_splits(folder: Path) -> dict[SplitName, tuple[Path, ...]]:
    splits: dict[SplitName, list[Path]] = {}
    for child in sorted(folder.iterdir()):
        if child.is_dir() and child.name.lower() in SPLIT_WORDS:
            splits.setdefault(SPLIT_WORDS[child.name.lower()], []).append(child)
    if "train" not in splits:
        return {"train": (folder,)}
    return {split: tuple(folders) for split, folders in splits.items()}
