"""Digits as images: scikit-learn's 8×8 ones enlarged, and a drawing brought into the same form."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

BITMAP_SIZE = 32
"""Side of the bitmaps that the digits were made from, and of the images that a backbone sees, in pixels."""
_CELL = 4
"""Ink is counted in cells of this side. Source: Kaynak 1995, as described in scikit-learn's `digits.rst`."""
_INK_LEVELS = 16


def enlarge_digit(pixels: np.ndarray[Any, Any]) -> Image.Image:
    """An 8×8 digit as an image.

    Args:
        pixels: `(8, 8)`, 0 (paper) to 16 (ink).

    Returns:
        32×32, mode `L`: ink is bright on black.
    """
    grey = np.clip(np.rint(pixels * (255 / _INK_LEVELS)), 0, 255).astype(np.uint8)
    return Image.fromarray(grey).resize((BITMAP_SIZE, BITMAP_SIZE), Image.Resampling.BICUBIC)
