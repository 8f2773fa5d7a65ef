from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from tlvsft.config import PREDICTION_TEXT_CHARACTERS
from tlvsft.errors import InvalidInput
from tlvsft.runs.inputs import ImageInput, TextInput


def encode(image: Image.Image, file_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=file_format)
    return buffer.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than it holds: a decompression bomb's cheap cousin."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_texts_within_bounds_pass() -> None:
    TextInput(text="A fine book.").check()
    TextInput(text="x" * PREDICTION_TEXT_CHARACTERS).check()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "no text"), (" \n\t", "no text"), ("x" * 100_000, r"100,000 characters: .* at most 10,000")],
)
def test_texts_out_of_bounds_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        TextInput(text=text).check()


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_usual_formats_are_read(file_format: str) -> None:
    image = ImageInput(png_bytes=encode(Image.new("L", (32, 20), 128), file_format), drawn=False).decode()
    assert image.size == (32, 20)
    assert image.mode in {"L", "LA", "RGB", "RGBA"}


@pytest.mark.parametrize(
    ("mode", "decoded"), [("L", "L"), ("RGB", "RGB"), ("RGBA", "RGBA"), ("P", "RGBA"), ("1", "RGB"), ("I;16", "RGB")]
)
def test_odd_modes_become_plain_ones(mode: str, decoded: str) -> None:
    assert ImageInput(png_bytes=encode(Image.new(mode, (8, 8))), drawn=True).decode().mode == decoded


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an image",
        encode(Image.new("L", (64, 64), 7))[:60],
        png_that_claims(30, 30),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_damaged_or_unknown_files_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        ImageInput(png_bytes=data, drawn=False).decode()


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (4_097, 5), (20_000, 4_000), (60_000, 60_000)])
def test_sizes_out_of_bounds_are_refused_before_decoding(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput, match=r"pixels: sides from 2 to 4,096|can't be read"):
        ImageInput(png_bytes=png_that_claims(*size), drawn=False).decode()
