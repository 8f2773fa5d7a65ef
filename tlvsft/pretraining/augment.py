"""Random distortions of drawings, a whole batch at a time.

The backbone will meet other pens and other scanners. Two thirds of the images are made as scikit-learn's digits were:
cropped to their ink, turned to black and white, and counted on an 8×8 grid (Alpaydin & Kaynak 1998, UCI repository,
"Optical recognition of handwritten digits").
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from tlvsft.pretraining.recipes import GlyphsRecipe

_INK = 0.4
"""From this brightness on, a pixel is ink."""

_BEND_POINTS = 4
"""Points along a side that are displaced at random; what lies between follows smoothly."""


def augment(drawings: Tensor, quarter_turns: Tensor, *, recipe: GlyphsRecipe, generator: torch.Generator) -> Tensor:
    """Distorts each drawing at random and reduces it to the size that the backbone sees.

    Args:
        drawings: Shape `(batch, 1, height, width)`, float32 in 0–1, ink bright.
        quarter_turns: Shape `(batch,)`; how often each drawing is turned by 90° before anything else.
        recipe: The strengths.
        generator: Decides everything that is random.

    Returns:
        Shape `(batch, 1, image_size, image_size)`, float32 in 0–1.
    """
    images = _thicken(drawings, recipe.max_thickening, generator)
    large = _warp(images, quarter_turns, recipe, generator)
    plain = functional.avg_pool2d(large, 2)
    plain = _contrast(_mix(plain, _blur(plain), recipe.blur_share, generator), generator)
    scanned = _scan(_thicken(large, recipe.scan_thickening, generator), grid=recipe.scan_grid)
    images = _mix(plain, scanned, recipe.scanned_share, generator)
    return (images + 0.03 * torch.randn(images.shape, generator=generator)).clamp(0.0, 1.0)


def present(drawings: Tensor, quarter_turns: Tensor, *, image_size: int) -> Tensor:
    """Turns and reduces drawings without any distortion, for measuring.

    Args:
        drawings: Shape `(batch, 1, height, width)`, float32 in 0–1.
        quarter_turns: Shape `(batch,)`.
        image_size: Side of the result.

    Returns:
        Shape `(batch, 1, image_size, image_size)`, float32 in 0–1.
    """
    still = torch.zeros(len(drawings))
    matrices = _matrices(quarter_turns * (math.pi / 2), still, still + 1)
    # Twice the size, then averaged: a single bilinear look-up would skip thin strokes.
    return functional.avg_pool2d(_sample(drawings, matrices, still[:, None], 2 * image_size), 2)


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def _mix(images: Tensor, changed: Tensor, share: float, generator: torch.Generator) -> Tensor:
    chosen = torch.rand(len(images), generator=generator) < share
    return torch.where(chosen[:, None, None, None], changed, images)


def _thicken(drawings: Tensor, max_radius: int, generator: torch.Generator) -> Tensor:
    # One radius per slice of the batch: the order of a batch is random already, and slices are fast.
    slices = drawings.chunk(max_radius + 1)
    radii = torch.randperm(max_radius + 1, generator=generator).tolist()
    return torch.cat([_dilate(part, radius) for part, radius in zip(slices, radii, strict=False)])


def _dilate(images: Tensor, radius: int) -> Tensor:
    if radius == 0:
        return images
    wide = functional.max_pool2d(images, (1, 2 * radius + 1), stride=1, padding=(0, radius))
    return functional.max_pool2d(wide, (2 * radius + 1, 1), stride=1, padding=(radius, 0))


def _matrices(angle: Tensor, shear: Tensor, scale: Tensor) -> Tensor:
    """Where each output pixel looks in the input: shape `(batch, 2, 2)`."""
    cos, sin = angle.cos(), angle.sin()
    turn = torch.stack([torch.stack([cos, -sin], dim=1), torch.stack([sin, cos], dim=1)], dim=1)
    slant = torch.eye(2).repeat(len(angle), 1, 1)
    slant[:, 0, 1] = shear
    return turn @ slant / scale[:, None, None]


def _warp(images: Tensor, quarter_turns: Tensor, recipe: GlyphsRecipe, generator: torch.Generator) -> Tensor:
    """Turns, shears, stretches and bends; the result has twice the size that the backbone sees."""
    batch = len(images)
    turn = math.radians(recipe.max_turn_deg)
    angle = quarter_turns * (math.pi / 2) + _uniform(batch, -turn, turn, generator)
    shear = _uniform(batch, -recipe.max_shear, recipe.max_shear, generator)
    matrices = _matrices(angle, shear, _uniform(batch, *recipe.scale_range, generator))
    stretch = _uniform(batch, recipe.min_stretch, 1.0, generator)
    narrow = torch.rand(batch, generator=generator) < 0.5
    # One of the two axes is squeezed: people write narrow and flat.
    matrices[:, :, 0] /= torch.where(narrow, stretch, 1.0)[:, None]
    matrices[:, :, 1] /= torch.where(narrow, 1.0, stretch)[:, None]
    shift = _uniform(2 * batch, -2 * recipe.max_shift, 2 * recipe.max_shift, generator).view(batch, 2)
    bends = recipe.bend_std * torch.randn((batch, 2, _BEND_POINTS, _BEND_POINTS), generator=generator)
    return _sample(images, matrices, shift, 2 * recipe.image_size, bends=bends)


def _sample(images: Tensor, matrices: Tensor, shift: Tensor, size: int, *, bends: Tensor | None = None) -> Tensor:
    theta = torch.cat([matrices, shift.expand(-1, 2)[:, :, None]], dim=2)
    grid = functional.affine_grid(theta, [len(images), 1, size, size], align_corners=False)
    if bends is not None:
        smooth = functional.interpolate(bends, size=(size, size), mode="bicubic", align_corners=True)
        grid = grid + smooth.permute(0, 2, 3, 1)
    return functional.grid_sample(images, grid, align_corners=False)


def _scan(images: Tensor, *, grid: int) -> Tensor:
    """Crops to the ink, turns to black and white, counts ink on a grid and enlarges it to half the size again."""
    size = images.shape[-1]
    framed = (_to_frame(images) > _INK).float()
    counts = functional.adaptive_avg_pool2d(framed, grid)
    return functional.interpolate(counts, size=(size // 2, size // 2), mode="bicubic", align_corners=False)


def _to_frame(images: Tensor) -> Tensor:
    """Enlarges what is inked until its longer side fills the frame; proportions are kept."""
    ink = images[:, 0] > _INK
    top, bottom = _extent(ink.any(dim=2))
    left, right = _extent(ink.any(dim=1))
    side = torch.maximum(bottom - top, right - left).clamp(min=0.25)
    still = torch.zeros(len(images))
    centres = torch.stack([left + right, top + bottom], dim=1) - 1
    return _sample(images, _matrices(still, still, 1 / side), centres, images.shape[-1])


def _extent(inked: Tensor) -> tuple[Tensor, Tensor]:
    """First and last inked position of each row, as shares of its length; all of it where nothing is inked."""
    length = inked.shape[1]
    first = inked.float().argmax(dim=1)
    last = length - inked.flip(1).float().argmax(dim=1)
    return first / length, last / length


def _blur(images: Tensor) -> Tensor:
    kernel = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    wide = functional.conv2d(images, kernel.view(1, 1, 1, 5), padding=(0, 2))
    return functional.conv2d(wide, kernel.view(1, 1, 5, 1), padding=(2, 0))


def _contrast(images: Tensor, generator: torch.Generator) -> Tensor:
    strength = _uniform(len(images), 0.6, 1.1, generator)[:, None, None, None]
    gamma = _uniform(len(images), 0.7, 1.4, generator)[:, None, None, None]
    return images.clamp(min=1e-6).pow(gamma) * strength
