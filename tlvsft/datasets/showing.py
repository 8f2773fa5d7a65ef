"""Examples in the form in which the page shows them: short texts, small pictures."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SHOWN_CHARACTERS = 500
SHOWN_PIXELS = 64
"""Longest side of a shown image."""
CUT = "…"
"""What a shortened text ends with."""


def shorten_text(text: str) -> str:
    """A text of at most `SHOWN_CHARACTERS` characters."""
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}{CUT}"


def picture_uri(image: Image) -> str:
    """A small PNG of an image, as a data URI."""
    small = image.copy() if image.mode in {"L", "RGB"} else image.convert("RGB")
    small.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return encode_png(small)


def encode_png(image: Image) -> str:
    """An image as it is, as a PNG in a data URI."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
