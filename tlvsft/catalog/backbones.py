"""The bundled backbones, and what the page needs to know of one without loading it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tlvsft.catalog.paths import BUNDLED_BACKBONES
from tlvsft.config import EMBEDDING_BLOCK, Modality

BLOCKS_FILE = "blocks.json"


@dataclass(frozen=True, kw_only=True)
class BlockSummary:
    """One block of a backbone.

    Attributes:
        name: `embedding`, `0` …
        parameters: How many parameters it has.
        adapter_parameters: How many the low-rank adapters of its layers would have; 0 where it is given none.
    """

    name: str
    parameters: int
    adapter_parameters: int = 0


@dataclass(frozen=True, kw_only=True)
class BackboneSummary:
    """A backbone seen from outside.

    Attributes:
        blocks: From input to output, head excluded.
        feature_size: Length of the pooled feature vector that a head receives.
        language_head_parameters: Parameters of the pretrained head that predicts words, untied; `None` if it has none.
    """

    name: str
    modality: Modality
    blocks: tuple[BlockSummary, ...]
    feature_size: int
    language_head_parameters: int | None = None

    @property
    def parameters(self) -> int:
        """Parameters of the backbone, head excluded."""
        return sum(block.parameters for block in self.blocks)

    @property
    def block_names(self) -> tuple[str, ...]:
        """Names of the blocks, from input to output."""
        return tuple(block.name for block in self.blocks)

    def head_parameters(self, num_classes: int) -> int:
        """Parameters of a new linear head, bias included."""
        return (self.feature_size + 1) * num_classes

    def to_dict(self) -> dict[str, Any]:
        """This summary as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BackboneSummary:
        """The inverse of `to_dict`."""
        return cls(**{**data, "blocks": tuple(BlockSummary(**block) for block in data["blocks"])})


@dataclass(frozen=True, kw_only=True)
class BundledBackbone:
    """A backbone that comes with the app."""

    name: str
    title: str
    modality: Modality
    description: str

    @property
    def path(self) -> Path:
        """Its folder, in the `save_pretrained` layout."""
        return BUNDLED_BACKBONES / self.name


BACKBONES: dict[str, BundledBackbone] = {
    backbone.name: backbone
    for backbone in (
        BundledBackbone(
            name="glyphs-resnet",
            title="glyphs-resnet · handwritten characters",
            modality="image",
            description="A small ResNet that learnt to tell handwritten characters of 8 alphabets apart (Omniglot).",
        ),
        BundledBackbone(
            name="photos-resnet",
            title="photos-resnet · colour photos",
            modality="image",
            description="A small ResNet that learnt to tell 200 kinds of things on small photos apart (Tiny ImageNet).",
        ),
        BundledBackbone(
            name="wiki-gpt",
            title="wiki-gpt · encyclopaedia and books",
            modality="text",
            description="A small GPT-2-style model that learnt to predict the next word of encyclopaedias and books.",
        ),
    )
}


@cache
def bundled_summary(name: str) -> BackboneSummary:
    """The summary that lies beside a bundled backbone's weights (written by `python -m tlvsft pretrain`)."""
    return BackboneSummary.from_dict(json.loads((BACKBONES[name].path / BLOCKS_FILE).read_text(encoding="utf-8")))


def default_frozen_blocks(block_names: tuple[str, ...]) -> tuple[str, ...]:
    """What `partial` freezes when the user names nothing: the embedding and the lower half of the numbered blocks."""
    numbered = [name for name in block_names if name != EMBEDDING_BLOCK]
    return (EMBEDDING_BLOCK, *numbered[: len(numbered) // 2])
