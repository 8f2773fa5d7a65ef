"""Features: one vector per example, whatever the padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.backbones.tiny import IMAGE_SHAPES, TEXT_SHAPES, save_tiny
from tlvsft.backbones import load_backbone
from tlvsft.tasks import encode_inputs


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_padding_does_not_change_a_texts_features(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    inputs = encode_inputs(backbone, ["good book", "the film a dull plot the end"])
    with torch.inference_mode():
        alone = backbone.features(inputs.batch(np.array([0])))
        together = backbone.features(inputs.batch(np.array([0, 1])))
    assert together.shape == (2, backbone.feature_size)
    torch.testing.assert_close(together[:1], alone)
    assert not torch.allclose(together[0], together[1])


@pytest.mark.parametrize("shape", IMAGE_SHAPES)
def test_an_image_becomes_one_vector(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    images = [Image.new("L", (20, 30), 40), Image.new("RGBA", (9, 9), (200, 10, 10, 255))]
    with torch.inference_mode():
        features = backbone.features(encode_inputs(backbone, images).batch(np.array([0, 1])))
    assert features.shape == (2, backbone.feature_size)
    assert torch.isfinite(features).all()
