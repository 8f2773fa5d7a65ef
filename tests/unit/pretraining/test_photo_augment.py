from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tlvsft.pretraining.photo_augment import augment_photos, normalise
from tlvsft.pretraining.recipes import PhotosRecipe


@pytest.fixture
def photos() -> torch.Tensor:
    return torch.rand(16, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def plain(photos_recipe: PhotosRecipe) -> PhotosRecipe:
    """Nothing but mirroring."""
    return replace(photos_recipe, min_crop_area=1.0, max_aspect=1.0, colour_jitter=0.0, soft_share=0.0)


def changed(photos: torch.Tensor, recipe: PhotosRecipe, *, seed: int = 0, size: int = 32) -> torch.Tensor:
    return augment_photos(photos, size=size, recipe=recipe, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [16, 32])
def test_shape_and_range_are_kept(photos: torch.Tensor, photos_recipe: PhotosRecipe, size: int) -> None:
    images = changed(photos, photos_recipe, size=size)

    assert images.shape == (16, 3, size, size)
    assert images.dtype == torch.float32
    assert images.min() >= 0.0
    assert images.max() <= 1.0


def test_the_seed_decides_everything(photos: torch.Tensor, photos_recipe: PhotosRecipe) -> None:
    first, again, other = (changed(photos, photos_recipe, seed=seed) for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_about_half_are_mirrored_and_nothing_else_happens(photos: torch.Tensor, plain: PhotosRecipe) -> None:
    images = changed(photos, plain)

    same, mirrored = (
        torch.isclose(images, given, atol=1e-4).all(dim=3).all(dim=2).all(dim=1) for given in (photos, photos.flip(3))
    )
    assert (same ^ mirrored).all()
    assert 3 < mirrored.sum() < 13


def test_crops_show_a_part_of_the_photo(plain: PhotosRecipe) -> None:
    ramp = torch.linspace(0, 1, 32).expand(16, 3, 32, 32)  # brighter to the right
    images = changed(ramp, replace(plain, min_crop_area=0.25))

    spans = images.amax(dim=(1, 2, 3)) - images.amin(dim=(1, 2, 3))
    assert spans.min() > 0.4
    assert spans.min() < 0.8


def test_softening_removes_detail_from_its_share(photos: torch.Tensor, plain: PhotosRecipe) -> None:
    soft = changed(photos, replace(plain, soft_share=1.0))
    mixed = changed(photos, replace(plain, soft_share=0.5))

    assert soft.std(dim=(2, 3)).max() < photos.std(dim=(2, 3)).min()
    assert 0 < sum(torch.equal(one, other) for one, other in zip(soft, mixed, strict=True)) < 16


def test_colours_change_but_grey_stays_grey(photos: torch.Tensor, plain: PhotosRecipe) -> None:
    recipe = replace(plain, colour_jitter=0.3)
    grey = photos.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)

    images = changed(grey, recipe)

    assert not torch.allclose(images, changed(grey, plain), atol=0.05)
    assert torch.allclose(images[:, 0], images[:, 2], atol=1e-4)


def test_the_mean_photo_is_zero_for_the_backbone(photos_recipe: PhotosRecipe) -> None:
    mean = torch.tensor(photos_recipe.pixel_mean).view(1, 3, 1, 1).expand(2, 3, 4, 4)

    assert normalise(mean, photos_recipe).abs().max() < 1e-6
