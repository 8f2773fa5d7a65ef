"""Every shape splits into blocks, and each parameter and buffer lands in exactly one."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
import transformers as hf
from torch import nn

from tests.unit.backbones.tiny import CONFIGS, build_model
from tlvsft.backbones import split_into_blocks
from tlvsft.errors import BackboneError


@pytest.mark.parametrize("shape", CONFIGS)
def test_each_parameter_and_buffer_is_in_exactly_one_block(shape: str) -> None:
    model = build_model(shape)
    blocks = split_into_blocks(model)
    counted = Counter(id(tensor) for block in blocks for tensor in block.tensors())
    wanted = {id(tensor) for tensor in (*model.parameters(), *model.buffers())}
    assert set(counted) == wanted
    assert set(counted.values()) == {1}


@pytest.mark.parametrize(
    ("shape", "count"), [("bert", 3), ("distilbert", 3), ("gpt2", 3), ("llama", 3), ("resnet", 3), ("vit", 3)]
)
def test_blocks_are_the_embedding_and_one_per_layer(shape: str, count: int) -> None:
    blocks = split_into_blocks(build_model(shape))
    assert [block.name for block in blocks] == ["embedding", *map(str, range(count))]


def test_what_follows_the_list_belongs_to_the_last_block() -> None:
    model = build_model("gpt2")
    assert model.ln_f in split_into_blocks(model)[-1].modules
    mobilenet = build_model("mobilenet_v2")
    assert mobilenet.conv_1x1 in split_into_blocks(mobilenet)[-1].modules
    assert mobilenet.conv_stem in split_into_blocks(mobilenet)[0].modules


def test_position_tables_that_all_layers_read_belong_to_the_embedding() -> None:
    model = build_model("llama")
    assert model.rotary_emb in split_into_blocks(model)[0].modules


def test_loose_parameters_belong_to_the_embedding() -> None:
    class WithToken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Parameter(torch.zeros(3))
            self.layers = nn.ModuleList([nn.Linear(2, 2)])

    model = WithToken()
    embedding = split_into_blocks(model)[0]
    assert [id(parameter) for parameter in embedding.parameters()] == [id(model.token)]


def test_a_model_without_a_list_of_layers_is_refused() -> None:
    with pytest.raises(BackboneError, match="no list of repeated layers") as caught:
        split_into_blocks(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)))
    assert "\n" not in str(caught.value)


def test_a_model_with_two_towers_is_refused() -> None:
    config = hf.T5Config(vocab_size=16, d_model=16, d_kv=8, d_ff=16, num_layers=2, num_heads=2)
    with pytest.raises(BackboneError, match="several lists of layers"):
        split_into_blocks(hf.T5Model(config))
