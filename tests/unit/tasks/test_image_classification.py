"""Images come in the channels and size that the backbone wants, kept in memory or made again per batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.backbones.tiny import save_tiny
from tlvsft.backbones import load_backbone
from tlvsft.errors import BackboneError, InvalidInput
from tlvsft.tasks import encode_inputs, image_classification


def pictures() -> list[Image.Image]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 256, (12, 10), dtype=np.uint8)) for _ in range(5)]


@pytest.mark.parametrize(
    ("shape", "size"), [("resnet", (1, 16, 16)), ("vit", (3, 16, 16)), ("mobilenet_v2", (3, 32, 32))]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA", "1"])
def test_every_mode_becomes_the_channels_that_the_backbone_wants(
    shape: str, size: tuple[int, ...], mode: str, tmp_path: Path
) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    inputs = encode_inputs(backbone, [picture.convert(mode) for picture in pictures()])
    pixels = inputs.batch(np.array([3, 1]))["pixel_values"]
    assert pixels.shape == (2, *size)
    assert pixels.dtype == torch.float32


def test_what_does_not_fit_into_memory_is_the_same_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = load_backbone(save_tiny("vit", tmp_path))
    kept = encode_inputs(backbone, pictures()).batch(np.array([4, 0]))["pixel_values"]
    monkeypatch.setattr(image_classification, "KEPT_BYTES", 1)
    inputs = encode_inputs(backbone, pictures())
    assert torch.equal(inputs.batch(np.array([4, 0]))["pixel_values"], kept)
    assert len(inputs) == 5


def test_other_numbers_of_channels_are_refused(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny("resnet", tmp_path))
    backbone.model.config.num_channels = 4
    with pytest.raises(BackboneError, match="4 channels"):
        encode_inputs(backbone, pictures())


def test_texts_and_images_go_to_their_own_kind_of_backbone(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't read texts"):
        encode_inputs(load_backbone(save_tiny("resnet", tmp_path / "image")), ["good"])
    with pytest.raises(InvalidInput, match="can't read images"):
        encode_inputs(load_backbone(save_tiny("gpt2", tmp_path / "text")), pictures())
