"""What the browser sends of collected photos, read as from a stranger: names, numbers, files and each picture's header.

Each class comes as one uploaded file: 16 random bytes, which make its place unguessable, and then the pictures, before
each its length in bytes as a big-endian number of 32 bits (`assets/js/photos.js` packs them).
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tlvsft.catalog.own import MOST_TITLE_CHARACTERS
from tlvsft.errors import InvalidInput, shorten

FEWEST_CLASSES, MOST_CLASSES = 2, 10
FEWEST_PICTURES, MOST_PICTURES = 10, 200
"""Pictures of one class."""
MOST_NAME_CHARACTERS = 40
PICTURE_BYTES = 300_000
"""Largest picture; those that the page makes have some 15,000."""
PICTURE_SIDE = 1_024
"""Longest side in pixels; the page scales them down to 256."""
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP")

_SALT_BYTES = 16
_LENGTH_BYTES = 4
_PARCEL_BYTES = _SALT_BYTES + MOST_PICTURES * (PICTURE_BYTES + _LENGTH_BYTES)
_PARCEL_NAME = "pictures.bin"
_PARCEL_FOLDER = re.compile(r"[0-9a-f]{64}")
_SEND_AGAIN = "The pictures didn't arrive whole: press the button again."
_IN_TITLE = 3


@dataclass(frozen=True, kw_only=True)
class Collected:
    """Photos of a few classes, within bounds.

    Attributes:
        title: What the set is called.
        images: For each class its pictures, each a whole image file.
        repeated: How many pictures were left out because their class had them already.
    """

    title: str
    images: dict[str, tuple[bytes, ...]]
    repeated: int


def read_collected(sent: Mapping[str, object], *, uploads: Path) -> Collected:
    """Reads what a browser sent and deletes the uploaded files, whether they can be used or not.

    Args:
        sent: The set's `title`, and `classes` with a `name` and the path of a `parcel` each.
        uploads: The folder that the server keeps uploads in; nothing outside it is touched.

    Raises:
        InvalidInput: One line that says what to change.
    """
    classes = _read_classes(sent.get("classes"))
    with _fetched([one.get("parcel") for one in classes], uploads=uploads) as parcels:
        names = _read_names([one.get("name") for one in classes])
        return _gather(names, parcels, title=sent.get("title"))


def unpack_parcel(content: bytes) -> list[bytes]:
    """The pictures of an uploaded file; none is looked at.

    Raises:
        InvalidInput: It is cut short, or holds too much.
    """
    pictures: list[bytes] = []
    at = _SALT_BYTES
    while at < len(content):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(content[at:start], "big")
        if at > len(content) or at == start:
            raise InvalidInput(_SEND_AGAIN)
        pictures.append(content[start:at])
    return pictures


def check_picture(content: bytes, *, shown: str) -> None:
    """Looks at a picture's size and header; nothing is decoded.

    Raises:
        InvalidInput: It is no image of a kind that is read, or too large.
    """
    from PIL import Image

    if len(content) > PICTURE_BYTES:
        raise InvalidInput(f"{shown} has {len(content):,} bytes, and at most {PICTURE_BYTES:,} are taken: remove it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # too many pixels: refused below
            with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as image:
                width, height = image.size
    except Image.DecompressionBombError as error:
        raise InvalidInput(_too_large(shown)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise InvalidInput(f"{shown} is no JPEG, PNG or WebP image: remove it and choose another one.") from error
    if max(width, height) > PICTURE_SIDE:
        raise InvalidInput(_too_large(shown))


def _too_large(shown: str) -> str:
    return f"{shown} is larger than {PICTURE_SIDE:,} pixels a side: remove it, or make it smaller."


def _read_classes(sent: object) -> list[Mapping[str, object]]:
    classes = [one for one in sent if isinstance(one, Mapping)] if isinstance(sent, Sequence) else []
    if not FEWEST_CLASSES <= len(classes) <= MOST_CLASSES:
        raise InvalidInput(f"There are {len(classes)} classes: give {FEWEST_CLASSES} to {MOST_CLASSES}.")
    return classes


def _read_names(sent: Sequence[object]) -> list[str]:
    """The names on one line each, all different whatever their case."""
    names = [_read_line(name) for name in sent]
    for number, name in enumerate(names, start=1):
        if not name:
            raise InvalidInput(f"Class {number} has no name: give it one.")
        if len(name) > MOST_NAME_CHARACTERS:
            raise InvalidInput(
                f"The name {shorten(name)!r} is longer than {MOST_NAME_CHARACTERS} characters: shorten it."
            )
        if name.casefold() in {earlier.casefold() for earlier in names[: number - 1]}:
            raise InvalidInput(f"Two classes are called {shorten(name)!r}: give each a name of its own.")
    return names


def _read_line(text: object) -> str:
    """A text without line breaks, control characters, and what is invisible or turns the direction of writing."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text) if isinstance(text, str) else ""
    return " ".join(kept.split())


def _gather(names: Sequence[str], parcels: Sequence[bytes], *, title: object) -> Collected:
    images: dict[str, tuple[bytes, ...]] = {}
    homes: dict[bytes, str] = {}
    repeated = 0
    for name, parcel in zip(names, parcels, strict=True):
        pictures = unpack_parcel(parcel)
        if len(pictures) > MOST_PICTURES:
            raise InvalidInput(f"{name!r} has {len(pictures):,} pictures: remove some, {MOST_PICTURES} are taken.")
        kept = _keep_once(name, pictures, homes)
        if len(kept) < FEWEST_PICTURES:
            raise InvalidInput(
                f"{name!r} has {len(kept)} different pictures and needs at least {FEWEST_PICTURES}: add some."
            )
        images[name] = kept
        repeated += len(pictures) - len(kept)
    called = _read_line(title) or _title_of(names)
    return Collected(title=shorten(called, MOST_TITLE_CHARACTERS), images=images, repeated=repeated)


def _keep_once(name: str, pictures: Sequence[bytes], homes: dict[bytes, str]) -> tuple[bytes, ...]:
    """The pictures without repetitions, which a test would take for something new; `homes` learns whose each is."""
    kept = []
    for number, picture in enumerate(pictures, start=1):
        check_picture(picture, shown=f"Picture {number} of {name!r}")
        digest = hashlib.sha256(picture).digest()
        home = homes.setdefault(digest, name)
        if home != name:
            raise InvalidInput(f"The same picture is in {home!r} and, as number {number}, in {name!r}: remove one.")
        kept.append((digest, picture))
    return tuple(dict(kept).values())


def _title_of(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_IN_TITLE])
    return shown if len(names) <= _IN_TITLE else f"{shown} and {len(names) - _IN_TITLE} more"


@contextmanager
def _fetched(paths: Sequence[object], *, uploads: Path) -> Iterator[list[bytes]]:
    """What the uploaded files hold; afterwards they are gone."""
    files = [_find_parcel(path, uploads=uploads) for path in paths]
    try:
        yield [_read_parcel(file) for file in files]
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _find_parcel(path: object, *, uploads: Path) -> Path:
    """The uploaded file that a path names: one that only this module reads, in the folder of uploads.

    Raises:
        InvalidInput: It names anything else.
    """
    file = Path(path) if isinstance(path, str) and "\0" not in path else Path()
    place = file.parent
    if file.name != _PARCEL_NAME or place.parent != uploads or not _PARCEL_FOLDER.fullmatch(place.name):
        raise InvalidInput(_SEND_AGAIN)
    return file


def _read_parcel(file: Path) -> bytes:
    try:
        if file.is_symlink() or file.stat().st_size > _PARCEL_BYTES:
            raise InvalidInput(_SEND_AGAIN)
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(_SEND_AGAIN) from error
