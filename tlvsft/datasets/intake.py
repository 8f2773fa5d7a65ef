"""What a visitor uploads, checked and read before anything of it is kept: a table, or a zip of image folders."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.catalog.own import MOST_UPLOAD_BYTES, Origin, OwnDataset
from tlvsft.config import Modality
from tlvsft.datasets.cache import cache_at
from tlvsft.datasets.external import load_external
from tlvsft.datasets.guessing import Choice, guess_columns, peek
from tlvsft.datasets.labelled import LabelledData
from tlvsft.datasets.locating import KINDS, PICKLED, Kind
from tlvsft.datasets.own import as_kept, save, scratch_folder
from tlvsft.datasets.own_bounds import check_bounds, check_room, clean_title, count_classes
from tlvsft.datasets.showing import picture_uri, shorten_text
from tlvsft.datasets.zips import read_zip
from tlvsft.errors import DatasetError, InvalidInput, shorten

if TYPE_CHECKING:
    from PIL.Image import Image

SHOWN_EXAMPLES = 8
_SHOWN_CLASSES = 4
_ZIP = ".zip"
_READABLE = "upload a CSV, TSV, JSON, JSONL or Parquet file, or a zip of image folders"
_HEAD_BYTES = 1_024
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"PAR1", "Parquet"),
    (b"\x93NUMPY", "a numpy array, which can hold code"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
)
"""How files begin. Source: https://en.wikipedia.org/wiki/List_of_file_signatures"""
_PICKLE = re.compile(rb"\x80[\x02-\x05]")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An example for the preview: a text, or a small picture as a data URI."""

    label: str
    text: str = ""
    picture: str = ""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What an upload turned out to be.

    Attributes:
        title: Its file's name, as a title to begin with.
        columns: The columns that can be chosen from; empty for a zip.
        choice: The columns that were read; `None` for a zip.
        problem: Why these columns can't be used, in one line; the rest is then empty.
        counts: Examples of each class, over all splits.
        sizes: Examples in train, validation and test.
        preview: A few training examples.
    """

    title: str
    kept_as: Origin
    modality: Modality
    columns: tuple[str, ...] = ()
    choice: Choice | None = None
    problem: str = ""
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    sizes: tuple[int, int, int] = (0, 0, 0)
    notes: tuple[str, ...] = ()
    preview: tuple[Shown, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Read:
    """An upload that was read, as far as that was possible."""

    examined: Examined
    data: LabelledData | None


def examine(home: Path, path: Path, *, choice: Choice | None = None) -> Examined:
    """Checks and reads an upload, and says what it holds; keeps nothing.

    Args:
        home: The app's one folder.
        path: Where the upload lies.
        choice: The columns that the visitor chose; they are guessed unless given.

    Raises:
        DatasetError: It isn't taken, in one line.
    """
    with scratch_folder(home) as scratch, cache_at(scratch / "copies"):
        read = _read(path, scratch, choice)
        if read.data is None:
            return read.examined
        check_bounds(read.data)
        return _describe(read.examined, read.data)


def save_upload(home: Path, owner: str, title: str, path: Path, *, choice: Choice | None = None) -> OwnDataset:
    """Checks and reads an upload and saves what it holds for its visitor.

    Raises:
        DatasetError: It isn't taken, in one line; nothing was kept.
    """
    check_room(home, owner)
    with scratch_folder(home) as scratch, cache_at(scratch / "copies"):
        read = _read(path, scratch, choice)
        if read.data is None:
            raise DatasetError(read.examined.problem)
        chosen = read.examined.choice
        columns = () if chosen is None else (chosen.inputs, chosen.label)
        return save(home, owner, title, read.data, kept_as=read.examined.kept_as, columns=columns)


def check_file(path: Path) -> Kind | None:
    """What kind of table a file is; `None` for a zip.

    Raises:
        DatasetError: It is too large, of no kind that is read, or not what its name says.
    """
    shown, ending = shown_name(path), path.suffix.lower()
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise DatasetError("That upload isn't there any more: choose the file again.") from error
    if size_bytes > MOST_UPLOAD_BYTES:
        raise DatasetError(
            f"{shown} has {size_bytes / 1e6:,.0f} MB, and at most {MOST_UPLOAD_BYTES // 10**6} are taken: upload a "
            "part of it."
        )
    if not size_bytes:
        raise DatasetError(f"{shown} is empty: {_READABLE}.")
    if ending in PICKLED:
        raise DatasetError(f"{shown} is not taken, because opening such a file can run code: {_READABLE}.")
    kind = KINDS.get(ending)
    if ending != _ZIP and (kind is None or kind == "images"):
        what = "is a single picture" if kind == "images" else "is no data that can be read"
        raise DatasetError(f"{shown} {what}: {_READABLE}.")
    _check_content(path, shown, ending)
    return kind


def shown_name(path: Path) -> str:
    """A file's name as it stands in a message."""
    return shorten("".join(sign if sign.isprintable() else "?" for sign in path.name))


def _check_content(path: Path, shown: str, ending: str) -> None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if _PICKLE.match(head):
        raise DatasetError(f"{shown} holds a pickle, which can run code when it is opened: {_READABLE}.")
    found = next((what for magic, what in _MAGIC if head.startswith(magic)), None)
    promised = {".zip": "a zip archive", ".parquet": "Parquet"}.get(ending)
    if found != promised:
        truly = found or "something else"
        raise DatasetError(f"{shown} is called {ending}, but holds {truly}: {_READABLE}, under its true name.")


def _read(path: Path, scratch: Path, choice: Choice | None) -> _Read:
    kind, title = check_file(path), clean_title(path.stem.replace("_", " ").replace("-", " "))
    if kind is None:
        data = read_zip(path, shown=shown_name(path))
        return _Read(examined=Examined(title=title, kept_as="zip", modality="image"), data=data)
    copy = scratch / f"{_safe_stem(path)}{path.suffix.lower()}"
    shutil.copyfile(path, copy)
    found = peek(copy, kind)
    chosen = guess_columns(found) if choice is None else choice
    modality: Modality = "image" if found.holds_images(chosen.inputs) else "text"
    examined = Examined(title=title, kept_as="table", modality=modality, columns=found.names, choice=chosen)
    try:
        data = load_external(chosen.config(copy, modality))
    except (DatasetError, InvalidInput) as error:  # the latter: one column for both
        return _Read(examined=replace(examined, problem=_without_flags(str(error))), data=None)
    return _Read(examined=examined, data=data)


def _safe_stem(path: Path) -> str:
    """A name for the copy: messages show it, no library is led astray by it."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)[:40].strip("_") or "data"


def _without_flags(message: str) -> str:
    """A message of the reader without the flags of the command line, which the page doesn't have."""
    return re.sub(r" with --\w+-column(?: or --\w+-column)?", " below", message)


def _describe(examined: Examined, data: LabelledData) -> Examined:
    return replace(
        examined,
        classes=data.class_names,
        counts=count_classes(data),
        sizes=(len(data.train), len(data.validation), len(data.test)),
        notes=data.notes,
        preview=tuple(_show(data, index) for index in _some_of_each_class(data.train.labels)),
    )


def _some_of_each_class(labels: np.ndarray) -> Sequence[int]:
    """The first examples of the first few classes, in turn."""
    classes = np.unique(labels)[: max(_SHOWN_CLASSES, 2)]
    each = -(-SHOWN_EXAMPLES // len(classes))
    places = [np.flatnonzero(labels == number)[:each].tolist() for number in classes]
    turns = [index for turn in range(each) for place in places for index in place[turn : turn + 1]]
    return turns[:SHOWN_EXAMPLES]


def _show(data: LabelledData, index: int) -> Shown:
    label = data.class_names[int(data.train.labels[index])]
    item: str | Image = data.train.inputs[index]
    if isinstance(item, str):
        return Shown(label=label, text=shorten_text(item))
    return Shown(label=label, picture=picture_uri(as_kept(item)))
