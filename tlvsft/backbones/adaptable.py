"""Which layers of a backbone can be given low-rank adapters, and how many parameters these have."""

from __future__ import annotations

import math
from collections.abc import Iterator

from torch import nn
from transformers.pytorch_utils import Conv1D

from tlvsft.backbones.blocks import Block
from tlvsft.catalog.methods import ADAPTER_RANK
from tlvsft.config import EMBEDDING_BLOCK


def adaptable_layers(block: Block) -> Iterator[nn.Module]:
    """The linear and convolution layers inside a numbered block; the embedding's are left as they are.

    What peft can't merge back into its layer is left out: convolutions with groups, dilation or padding that isn't
    zeros. So is a layer that is a block by itself, for it can't be replaced in its place.
    """
    if block.name == EMBEDDING_BLOCK:
        return
    for top in block.modules:
        for layer in top.modules():
            if layer is not top and _is_adaptable(layer):
                yield layer


def count_adapter_parameters(block: Block) -> int:
    """How many parameters the adapters of a block have: for each layer one matrix down to the rank and one up again."""
    shapes = [layer.get_parameter("weight").shape for layer in adaptable_layers(block)]
    return sum(ADAPTER_RANK * (first + math.prod(others)) for first, *others in shapes)


def _is_adaptable(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d):
        return layer.groups == 1 and layer.dilation == (1, 1) and layer.padding_mode == "zeros"
    return type(layer) in {nn.Linear, Conv1D}
