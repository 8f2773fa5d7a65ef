from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.unit.pretraining.conftest import PHOTO_NAMES
from tlvsft.pretraining.photos import PhotoBatches, build_processor, measure
from tlvsft.pretraining.recipes import PhotosRecipe
from tlvsft.pretraining.resnet import build_resnet
from tlvsft.pretraining.tiny_imagenet import Photos, find_photos, read_photos
from tlvsft.tasks.image_classification import preprocess


@pytest.fixture
def photos(tiny_imagenet: Path, tmp_path: Path) -> Photos:
    return read_photos(find_photos(tiny_imagenet).train, tmp_path / "train.npy", image_size=32)


def test_a_batch_depends_on_its_step_alone(photos: Photos, photos_recipe: PhotosRecipe) -> None:
    batches = PhotoBatches(photos, photos_recipe)

    images, classes = batches.at(5)
    again, same = PhotoBatches(photos, photos_recipe).at(5)

    assert torch.equal(images, again)
    assert torch.equal(classes, same)
    assert not torch.equal(images, batches.at(6)[0])


def test_photos_are_small_at_first(photos: Photos, photos_recipe: PhotosRecipe) -> None:
    batches = PhotoBatches(photos, photos_recipe)

    assert batches.at(photos_recipe.small_steps - 1)[0].shape == (8, 3, 16, 16)
    assert batches.at(photos_recipe.small_steps)[0].shape == (8, 3, 32, 32)


def test_no_photo_is_shown_twice_in_one_go_through_the_data(
    photos: Photos, photos_recipe: PhotosRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered = Photos(images=photos.images, classes=torch.arange(20).numpy())
    first, second, third = (PhotoBatches(numbered, photos_recipe).at(step)[1].tolist() for step in range(3))

    assert len({*first, *second}) == 16
    assert {*first, *second} & {*third}


def test_metrics_count_hits(photos: Photos, photos_recipe: PhotosRecipe) -> None:
    model = build_resnet(photos_recipe, PHOTO_NAMES, channels=3)
    with torch.no_grad():
        model.classifier[-1].weight.zero_()
        model.classifier[-1].bias.copy_(torch.tensor([0.0, 1.0, 0.5]))  # always the second class

    metrics = measure(model, photos, photos_recipe)

    assert metrics == {"accuracy": 7 / 20, "top5_accuracy": 1.0, "classes": 3}


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "CMYK", "LA", "I;16"])
def test_photos_of_any_size_and_mode_become_pixels(mode: str, photos_recipe: PhotosRecipe) -> None:
    pixels = preprocess([Image.new(mode, (70, 31))], build_processor(photos_recipe), "RGB")

    assert pixels.shape == (1, 3, 32, 32)
    assert torch.isfinite(pixels).all()


def test_the_processor_normalises_as_training_does(photos: Photos, photos_recipe: PhotosRecipe) -> None:
    from tlvsft.pretraining.photo_augment import normalise

    ours = normalise(torch.from_numpy(photos.images[:1].copy()).permute(0, 3, 1, 2).float() / 255, photos_recipe)

    theirs = preprocess([Image.fromarray(photos.images[0])], build_processor(photos_recipe), "RGB")

    assert torch.allclose(ours, theirs, atol=1e-5)
