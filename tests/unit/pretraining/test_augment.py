from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tlvsft.pretraining.augment import augment, present
from tlvsft.pretraining.recipes import GlyphsRecipe


@pytest.fixture
def drawings() -> torch.Tensor:
    images = torch.zeros(8, 1, 64, 64)
    images[:, :, 8:12, 8:56] = 1.0  # a bar along the top
    return images


def test_shape_and_range_are_kept(drawings: torch.Tensor, glyphs_recipe: GlyphsRecipe) -> None:
    turns = torch.arange(8) % 4

    images = augment(drawings, turns, recipe=glyphs_recipe, generator=torch.Generator().manual_seed(0))

    assert images.shape == (8, 1, 32, 32)
    assert images.dtype == torch.float32
    assert images.min() >= 0.0
    assert images.max() <= 1.0
    assert (images.amax(dim=(1, 2, 3)) > 0.2).all()


def test_the_seed_decides_everything(drawings: torch.Tensor, glyphs_recipe: GlyphsRecipe) -> None:
    turns = torch.zeros(8)

    first, again, other = (
        augment(drawings, turns, recipe=glyphs_recipe, generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("batch", [1, 3])
def test_batches_smaller_than_the_number_of_stroke_widths_are_whole(
    drawings: torch.Tensor, glyphs_recipe: GlyphsRecipe, batch: int
) -> None:
    recipe = replace(glyphs_recipe, max_thickening=4)

    images = augment(drawings[:batch], torch.zeros(batch), recipe=recipe, generator=torch.Generator().manual_seed(0))

    assert len(images) == batch


def test_a_quarter_turn_moves_the_bar_to_another_side(drawings: torch.Tensor) -> None:
    shown = present(drawings[:4], torch.arange(4), image_size=32)

    ink = [
        (
            image[0, :8].sum().item(),
            image[0, -8:].sum().item(),
            image[0, :, :8].sum().item(),
            image[0, :, -8:].sum().item(),
        )
        for image in shown
    ]
    sides = [max(range(4), key=lambda side, amounts=amounts: amounts[side]) for amounts in ink]
    assert sides[0] == 0
    assert sorted(sides) == [0, 1, 2, 3]


def test_without_a_turn_presenting_only_averages(drawings: torch.Tensor) -> None:
    shown = present(drawings, torch.zeros(8), image_size=32)

    assert torch.allclose(shown, torch.nn.functional.avg_pool2d(drawings, 2), atol=1e-5)
