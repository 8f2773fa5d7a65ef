"""scikit-learn's 8×8 digits as images, and a user's drawing as such a digit.

The data were made from scanned digits: each was scaled to a 32×32 bitmap, and the ink pixels in each 4×4 block were
counted, which gives 8×8 numbers from 0 to 16. A drawing goes the same way.

Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE_SIZE = 32
"""Side of a digit as an image, in pixels; the bundled backbone's input size."""
INK_LEVELS = 16
"""Largest number in scikit-learn's digits: a 4×4 block full of ink."""
BLOCK = 4
USUAL_INK = 313
"""Ink pixels of a 32×32 bitmap: the mean over scikit-learn's digits (standard deviation 34; much the same for all)."""

_FULL = 255
_FAINTEST_INK = 24
"""Least difference from the ground, of 255, that counts as ink."""
_LARGEST = 512
"""A drawing of twice this side or more is reduced first; strokes turn paler then, but none vanishes."""
_GRID = 96
"""Working size of a drawing: three cells for each pixel of the bitmap."""
_HALVINGS = 12
_THINNEST = 0.8
"""Share of the thickest stroke's half-width that thinning may take away."""


def enlarge_digit(pixels: np.ndarray) -> Image:
    """The one way in which a digit becomes an image: enlarged smoothly, ink bright on black.

    Args:
        pixels: Ink of shape `(8, 8)`, from 0 to 16.

    Returns:
        A 32×32 image, mode "L".
    """
    from PIL import Image

    levels = np.clip(np.asarray(pixels, dtype=np.float32) * (255 / INK_LEVELS), 0, 255)
    small = Image.fromarray(np.rint(levels).astype(np.uint8))
    return small.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC)


def digit_from_drawing(drawing: Image) -> Image:
    """Makes of a drawing what scikit-learn's digits are: cropped, centred, reduced to 8×8, then enlarged.

    Args:
        drawing: Of any size and mode: dark on light, light on dark, or ink on a transparent ground.

    Returns:
        A 32×32 image, mode "L", ink bright on black.

    Raises:
        InvalidInput: Nothing is drawn on it.
    """
    return enlarge_digit(pixels_from_drawing(drawing))


def pixels_from_drawing(drawing: Image) -> np.ndarray:
    """Reduces a drawing to ink counts as scikit-learn's digits have them: `(8, 8)` float32, whole numbers from 0 to 16.

    Raises:
        InvalidInput: Nothing is drawn on it.
    """
    distance = _signed_distance(_crop_to_grid(_find_ink(drawing)))
    bitmap = _fit(distance, _usual_thickness(distance))  # (32, 32) bool
    side = IMAGE_SIZE // BLOCK
    blocks: np.ndarray = bitmap.reshape(side, BLOCK, side, BLOCK).sum(axis=(1, 3))
    return blocks.astype(np.float32)


def _find_ink(drawing: Image) -> np.ndarray:
    """Where the drawing has ink: `(height, width)` bool. The ground is what most of the border shows."""
    smaller = drawing.convert("RGBA").reduce(max(1, max(drawing.size) // _LARGEST))
    rgba = np.asarray(smaller, dtype=np.float32)
    alpha = rgba[..., 3]
    if np.median(_border(alpha)) < _FULL / 2:
        contrast = alpha
    else:
        grey = rgba[..., :3].mean(axis=2) * (alpha / _FULL) + (_FULL - alpha)  # holes show white paper
        contrast = np.abs(grey - np.median(_border(grey)))
    strongest = float(contrast.max())
    if strongest < _FAINTEST_INK:
        raise InvalidInput("Draw a digit first: there is no ink on the canvas.")
    return contrast > strongest / 2


def _border(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def _crop_to_grid(ink: np.ndarray) -> np.ndarray:
    """The ink's bounding box with its longer side scaled to the working grid; no stroke is too thin to survive."""
    from PIL import Image

    box = _crop(ink)
    height, width = box.shape
    scale = _GRID / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smooth = Image.fromarray(box.astype(np.float32))
    if scale < 1:
        return np.asarray(smooth.resize(size, Image.Resampling.BOX)) > 0
    return np.asarray(smooth.resize(size, Image.Resampling.BICUBIC)) > 0.5


def _crop(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _signed_distance(ink: np.ndarray) -> np.ndarray:
    """Distance to the ink's edge in grid cells, negative inside, with room around for thicker strokes."""
    from scipy.ndimage import distance_transform_edt

    padded = np.pad(ink, _GRID // 2)
    outside: np.ndarray = distance_transform_edt(~padded)
    inside: np.ndarray = distance_transform_edt(padded)
    return np.asarray(outside - inside)


def _usual_thickness(distance: np.ndarray) -> float:
    """How far to move the edge of the ink so that the fitted bitmap has the data's usual amount of it."""
    thin, thick = float(distance.min()) * _THINNEST, _GRID / 3.0
    for _ in range(_HALVINGS):
        middle = (thin + thick) / 2
        if _fit(distance, middle).sum() < USUAL_INK:
            thin = middle
        else:
            thick = middle
    return (thin + thick) / 2


def _fit(distance: np.ndarray, shift: float) -> np.ndarray:
    """The ink with its edge moved outwards by `shift`, cropped, and scaled to fill a 32×32 bitmap, in its middle."""
    from PIL import Image

    box = _crop(distance <= shift)
    height, width = box.shape
    scale = IMAGE_SIZE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fitted = np.asarray(Image.fromarray(box.astype(np.float32)).resize(size, Image.Resampling.BOX)) > 0.5
    bitmap = np.zeros((IMAGE_SIZE, IMAGE_SIZE), dtype=bool)
    top, left = (IMAGE_SIZE - size[1]) // 2, (IMAGE_SIZE - size[0] + 1) // 2
    bitmap[top : top + size[1], left : left + size[0]] = fitted
    return bitmap
