"""What the page needs to know of a backbone without loading it."""

from __future__ import annotations

import json
from pathlib import Path

from tlvsft.backbones.loading import load_backbone
from tlvsft.catalog.backbones import BACKBONES, BLOCKS_FILE, BackboneSummary


def summarize_backbone(name: str) -> BackboneSummary:
    """Loads a backbone and says which blocks it has.

    Raises:
        BackboneError: It can't be found, read, or split into blocks.
    """
    return load_backbone(name).summary()


def write_block_summary(name: str) -> Path:
    """Writes a bundled backbone's summary beside its weights, for `catalog.backbones.bundled_summary`."""
    path = BACKBONES[name].path / BLOCKS_FILE
    path.write_text(json.dumps(summarize_backbone(name).to_dict(), indent=2) + "\n", encoding="utf-8")
    return path
