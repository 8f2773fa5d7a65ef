"""A visitor's own datasets on the disk: checked before they are saved, kept in one plain form, deleted by a rule.

Whatever was uploaded, what is kept are `train.jsonl`, `validation.jsonl` and `test.jsonl` with texts or the names of
pictures, the pictures under names of ours, and a manifest. So nothing of a visitor's file names reaches the disk,
pictures lose what else a camera wrote into them, and loading needs neither the `datasets` library nor a copy.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlvsft.catalog.own import (
    FOLDER,
    GONE,
    MANIFEST,
    MOST_BYTES,
    STORED_SIDE_PIXELS,
    UNUSED_DAYS,
    Origin,
    OwnDataset,
    describe,
    hash_owner,
    list_all,
    list_own,
    own_folder,
)
from tlvsft.config import SplitName
from tlvsft.datasets.images import DecodedImages, open_image
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.own_bounds import SPLITS, check_bounds, check_room, check_size, clean_title, count_classes
from tlvsft.datasets.pictures import gather_pictures
from tlvsft.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "as_kept",
    "clear_drafts",
    "delete",
    "describe",
    "list_own",
    "load_own",
    "prune",
    "save",
    "save_images",
    "scratch_folder",
    "touch",
]

_PICTURES = "pictures"
_NEW = ".new-"
"""Begins the name of a dataset's folder until it is whole; then comes the number of the process that makes it."""
_ABANDONED_S = 3_600.0
_DAY_S = 86_400.0
_ID_BYTES = 16
_LOSSLESS_PIXELS = 128 * 128
"""A larger picture is kept as JPEG: without loss it would take five times as much, and as long to write."""
_JPEG_QUALITY = 92


def save_images(home: Path, owner: str, title: str, images: Mapping[str, Sequence[bytes]]) -> OwnDataset:
    """Checks and saves pictures that were collected class by class.

    Args:
        home: The app's one folder.
        owner: The token of the visitor whose they are.
        title: What to call them.
        images: For each class its pictures, each a whole image file (PNG, JPEG, WebP, GIF, BMP, TIFF).

    Raises:
        DatasetError: They can't be trained on, or there is no room; nothing was kept.
    """
    check_room(home, owner)
    data = gather_pictures({"train": images}, shown="these pictures")
    return save(home, owner, title, data, kept_as="photos")


def save(
    home: Path, owner: str, title: str, data: LabelledData, *, kept_as: Origin, columns: tuple[str, ...] = ()
) -> OwnDataset:
    """Saves data that was read; every picture is decoded, so a damaged one is found here.

    Args:
        home: The app's one folder.
        owner: The token of the visitor whose it is.
        title: What to call it.
        data: What was read.
        kept_as: Where it came from.
        columns: The columns that were read as input and class.

    Raises:
        DatasetError: It is out of bounds, or there is no room; nothing was kept.
    """
    check_bounds(data)
    check_room(home, owner)
    identifier = secrets.token_hex(_ID_BYTES)
    draft = home / FOLDER / f"{_draft_prefix(os.getpid())}{identifier}"
    try:
        draft.mkdir(parents=True)
        written_bytes = 0
        for split in SPLITS:
            written_bytes = _write_split(draft, split, getattr(data, split), written_bytes)
        now = time.time()
        dataset = OwnDataset(
            name=f"own:{identifier}",
            title=clean_title(title),
            kept_as=kept_as,
            modality=data.modality,
            columns=columns,
            classes=data.class_names,
            counts=count_classes(data),
            sizes=(len(data.train), len(data.validation), len(data.test)),
            notes=data.notes,
            size_bytes=_size_bytes(draft),
            created_at=now,
            used_at=now,
            owner_hash=hash_owner(owner),
        )
        check_room(home, owner, more_bytes=dataset.size_bytes)
        _write_manifest(draft, dataset)
        draft.rename(home / FOLDER / identifier)
    except OSError as error:
        raise DatasetError(f"The data can't be saved ({error.strerror}): free some space on the server.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return describe(home, dataset.name)


def load_own(home: Path, name: str) -> LabelledData:
    """Reads an own dataset, which counts as using it.

    Raises:
        DatasetError: It isn't there any more.
    """
    dataset, folder = describe(home, name), own_folder(home, name)
    touch(home, name)
    try:
        splits = {split: _read_split(folder, split, dataset) for split in SPLITS}
    except (OSError, ValueError, KeyError) as error:  # deleted at this very moment
        raise DatasetError(GONE) from error
    return LabelledData(
        name=name,
        modality=dataset.modality,
        class_names=dataset.classes,
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        notes=dataset.notes,
    )


def touch(home: Path, name: str) -> None:
    """Notes that a dataset was used; harmless if it isn't there."""
    with contextlib.suppress(DatasetError, OSError):
        os.utime(own_folder(home, name) / MANIFEST)


def delete(home: Path, owner: str, name: str) -> None:
    """Deletes a visitor's dataset, all of it.

    Raises:
        DatasetError: This visitor has no such dataset.
    """
    _find(home, owner, name)
    _remove(home, name)


def prune(home: Path, *, in_use: Collection[str] = (), unused_days: float = UNUSED_DAYS) -> list[str]:
    """Deletes what the rule doesn't keep: unused for too long, or, beyond the room for all, unused for longest.

    Args:
        home: The app's one folder.
        in_use: Names of datasets that comparisons on their way use: those stay.
        unused_days: How long a dataset is kept that nobody uses.

    Returns:
        The names of those that were deleted.
    """
    _remove_abandoned(home)
    now, total_bytes, deleted = time.time(), 0, []
    for dataset in sorted(list_all(home), key=lambda dataset: dataset.used_at, reverse=True):
        total_bytes += dataset.size_bytes
        expired = now - dataset.used_at > unused_days * _DAY_S
        if dataset.name not in in_use and (expired or total_bytes > MOST_BYTES):
            _remove(home, dataset.name)
            deleted.append(dataset.name)
    return deleted


def as_kept(image: Image) -> Image:
    """A picture as it is kept: not too large, in a mode that predictions on new images know, too."""
    kinds = ("L", "LA", "RGB", "RGBA")
    see_through = "A" in image.mode or image.mode == "P"
    plain = image.copy() if image.mode in kinds else image.convert("RGBA" if see_through else "RGB")
    plain.thumbnail((STORED_SIDE_PIXELS, STORED_SIDE_PIXELS))
    plain.info = {}
    return plain


@contextmanager
def scratch_folder(home: Path) -> Iterator[Path]:
    """A folder for what is only being looked at; what a killed process leaves behind in one is pruned."""
    parent = home / FOLDER
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=parent, prefix=_draft_prefix(os.getpid()), ignore_cleanup_errors=True
    ) as scratch:
        yield Path(scratch)


def clear_drafts(home: Path, pid: int) -> None:
    """Deletes what a process that has ended left half saved."""
    for path in (home / FOLDER).glob(f"{_draft_prefix(pid)}*"):
        shutil.rmtree(path, ignore_errors=True)


class _KeptPictures(DecodedImages):
    """Pictures in a folder, decoded one by one."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder = folder
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    def decode(self, index: int) -> Image:
        """One picture."""
        try:
            content = (self._folder / self._names[index]).read_bytes()
        except OSError as error:
            raise DatasetError(GONE) from error
        return open_image({"bytes": content}, shown=f"Picture {index + 1:,}")


def _find(home: Path, owner: str, name: str) -> OwnDataset:
    dataset = describe(home, name)
    if dataset.owner_hash != hash_owner(owner):
        raise DatasetError(GONE)
    return dataset


def _draft_prefix(pid: int) -> str:
    return f"{_NEW}{pid}-"


def _write_split(folder: Path, split: SplitName, content: Split, written_bytes: int) -> int:
    """One line per example. Bounds on what is written hold from example to example; returns how much there is now."""
    with (folder / f"{split}.jsonl").open("w", encoding="utf-8") as file:
        for number, label in enumerate(content.labels.tolist()):
            item = content.inputs[number]
            row: dict[str, Any] = {"label": label}
            if isinstance(item, str):
                row["text"] = item
            else:
                row["image"] = _write_picture(folder, split, number, as_kept(item))
                written_bytes += (folder / _PICTURES / row["image"]).stat().st_size
            written_bytes += file.write(json.dumps(row) + "\n")
            check_size(written_bytes)
    return written_bytes


def _write_picture(folder: Path, split: SplitName, number: int, image: Image) -> str:
    """Keeps a picture's pixels and nothing else of its file; returns its name."""
    pictures = folder / _PICTURES
    pictures.mkdir(exist_ok=True)
    name = f"{split}-{number:05}"
    if image.width * image.height > _LOSSLESS_PIXELS and image.mode in {"L", "RGB"}:
        image.save(pictures / f"{name}.jpg", quality=_JPEG_QUALITY)
        return f"{name}.jpg"
    image.save(pictures / f"{name}.png")
    return f"{name}.png"


def _read_split(folder: Path, split: SplitName, dataset: OwnDataset) -> Split:
    lines = (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    labels = np.array([row["label"] for row in rows], dtype=np.int64)
    if dataset.modality == "text":
        return Split(inputs=[row["text"] for row in rows], labels=labels)
    return Split(inputs=_KeptPictures(folder / _PICTURES, [row["image"] for row in rows]), labels=labels)


def _write_manifest(folder: Path, dataset: OwnDataset) -> None:
    """Replaces the manifest as a whole, so that no reader meets half of it."""
    draft = folder / f"{MANIFEST}.{secrets.token_hex(4)}"
    draft.write_text(json.dumps(dataset.to_dict()), encoding="utf-8")
    draft.replace(folder / MANIFEST)


def _remove(home: Path, name: str) -> None:
    """Out of sight at once, then off the disk."""
    folder = own_folder(home, name)
    gone = folder.with_name(f"{_NEW}{folder.name}-gone")
    try:
        folder.rename(gone)
    except OSError:
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


def _remove_abandoned(home: Path) -> None:
    """Clears what a server that was killed left half saved or half deleted."""
    for path in (home / FOLDER).glob(f"{_NEW}*"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
