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


def test_a_scan_fills_the_frame_whatever_the_size_of_the_drawing(glyphs_recipe: GlyphsRecipe) -> None:
    recipe = replace(
        glyphs_recipe,
        scanned_share=1.0,
        max_thickening=0,
        scan_thickening=0,
        bend_std=0.0,
        max_turn_deg=0.0,
        max_shear=0.0,
        min_stretch=1.0,
    )
    small_box = torch.zeros(4, 1, 64, 64)
    small_box[:, :, 20:36, 30:46] = 1.0

    images = augment(small_box, torch.zeros(4), recipe=recipe, generator=torch.Generator().manual_seed(0))

    assert images.mean() > 0.8


def test_an_empty_drawing_stays_empty(glyphs_recipe: GlyphsRecipe) -> None:
    recipe = replace(glyphs_recipe, scanned_share=1.0)

    images = augment(
        torch.zeros(4, 1, 64, 64), torch.zeros(4), recipe=recipe, generator=torch.Generator().manual_seed(0)
    )

    assert images.max() < 0.3


def test_bends_move_what_turns_and_stretches_leave_in_place(
    drawings: torch.Tensor, glyphs_recipe: GlyphsRecipe
) -> None:
    straight, bent = (
        augment(
            drawings,
            torch.zeros(8),
            recipe=replace(glyphs_recipe, scanned_share=0.0, bend_std=std),
            generator=torch.Generator().manual_seed(0),
        )
        for std in (0.0, 0.2)
    )

    assert (straight - bent).abs().mean() > 0.01


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
