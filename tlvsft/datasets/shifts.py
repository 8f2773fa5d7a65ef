"""Images of another kind than a model was trained on, made from its test images: turned, noisy, with thicker strokes.

Pure functions: the same image at the same place in its split always gives the same result. `tlvsft.catalog.shifts` says
how strong the shifts are.

Source: the kinds are those that MNIST-C and ImageNet-C use for the same purpose (Mu & Gilmer 2019, arXiv:1906.02337;
    Hendrycks & Dietterich 2019, arXiv:1903.12261).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.catalog.shifts import PHOTO_NOISE, ROTATION_DEGREES, STROKE_NOISE, THICKENING_RADIUS

if TYPE_CHECKING:
    from PIL.Image import Image

_NOISE_SEED = 0x5417
_WHITE = 255


def shift_image(image: Image, name: str, *, index: int, strokes: bool) -> Image:
    """An image of another kind, of the same size.

    Args:
        image: Of any mode.
        name: Which kind: a key of `tlvsft.catalog.shifts.SHIFTS`.
        index: Its place in the split, which decides its noise.
        strokes: Whether it shows bright strokes on black: then black comes in at the edges when it is turned, else a
            mirror image of what is there; and more noise does no harm.

    Returns:
        Mode "L" where `image` has it, else "RGB".

    Raises:
        ValueError: There is no such kind.
    """
    plain = as_pixels(image)
    match name:
        case "rotated":
            return rotate(plain, ROTATION_DEGREES, mirrored=not strokes)
        case "noisy":
            return add_noise(plain, STROKE_NOISE if strokes else PHOTO_NOISE, index=index)
        case "thick":
            return thicken(plain, THICKENING_RADIUS)
        case _:
            raise ValueError(f"There is no shift {name!r}.")


def shrink_image(image: Image, side: int) -> Image:
    """An image whose shorter side has at most `side` pixels, so that what is done to its pixels is what a model sees.

    Returns:
        Mode "L" where `image` has it, else "RGB".
    """
    from PIL.Image import Resampling

    plain = as_pixels(image)
    scale = side / min(plain.size)
    if scale >= 1:
        return plain
    return plain.resize((round(plain.width * scale), round(plain.height * scale)), Resampling.BICUBIC)


def as_pixels(image: Image) -> Image:
    """An image without palette or transparency: mode "L" or "RGB"."""
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")


def rotate(image: Image, degrees: float, *, mirrored: bool) -> Image:
    """Turns an image anticlockwise about its middle.

    Args:
        image: Mode "L" or "RGB".
        degrees: By how much.
        mirrored: Whether what comes in from outside mirrors what is at the edge; else it is black.
    """
    from PIL.Image import Resampling, fromarray

    if not mirrored:
        return image.rotate(degrees, resample=Resampling.BILINEAR)
    margin = math.ceil(max(image.size) / 2)
    pixels = np.asarray(image)
    around = ((margin, margin), (margin, margin), (0, 0))[: pixels.ndim]
    turned = fromarray(np.pad(pixels, around, mode="symmetric")).rotate(degrees, resample=Resampling.BILINEAR)
    return turned.crop((margin, margin, margin + image.width, margin + image.height))


def add_noise(image: Image, deviation: float, *, index: int) -> Image:
    """Adds normal noise to each channel of each pixel, then clips.

    Args:
        image: Mode "L" or "RGB".
        deviation: Standard deviation, as a share of the range from black to white.
        index: Decides the noise; nothing else does.
    """
    from PIL.Image import fromarray

    pixels = np.asarray(image, dtype=np.float64)
    noise = np.random.default_rng([_NOISE_SEED, index]).normal(0.0, deviation * _WHITE, pixels.shape)
    return fromarray(np.clip(np.rint(pixels + noise), 0, _WHITE).astype(np.uint8))


def thicken(image: Image, radius: float) -> Image:
    """Widens bright strokes on a dark ground: each pixel becomes the brightest within `radius` pixels (grey dilation).

    Source: Serra 1982, Image Analysis and Mathematical Morphology.
    """
    from PIL.Image import fromarray
    from scipy.ndimage import grey_dilation

    reach = math.floor(radius)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = rows**2 + columns**2 <= radius**2
    pixels = np.asarray(image)
    footprint = disc if pixels.ndim == 2 else disc[..., None]
    return fromarray(grey_dilation(pixels, footprint=footprint))
