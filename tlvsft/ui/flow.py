"""What goes into a network and what comes out of it, in words: the two ends of the ladder."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.ui.setup import Setup
from tlvsft.ui.texts import class_title

_FEW_CLASSES = 2


def input_words(setup: Setup) -> str:
    """What the network reads, e.g. `an image of 32 × 32 pixels`."""
    if setup.summary.modality == "image":
        size = _settings_of(setup.backbone, "preprocessor_config.json").get("size", {})
        return (
            f"an image of {size['height']} × {size['width']} pixels" if {"height", "width"} <= set(size) else "an image"
        )
    longest = _settings_of(setup.backbone, "config.json").get("n_positions")
    return f"a text of up to {longest:,} tokens" if longest else "a text"


def output_words(setup: Setup) -> str:
    """What the network answers, e.g. `one of 10 classes: 0 … 9`."""
    if setup.predicts_words:
        tokens = _settings_of(setup.backbone, "config.json").get("vocab_size")
        return f"the next word, one of {tokens:,} tokens" if tokens else "the next word"
    names = [class_title(name) for name in setup.data.classes]
    if len(names) <= _FEW_CLASSES:
        return " or ".join(names)
    return f"one of {len(names)} classes: {names[0]} … {names[-1]}"


@cache
def _settings_of(backbone: str, file: str) -> dict[str, Any]:
    """A JSON file beside a bundled backbone's weights; empty where there is none."""
    path = BACKBONES[backbone].path / file
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
