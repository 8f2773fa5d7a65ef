"""Random changes to photos, a whole batch at a time.

People's photos are framed, lit and focused in their own ways, and are often enlarged from something smaller.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from tlvsft.pretraining.recipes import PhotosRecipe

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def augment_photos(photos: Tensor, *, size: int, recipe: PhotosRecipe, generator: torch.Generator) -> Tensor:
    """Crops, mirrors, recolours and softens each photo at random.

    Args:
        photos: Shape `(batch, 3, height, width)`, float32 in 0–1.
        size: Side of the result in pixels.
        recipe: The strengths.
        generator: Decides everything that is random.

    Returns:
        Shape `(batch, 3, size, size)`, float32 in 0–1.
    """
    images = _crop(photos, size, recipe, generator)
    images = _recolour(images, recipe.colour_jitter, generator)
    return _soften(images, recipe.soft_share, generator).clamp(0.0, 1.0)


def normalise(photos: Tensor, recipe: PhotosRecipe) -> Tensor:
    """Photos in 0–1 as the backbone takes them: minus the mean, divided by the deviation, per colour."""
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (recipe.pixel_mean, recipe.pixel_std))
    return (photos - mean) / deviation


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)


def _crop(photos: Tensor, size: int, recipe: PhotosRecipe, generator: torch.Generator) -> Tensor:
    count = len(photos)
    area = _uniform(count, recipe.min_crop_area, 1.0, generator)
    stretch = _uniform(count, -math.log(recipe.max_aspect), math.log(recipe.max_aspect), generator).exp()
    width, height = ((area * factor).sqrt().clamp(max=1.0) for factor in (stretch, 1 / stretch))
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = width * mirror, height
    theta[:, 0, 2] = (1 - width) * _uniform(count, -1.0, 1.0, generator)
    theta[:, 1, 2] = (1 - height) * _uniform(count, -1.0, 1.0, generator)
    grid = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
    return functional.grid_sample(photos, grid, padding_mode="border", align_corners=False)


def _recolour(images: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Brightness, contrast and saturation, each times a factor of its own."""
    brightness, contrast, saturation = (
        _uniform(len(images), 1 - strength, 1 + strength, generator)[:, None, None, None] for _ in range(3)
    )
    images = images * brightness
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    images = mean + contrast * (images - mean)
    grey = (images * torch.tensor(_LUMA).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return grey + saturation * (images - grey)


def _soften(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Halves some images and enlarges them again."""
    chosen = torch.rand(len(images), generator=generator) < share
    small = functional.avg_pool2d(images, 2)
    soft = functional.interpolate(small, size=images.shape[-2:], mode="bilinear", align_corners=False)
    return torch.where(chosen[:, None, None, None], soft, images)
