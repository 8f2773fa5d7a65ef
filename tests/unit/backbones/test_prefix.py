"""The frozen blocks at the input can be left out where their outputs are known, whatever the architecture."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.unit.backbones.tiny import IMAGE_SHAPES, TEXT_SHAPES, save_tiny
from tlvsft.backbones import Backbone, find_prefix, freeze_blocks, load_backbone

SHAPES = (*TEXT_SHAPES, *IMAGE_SHAPES)


@pytest.fixture(params=SHAPES)
def backbone(request: pytest.FixtureRequest, tmp_path: Path) -> Backbone:
    return load_backbone(save_tiny(request.param, tmp_path))


def example(backbone: Backbone) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    if backbone.modality == "text":
        ids = torch.randint(3, 13, (3, 7), generator=generator)
        mask = torch.ones_like(ids)
        mask[0, 4:] = 0
        return {"input_ids": ids, "attention_mask": mask}
    config = backbone.model.config
    side = getattr(config, "image_size", 16)
    return {"pixel_values": torch.randn(3, config.num_channels, side, side, generator=generator)}


def freeze(backbone: Backbone, blocks: int) -> None:
    """The embedding and so many blocks above it."""
    freeze_blocks(backbone.blocks, [block.name for block in backbone.blocks[: blocks + 1]])


def test_it_reaches_up_to_the_first_block_that_trains(backbone: Backbone) -> None:
    names = [block.name for block in backbone.blocks]
    freeze_blocks(backbone.blocks, ["embedding", "0", names[-1]])
    prefix = find_prefix(backbone.blocks)
    assert prefix is not None
    assert (prefix.count, prefix.total, prefix.is_whole) == (1, len(names) - 1, False)
    freeze_blocks(backbone.blocks, names)
    whole = find_prefix(backbone.blocks)
    assert whole is not None
    assert whole.is_whole


@pytest.mark.parametrize("frozen", [(), ("embedding",), ("0", "1")])
def test_there_is_none_where_the_first_block_or_the_embedding_trains(
    backbone: Backbone, frozen: tuple[str, ...]
) -> None:
    freeze_blocks(backbone.blocks, frozen)
    assert find_prefix(backbone.blocks) is None


@pytest.mark.parametrize("blocks", [1, 2])
def test_replayed_blocks_are_not_computed_and_the_answer_is_the_same(backbone: Backbone, blocks: int) -> None:
    freeze(backbone, blocks)
    prefix = find_prefix(backbone.blocks)
    assert prefix is not None
    batch = example(backbone)
    inside = backbone.blocks[1].modules[0]
    computed: list[str] = []
    next(module for module in inside.modules() if not list(module.children())).register_forward_hook(
        lambda *_: computed.append("block 0")
    )
    with torch.no_grad():
        states = prefix.record(lambda: backbone.features(batch))
        expected = backbone.features(batch)
        computed.clear()
        with prefix.replay(states):
            replayed = backbone.features(batch)
        assert not computed
        torch.testing.assert_close(replayed, expected, rtol=0, atol=1e-6)
        assert prefix.replays(lambda: backbone.features(batch))
        torch.testing.assert_close(backbone.features(batch), expected, rtol=0, atol=0)


def test_recording_stops_behind_the_prefix(backbone: Backbone) -> None:
    freeze(backbone, 1)
    prefix = find_prefix(backbone.blocks)
    assert prefix is not None
    reached: list[str] = []
    backbone.blocks[2].modules[0].register_forward_hook(lambda *_: reached.append("block 1"))
    with torch.no_grad():
        prefix.record(lambda: backbone.features(example(backbone)))
    assert not reached


def test_gradients_reach_what_trains_and_nothing_below(backbone: Backbone) -> None:
    freeze(backbone, 1)
    prefix = find_prefix(backbone.blocks)
    assert prefix is not None
    batch = example(backbone)
    with torch.no_grad():
        states = prefix.record(lambda: backbone.features(batch))

    def gradients() -> list[Tensor | None]:
        backbone.model.zero_grad()
        backbone.features(batch).square().sum().backward()
        return [None if p.grad is None else p.grad.clone() for p in backbone.model.parameters()]

    expected = gradients()
    with prefix.replay(states):
        replayed = gradients()
    for one, other in zip(expected, replayed, strict=True):
        assert (one is None) is (other is None)
        if one is not None and other is not None:
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_model_that_hands_on_more_than_states_is_found_out(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny("bert", tmp_path))
    freeze(backbone, 1)
    prefix = find_prefix(backbone.blocks)
    assert prefix is not None
    first, second = backbone.blocks[1].modules[0], backbone.blocks[2].modules[0]
    seen: list[Tensor] = []
    backbone.model.embeddings.register_forward_hook(lambda *_: seen.clear())
    first.get_submodule("output").register_forward_hook(lambda _m, _i, output: seen.append(output))

    def add_what_the_first_block_left(_module: object, _inputs: object, output: Tensor) -> Tensor:
        return output + (seen.pop() if seen else 0.0)

    second.register_forward_hook(add_what_the_first_block_left)
    assert not prefix.replays(lambda: backbone.features(example(backbone)))


def test_blocks_that_give_a_tuple_are_refused(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny("gpt2", tmp_path))
    freeze(backbone, 1)
    prefix = find_prefix(backbone.blocks)
    assert prefix is not None
    backbone.blocks[1].modules[0].register_forward_hook(lambda _m, _i, output: (output, None))
    with pytest.raises(RuntimeError, match="more than hidden states"):
        prefix.record(lambda: backbone.features(example(backbone)))
    assert not prefix.replays(lambda: backbone.features(example(backbone)))
