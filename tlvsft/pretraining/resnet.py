"""What the two image backbones share: a small ResNet of basic layers, and how a step of it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import AdamW, Optimizer
from transformers import ResNetConfig, ResNetForImageClassification

if TYPE_CHECKING:
    from tlvsft.pretraining.recipes import ResNetRecipe


def build_resnet(recipe: ResNetRecipe, names: Sequence[str], *, channels: int) -> ResNetForImageClassification:
    """A ResNet of basic layers (He et al. 2015) with one class per name, for images of so many `channels`."""
    config = ResNetConfig(
        num_channels=channels,
        embedding_size=recipe.embedding_size,
        hidden_sizes=list(recipe.hidden_sizes),
        depths=list(recipe.depths),
        layer_type="basic",
        downsample_in_first_stage=False,
        id2label=dict(enumerate(names)),
        label2id={name: index for index, name in enumerate(names)},
    )
    return ResNetForImageClassification(config)


def build_optimizers(model: ResNetForImageClassification, recipe: ResNetRecipe) -> Sequence[Optimizer]:
    """AdamW; weight decay on convolutions and the head, not on biases and normalisation."""
    matrices = [weight for weight in model.parameters() if weight.ndim > 1]
    vectors = [weight for weight in model.parameters() if weight.ndim <= 1]
    rate = recipe.learning_rate
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay, "peak_lr": rate},
        {"params": vectors, "weight_decay": 0.0, "peak_lr": rate},
    ]
    return (AdamW(groups, lr=rate),)


def classification_loss(model: ResNetForImageClassification, images: Tensor, classes: Tensor) -> Tensor:
    """Mean cross-entropy in nats, the network under bfloat16 autocast.

    Args:
        model: Its weights in channels-last memory format.
        images: Shape `(batch, channels, height, width)`, float32.
        classes: Shape `(batch,)`, int64.
    """
    model.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(images.contiguous(memory_format=torch.channels_last)).logits
    return functional.cross_entropy(logits.float(), classes)
