from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.unit.pretraining.conftest import PHOTO_NAMES
from tlvsft.pretraining.recipes import PhotosRecipe
from tlvsft.pretraining.resnet import build_optimizers, build_resnet, classification_loss


def test_every_weight_has_exactly_one_group_and_only_matrices_decay(photos_recipe: PhotosRecipe) -> None:
    model = build_resnet(photos_recipe, PHOTO_NAMES, channels=3)

    (optimizer,) = build_optimizers(model, photos_recipe)

    held = [id(weight) for group in optimizer.param_groups for weight in group["params"]]
    assert sorted(held) == sorted(id(weight) for weight in model.parameters())
    for group in optimizer.param_groups:
        assert all((weight.ndim > 1) is (group["weight_decay"] > 0) for weight in group["params"])


def test_the_loss_is_cross_entropy_to_the_precision_of_bfloat16(photos_recipe: PhotosRecipe) -> None:
    torch.manual_seed(0)
    model = build_resnet(photos_recipe, PHOTO_NAMES, channels=3)
    images, classes = torch.rand(6, 3, 32, 32), torch.arange(6) % 3

    loss = classification_loss(model, images, classes)

    assert model.training
    assert loss.dtype == torch.float32
    exact = nn.functional.cross_entropy(model(images).logits, classes)
    assert loss.item() == pytest.approx(exact.item(), rel=0.02)
