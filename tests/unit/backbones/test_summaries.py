"""The bundled summaries are those of the bundled weights."""

from __future__ import annotations

import pytest

from tlvsft.backbones import load_backbone
from tlvsft.catalog.backbones import BACKBONES, bundled_summary


@pytest.mark.parametrize("name", BACKBONES)
def test_the_summary_beside_the_weights_is_that_of_the_weights(name: str) -> None:
    backbone = load_backbone(name)
    assert backbone.summary() == bundled_summary(name)
    assert backbone.modality == BACKBONES[name].modality
