"""`glyphs-resnet`: a small ResNet that tells handwritten characters apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from transformers import ResNetForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from tlvsft.pretraining.augment import augment, present
from tlvsft.pretraining.loop import convert, one_cycle, train_steps
from tlvsft.pretraining.omniglot import Drawings, read_drawings
from tlvsft.pretraining.resnet import build_optimizers, build_resnet, classification_loss
from tlvsft.pretraining.results import TrainingResult, round_as_stored

if TYPE_CHECKING:
    from tlvsft.pretraining.recipes import GlyphsRecipe

_EVALUATION_BATCH = 512


def pretrain_glyphs(recipe: GlyphsRecipe, archives: Sequence[Path], folder: Path) -> TrainingResult:
    """Trains (or goes on training) and measures; see `tlvsft.pretraining.pretrain`.

    Args:
        recipe: Every number.
        archives: The Omniglot zips.
        folder: Where checkpoints live.

    Raises:
        InvalidInput: The archives hold no drawings.
    """
    drawings = read_drawings(archives)
    heldout = np.isin(drawings.numbers, recipe.heldout_drawings)
    torch.manual_seed(recipe.seed)
    model = build_model(recipe, drawings.names)
    convert(model, memory_format=torch.channels_last)
    batches = GlyphBatches(drawings.select(~heldout), recipe)
    progress = train_steps(
        model,
        build_optimizers(model, recipe),
        recipe=recipe,
        loss_of=lambda step: classification_loss(model, *batches.at(step)),
        rate_at=lambda step: one_cycle(step, steps=recipe.steps),
        folder=folder / "checkpoints",
    )
    round_as_stored(model)
    return TrainingResult(
        model=model.train(mode=False),
        preprocessor=build_processor(recipe.image_size),
        progress=progress,
        examples_seen=progress.step * recipe.batch_size,
        available=int((~heldout).sum()),
        metrics=measure(model, drawings.select(heldout), recipe),
    )


def build_model(recipe: GlyphsRecipe, names: Sequence[str]) -> ResNetForImageClassification:
    """A ResNet with one class per character and quarter turn."""
    labels = [class_name(name, turn) for name in names for turn in range(recipe.rotations)]
    return build_resnet(recipe, labels, channels=1)


def class_name(character: str, turn: int) -> str:
    """What a character after so many quarter turns is called, as a class."""
    return f"{character} {90 * turn}°"


def build_processor(image_size: int) -> ViTImageProcessorPil:
    """What turns a grey image (mode "L", ink bright on black) into pixel values from 0 to 1.

    Mean 0 keeps the background at 0, which is also what the convolutions pad with.
    """
    return ViTImageProcessorPil(
        size={"height": image_size, "width": image_size},
        do_convert_rgb=False,
        do_normalize=True,
        image_mean=[0.0],
        image_std=[1.0],
    )


class GlyphBatches:
    """Distorted drawings, in an order and with distortions that follow from seed and step alone.

    Args:
        drawings: What to draw from.
        recipe: Seed, batch size, rotations and the strengths of the distortions.
    """

    def __init__(self, drawings: Drawings, recipe: GlyphsRecipe) -> None:
        self._images = torch.from_numpy(drawings.images)
        self._characters = torch.from_numpy(drawings.characters)
        self._recipe = recipe

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Images `(batch, 1, size, size)`, float32 in 0–1, and classes `(batch,)`, int64, of this step."""
        recipe = self._recipe
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        chosen = torch.randint(len(self._images), (recipe.batch_size,), generator=generator)
        turns = torch.randint(recipe.rotations, (recipe.batch_size,), generator=generator)
        images = self._images[chosen, None].float() / 255
        classes = self._characters[chosen] * recipe.rotations + turns
        return augment(images, turns, recipe=recipe, generator=generator), classes


@torch.no_grad()
def measure(model: ResNetForImageClassification, heldout: Drawings, recipe: GlyphsRecipe) -> dict[str, float]:
    """Accuracy on drawings that training never saw, each in every quarter turn, undistorted.

    Returns:
        `accuracy`, 0–1, over characters and turns, and how many `classes` there are.
    """
    model.train(mode=False)
    images, characters = torch.from_numpy(heldout.images), torch.from_numpy(heldout.characters)
    correct = 0
    for turn in range(recipe.rotations):
        for start in range(0, len(images), _EVALUATION_BATCH):
            part = images[start : start + _EVALUATION_BATCH, None].float() / 255
            shown = present(part, torch.full((len(part),), turn), image_size=recipe.image_size)
            classes = characters[start : start + _EVALUATION_BATCH] * recipe.rotations + turn
            correct += int((model(shown).logits.argmax(dim=1) == classes).sum())
    return {
        "accuracy": correct / (len(images) * recipe.rotations),
        "classes": len(heldout.names) * recipe.rotations,
    }
