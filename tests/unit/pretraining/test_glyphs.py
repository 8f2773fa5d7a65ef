from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tlvsft.pretraining.glyphs import GlyphBatches, build_model, measure
from tlvsft.pretraining.omniglot import Drawings, find_archives, read_drawings
from tlvsft.pretraining.recipes import GlyphsRecipe


@pytest.fixture
def drawings(omniglot: Path) -> Drawings:
    return read_drawings(find_archives(omniglot))


def test_a_batch_depends_on_its_step_alone(drawings: Drawings, glyphs_recipe: GlyphsRecipe) -> None:
    batches = GlyphBatches(drawings, glyphs_recipe)

    images, classes = batches.at(5)
    again, same = GlyphBatches(drawings, glyphs_recipe).at(5)

    assert torch.equal(images, again)
    assert torch.equal(classes, same)
    assert not torch.equal(images, batches.at(6)[0])


def test_classes_are_characters_times_turns(drawings: Drawings, glyphs_recipe: GlyphsRecipe) -> None:
    seen = torch.cat([GlyphBatches(drawings, glyphs_recipe).at(step)[1] for step in range(40)])

    assert set(seen.tolist()) == set(range(16))


def test_accuracy_is_between_nothing_and_everything(drawings: Drawings, glyphs_recipe: GlyphsRecipe) -> None:
    heldout = drawings.select(np.isin(drawings.numbers, glyphs_recipe.heldout_drawings))
    model = build_model(glyphs_recipe, drawings.names)

    metrics = measure(model, heldout, glyphs_recipe)

    assert len(heldout.images) == 4
    assert 0.0 <= metrics["accuracy"] <= 1.0
    assert metrics["classes"] == model.config.num_labels == 16
