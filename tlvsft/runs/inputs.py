"""What a trained model may be asked about: one text or one image, within bounds."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.config import PREDICTION_IMAGE_PIXELS, PREDICTION_TEXT_CHARACTERS
from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_READ_AS_IS = ("L", "LA", "RGB", "RGBA")


@dataclass(frozen=True, kw_only=True)
class TextInput:
    """A text to classify."""

    text: str

    def check(self) -> None:
        """Refuses what is empty or too long.

        Raises:
            InvalidInput: It is.
        """
        if not self.text.strip():
            raise InvalidInput("There is no text to predict on: write a sentence or two.")
        if len(self.text) > PREDICTION_TEXT_CHARACTERS:
            raise InvalidInput(
                f"The text has {len(self.text):,} characters: predictions take at most {PREDICTION_TEXT_CHARACTERS:,}."
            )


@dataclass(frozen=True, kw_only=True)
class ImageInput:
    """An image to classify.

    Attributes:
        png_bytes: The file, as PNG (JPEG, WebP, GIF, BMP and TIFF are read, too).
        drawn: Whether somebody drew it on the page; a drawn digit is centred and reduced as the dataset's were.
    """

    png_bytes: bytes
    drawn: bool

    def decode(self) -> Image:
        """The image, in mode `L`, `LA`, `RGB` or `RGBA`.

        Raises:
            InvalidInput: It is damaged, in no format that is read, too small or too large.
        """
        from PIL import Image, ImageOps

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # too many pixels: refused below
                image = Image.open(io.BytesIO(self.png_bytes), formats=IMAGE_FORMATS)
                _check_size(image)
                upright = ImageOps.exif_transpose(image)
                mode = upright.mode
                return (
                    upright if mode in _READ_AS_IS else upright.convert("RGBA" if "A" in mode or mode == "P" else "RGB")
                )
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise InvalidInput("The image can't be read: give a whole PNG or JPEG file.") from error


Input = TextInput | ImageInput


def _check_size(image: Image) -> None:
    low, high = PREDICTION_IMAGE_PIXELS
    width, height = image.size
    if min(width, height) < low or max(width, height) > high:
        raise InvalidInput(f"The image has {width:,} × {height:,} pixels: sides from {low} to {high:,} are taken.")
