"""What the blocks give, one vector per example."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.unit.backbones.tiny import IMAGE_SHAPES, TEXT_SHAPES, build_model
from tlvsft.backbones import split_into_blocks
from tlvsft.backbones.features import read_features
from tlvsft.backbones.representations import read_blocks


def text_batch() -> dict[str, Tensor]:
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 0, 0]])
    return {"input_ids": ids, "attention_mask": torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])}


def image_batch(model: nn.Module) -> dict[str, Tensor]:
    size = getattr(model.config, "image_size", None) or 32
    return {"pixel_values": torch.randn(2, model.config.num_channels, size, size)}


@pytest.mark.parametrize("shape", [*TEXT_SHAPES, *IMAGE_SHAPES])
def test_every_block_of_every_shape_gives_a_vector_per_example(shape: str) -> None:
    model = build_model(shape).eval()
    blocks = split_into_blocks(model)
    with torch.no_grad():
        found = read_blocks(model, blocks, text_batch() if shape in TEXT_SHAPES else image_batch(model))
    assert list(found) == [block.name for block in blocks]
    for states in found.values():
        assert states is not None
        assert (states.dim(), len(states), states.dtype) == (2, 2, torch.float32)


@pytest.mark.parametrize("shape", ["gpt2", "bert"])
def test_texts_are_means_over_their_real_tokens(shape: str) -> None:
    model, batch = build_model(shape).eval(), text_batch()
    blocks = split_into_blocks(model)
    with torch.no_grad():
        states = model(**batch, output_hidden_states=True).hidden_states
        found = read_blocks(model, blocks, batch | {"targets": torch.zeros(2, 4)})
        features = read_features(model, "text", batch)
    for name, layer in zip(found, states, strict=True):
        torch.testing.assert_close(found[name], torch.stack([layer[0].mean(dim=0), layer[1, :2].mean(dim=0)]))
    first, last = found["embedding"], found[blocks[-1].name]
    assert first is not None
    assert last is not None
    torch.testing.assert_close(torch.cat([first, last], dim=1), features)  # as the head reads them


def test_images_are_means_over_their_places() -> None:
    model = build_model("resnet").eval()
    blocks, batch = split_into_blocks(model), image_batch(model)
    with torch.no_grad():
        states = model(**batch, output_hidden_states=True).hidden_states
        found = read_blocks(model, blocks, batch)
        features = read_features(model, "image", batch)
    for name, layer in zip(found, states, strict=True):
        torch.testing.assert_close(found[name], layer.mean(dim=(2, 3)))
    torch.testing.assert_close(found[blocks[-1].name], features)


def test_no_hook_is_left_behind() -> None:
    model = build_model("gpt2").eval()
    blocks = split_into_blocks(model)
    with torch.no_grad():
        read_blocks(model, blocks, text_batch())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    model.wte = nn.Linear(2, 2)  # can't read tokens
    with pytest.raises(RuntimeError):
        read_blocks(model, blocks, text_batch())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_block_that_is_never_called_gives_nothing() -> None:
    model = build_model("gpt2").eval()
    blocks = split_into_blocks(model)
    model.h = nn.ModuleList(list(model.h)[1:])
    with torch.no_grad():
        found = read_blocks(model, blocks, text_batch())
    assert found["embedding"] is None
    assert found["0"] is None
    assert found["1"] is not None
