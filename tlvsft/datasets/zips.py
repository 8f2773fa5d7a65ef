"""An archive of image folders: everything that its table of contents says is checked before a byte is unpacked.

Nothing is ever written under a name from the archive; members are read into memory one by one, within bounds.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from tlvsft.catalog.own import (
    MOST_CLASS_CHARACTERS,
    MOST_IMAGES,
    MOST_MEMBERS,
    MOST_RATIO,
    MOST_UNPACKED_BYTES,
)
from tlvsft.config import SplitName
from tlvsft.datasets.labelled import LabelledData
from tlvsft.datasets.locating import KINDS, PICKLED, SPLIT_WORDS
from tlvsft.datasets.pictures import Encoded, gather_pictures
from tlvsft.errors import DatasetError, shorten

_PACKED_WITH = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_SMALL_BYTES = 1_000_000
"""Below this a member may shrink as far as it likes: a white picture does."""
_ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".jar"})
_DRIVE = re.compile(r"[A-Za-z]:")
_SYSTEM_FOLDERS = frozenset({"__MACOSX"})
_LAYOUT = "make one folder per class, perhaps within train, validation and test"

_Place = tuple[SplitName, str]


def read_zip(path: Path, *, shown: str) -> LabelledData:
    """Reads an archive of image folders; pictures are decoded when they are asked for.

    Args:
        path: The archive.
        shown: What its visitor calls it.

    Raises:
        DatasetError: It is damaged, hostile, too large, or no such archive; the message says what to do next.
    """
    try:
        archive = zipfile.ZipFile(path)
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise DatasetError(f"{shown} is damaged or no zip archive: pack the folders again.") from error
    check_members(members, shown=shown)
    files, folders = _pictures_in(members), [_parts(member) for member in members if member.is_dir()]
    placed, emptied = _sort(list(files), [parts for parts in folders if not _is_hidden(parts)], shown=shown)
    given: dict[SplitName, dict[str, list[Encoded]]] = {}
    names: dict[SplitName, dict[str, list[str]]] = {}
    for parts, (split, label) in placed.items():
        given.setdefault(split, {}).setdefault(label, []).append(partial(_read, archive, files[parts], shown))
        names.setdefault(split, {}).setdefault(label, []).append(shorten("/".join(parts)))
    for split, label in emptied:
        given.setdefault(split, {}).setdefault(label, [])
    data, others = gather_pictures(given, shown=shown, names=names), _count_others(members)
    note = f"Left out {others:,} {'file that is no picture' if others == 1 else 'files that are no pictures'}."
    return replace(data, notes=(note, *data.notes)) if others else data


def check_members(members: Sequence[zipfile.ZipInfo], *, shown: str) -> None:
    """Refuses what no archive of pictures has: tricks with paths, passwords, links, bombs, code.

    Raises:
        DatasetError: The first such thing.
    """
    if len(members) > MOST_MEMBERS:
        raise DatasetError(f"{shown} has {len(members):,} entries, and at most {MOST_MEMBERS:,} are taken: split it.")
    if sum(member.file_size for member in members) > MOST_UNPACKED_BYTES:
        raise DatasetError(
            f"{shown} would unpack to more than {MOST_UNPACKED_BYTES // 1000**2} MB: leave pictures out, or make them "
            "smaller."
        )
    seen: set[str] = set()
    for member in members:
        for complain in (_path_trick, _odd_member, _bomb, _no_data):
            problem = complain(member)
            if problem:
                raise DatasetError(f"{shown} is not taken: {shorten(repr(member.orig_filename))} {problem}.")
        key = unicodedata.normalize("NFC", "/".join(_parts(member))).casefold()
        if key in seen:
            raise DatasetError(
                f"{shown} is not taken: it has two entries {shorten(repr(member.filename))}; name each file once."
            )
        seen.add(key)


def _path_trick(member: zipfile.ZipInfo) -> str:
    name = member.orig_filename
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return "is an absolute path: pack the folders again, from within their parent"
    if "\\" in name:
        return "has a backslash in its name: pack the folders again, as an ordinary zip"
    if any(part in {"..", "."} for part in name.split("/")) or "//" in name:
        return "leads out of its folder: pack the folders again"
    if not name.isprintable():
        return "has unprintable signs in its name: rename it"
    return ""


def _odd_member(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted: pack the folders again, without a password"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link, no file: put the file itself in its place"
    if member.compress_type not in _PACKED_WITH:
        return "is packed in a way that isn't read: pack the folders again, as an ordinary zip"
    return ""


def _bomb(member: zipfile.ZipInfo) -> str:
    if member.file_size > _SMALL_BYTES and member.file_size > MOST_RATIO * max(member.compress_size, 1):
        return f"would grow more than {MOST_RATIO} times when it is unpacked, as no picture does: leave it out"
    return ""


def _no_data(member: zipfile.ZipInfo) -> str:
    ending = PurePosixPath(member.orig_filename).suffix.lower()
    if ending in PICKLED:
        return "is a file that can run code when it is opened: leave it out"
    if ending in _ARCHIVES:
        return "is an archive within the archive: unpack it first"
    return ""


def _pictures_in(members: Sequence[zipfile.ZipInfo]) -> dict[tuple[str, ...], zipfile.ZipInfo]:
    """The image files by their paths; notes and hidden files of operating systems are passed over."""
    return {
        _parts(member): member
        for member in members
        if not member.is_dir()
        and not _is_hidden(_parts(member))
        and KINDS.get(PurePosixPath(member.filename).suffix.lower()) == "images"
    }


def _count_others(members: Sequence[zipfile.ZipInfo]) -> int:
    seen = [member for member in members if not member.is_dir() and not _is_hidden(_parts(member))]
    return len(seen) - len(_pictures_in(seen))


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(member.filename).parts


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in _SYSTEM_FOLDERS for part in parts)


def _sort(
    files: list[tuple[str, ...]], folders: list[tuple[str, ...]], *, shown: str
) -> tuple[dict[tuple[str, ...], _Place], list[_Place]]:
    """Which split and class each picture belongs to, and the classes' folders that hold none.

    Raises:
        DatasetError: The folders aren't laid out as one per class.
    """
    if not files:
        raise DatasetError(f"There are no pictures in {shown}: {_LAYOUT}.")
    if len(files) > MOST_IMAGES:
        raise DatasetError(
            f"{shown} has {len(files):,} pictures, and at most {MOST_IMAGES:,} are taken: leave some out."
        )
    depth = _outer_folders(files)
    inner = {parts: parts[depth:] for parts in files}
    has_splits = all(len(parts) > 2 and parts[0].lower() in SPLIT_WORDS for parts in inner.values())
    place = _place_in_split if has_splits else _place
    placed = {parts: place(rest, shown=shown) for parts, rest in inner.items()}
    if "train" not in {split for split, _ in placed.values()}:
        raise DatasetError(f"{shown} has no training pictures: call one of its folders 'train'.")
    class_depth = depth + (2 if has_splits else 1)
    outer = files[0][:depth]
    empty = [
        place((*parts[depth:], "folder"), shown=shown)
        for parts in folders
        if len(parts) == class_depth
        and parts[:depth] == outer
        and (not has_splits or parts[depth].lower() in SPLIT_WORDS)
        and not any(file[:class_depth] == parts for file in files)
    ]
    return placed, empty


def _outer_folders(files: list[tuple[str, ...]]) -> int:
    """How many folders are around everything."""
    depth = 0
    while all(len(parts) > depth + 2 for parts in files) and len({parts[depth] for parts in files}) == 1:
        depth += 1
    return depth


def _place_in_split(parts: tuple[str, ...], *, shown: str) -> _Place:
    return SPLIT_WORDS[parts[0].lower()], _place(parts[1:], shown=shown)[1]


def _place(parts: tuple[str, ...], *, shown: str) -> _Place:
    path = shorten(repr("/".join(parts)))
    if len(parts) < 2:
        raise DatasetError(f"In {shown}, {path} lies in no class's folder: {_LAYOUT}.")
    if len(parts) > 2:
        raise DatasetError(f"In {shown}, {path} lies too deep: {_LAYOUT}.")
    if len(parts[0]) > MOST_CLASS_CHARACTERS:
        raise DatasetError(f"In {shown}, the folder {shorten(parts[0])!r} has too long a name: shorten it.")
    return "train", parts[0]


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str) -> bytes:
    """A member's content; `zipfile` never reads more than the table of contents says."""
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise DatasetError(
            f"{shorten(repr(member.filename))} in {shown} is damaged: pack the folders again."
        ) from error
