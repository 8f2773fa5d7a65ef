"""`photos-resnet`: a small ResNet that tells 200 kinds of things on colour photos apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from transformers import ResNetForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from tlvsft.pretraining.loop import convert, train_steps, warmup_constant_decay
from tlvsft.pretraining.photo_augment import augment_photos, normalise
from tlvsft.pretraining.resnet import build_optimizers, build_resnet, classification_loss
from tlvsft.pretraining.results import TrainingResult, round_as_stored
from tlvsft.pretraining.tiny_imagenet import PhotoFiles, Photos, read_names, read_photos

if TYPE_CHECKING:
    from tlvsft.pretraining.recipes import PhotosRecipe

_EVALUATION_BATCH = 250
_TOP = 5


def pretrain_photos(recipe: PhotosRecipe, files: PhotoFiles, folder: Path) -> TrainingResult:
    """Trains (or goes on training) and measures; see `tlvsft.pretraining.pretrain`.

    Args:
        recipe: Every number.
        files: Tiny ImageNet.
        folder: Where the decoded photos and the checkpoints live.

    Raises:
        InvalidInput: A file is damaged.
    """
    size = recipe.image_size
    train = read_photos(files.train, folder / "train.npy", image_size=size)
    validation = read_photos(files.validation, folder / "validation.npy", image_size=size)
    torch.manual_seed(recipe.seed)
    model = build_resnet(recipe, read_names(files.train[0]), channels=3)
    convert(model, memory_format=torch.channels_last)
    batches = PhotoBatches(train, recipe)
    progress = train_steps(
        model,
        build_optimizers(model, recipe),
        recipe=recipe,
        loss_of=lambda step: classification_loss(model, *batches.at(step)),
        rate_at=lambda step: warmup_constant_decay(
            step, steps=recipe.steps, warmup_steps=recipe.warmup_steps, decay_steps=recipe.decay_steps
        ),
        folder=folder / "checkpoints",
    )
    convert(model, memory_format=torch.contiguous_format)
    round_as_stored(model)
    return TrainingResult(
        model=model,
        preprocessor=build_processor(recipe),
        progress=progress,
        examples_seen=progress.step * recipe.batch_size,
        available=len(train.images),
        metrics=measure(model, validation, recipe),
    )


def build_processor(recipe: PhotosRecipe) -> ViTImageProcessorPil:
    """What turns a photo of any size and mode into normalised pixel values."""
    return ViTImageProcessorPil(
        size={"height": recipe.image_size, "width": recipe.image_size},
        do_convert_rgb=True,
        do_normalize=True,
        image_mean=list(recipe.pixel_mean),
        image_std=list(recipe.pixel_std),
    )


class PhotoBatches:
    """Augmented photos, in an order and with changes that follow from seed and step alone.

    Every photo is shown once before any is shown again.

    Args:
        photos: What to draw from.
        recipe: Seed, batch size, sizes and the strengths of the augmentation.
    """

    def __init__(self, photos: Photos, recipe: PhotosRecipe) -> None:
        self._images = photos.images
        self._classes = torch.from_numpy(photos.classes)
        self._recipe = recipe

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Normalised photos `(batch, 3, size, size)`, float32, and classes `(batch,)`, int64, of this step."""
        recipe = self._recipe
        generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        chosen = self._chosen(step)
        size = recipe.small_size if step < recipe.small_steps else recipe.image_size
        images = augment_photos(as_tensor(self._images[chosen.numpy()]), size=size, recipe=recipe, generator=generator)
        return normalise(images, recipe), self._classes[chosen]

    def _chosen(self, step: int) -> Tensor:
        count, batch_size = len(self._images), self._recipe.batch_size
        epoch, place = divmod(step, max(1, count // batch_size))
        order = torch.randperm(count, generator=torch.Generator().manual_seed(self._recipe.seed * 1_000_003 + epoch))
        return order[place * batch_size : (place + 1) * batch_size]


def as_tensor(images: np.ndarray) -> Tensor:
    """Shape `(batch, 3, height, width)`, float32 in 0–1, from `(batch, height, width, 3)`, uint8."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


@torch.no_grad()
def measure(model: ResNetForImageClassification, photos: Photos, recipe: PhotosRecipe) -> dict[str, float]:
    """Accuracy on photos that training never saw, unchanged, in float32.

    Returns:
        `accuracy` and `top5_accuracy`, 0–1, and how many `classes` there are.
    """
    model.train(mode=False)
    kinds, first, first_five = len(model.config.id2label or ()), 0, 0
    for start in range(0, len(photos.images), _EVALUATION_BATCH):
        part = slice(start, start + _EVALUATION_BATCH)
        images = normalise(as_tensor(np.array(photos.images[part])), recipe)
        best = model(images).logits.topk(min(_TOP, kinds)).indices
        hits = best == torch.from_numpy(photos.classes[part])[:, None]
        first, first_five = first + int(hits[:, 0].sum()), first_five + int(hits.sum())
    count = len(photos.images)
    return {"accuracy": first / count, "top5_accuracy": first_five / count, "classes": kinds}
