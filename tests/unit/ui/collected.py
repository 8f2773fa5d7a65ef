"""What a browser would send of collected photos."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image


def photo(number: int, *, side: int = 24, kind: str = "PNG") -> bytes:
    """A small picture; another number is another picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (number * 7 % 256, number * 31 % 256, number // 7 % 256)).save(buffer, format=kind)
    return buffer.getvalue()


def photos(count: int, *, start: int = 0) -> list[bytes]:
    return [photo(number) for number in range(start, start + count)]


def huge_png(width: int, height: int) -> bytes:
    """A PNG whose header promises so many pixels, in a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def pack(pictures: Sequence[bytes], *, salt: bytes = bytes(16)) -> bytes:
    return salt + b"".join(len(picture).to_bytes(4, "big") + picture for picture in pictures)


def put_parcel(uploads: Path, content: bytes) -> Path:
    """Where the server keeps an uploaded file."""
    folder = uploads / hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pictures.bin"
    path.write_bytes(content)
    return path


def sent(uploads: Path, images: Mapping[str, Sequence[bytes]], *, title: str = "") -> dict[str, Any]:
    """A whole message, with its files in place."""
    classes = [
        {"name": name, "parcel": str(put_parcel(uploads, pack(pictures, salt=number.to_bytes(16, "big"))))}
        for number, (name, pictures) in enumerate(images.items())
    ]
    return {"title": title, "classes": classes}
