"""Freezing: gradients off, evaluation mode kept, and a proof that sees the smallest change."""

from __future__ import annotations

import itertools

import pytest
import torch

from tests.unit.backbones.tiny import CONFIGS, build_model
from tlvsft.backbones import (
    fingerprint_tensors,
    freeze_blocks,
    keep_batch_statistics,
    keep_in_evaluation,
    split_into_blocks,
)


@pytest.mark.parametrize("shape", CONFIGS)
def test_any_subset_of_blocks_freezes(shape: str) -> None:
    blocks = split_into_blocks(build_model(shape))
    few = blocks if len(blocks) <= 4 else (*blocks[:2], *blocks[-2:])
    subsets = itertools.chain.from_iterable(itertools.combinations(few, size) for size in range(len(few) + 1))
    for subset in subsets:
        names = {block.name for block in subset}
        frozen = freeze_blocks(blocks, names)
        assert {block.name for block in frozen} == names
        for block in blocks:
            assert all(parameter.requires_grad == (block.name not in names) for parameter in block.parameters())


def test_frozen_batch_norm_stays_in_evaluation_mode() -> None:
    model = build_model("resnet")
    blocks = split_into_blocks(model)
    frozen = freeze_blocks(blocks, {"embedding", "0"})
    model.train()
    keep_in_evaluation(frozen)
    assert not any(module.training for block in frozen for top in block.modules for module in top.modules())
    assert all(module.training for module in blocks[-1].modules[0].modules())


def test_batch_norm_can_keep_its_statistics_and_still_train() -> None:
    model = build_model("resnet")
    freeze_blocks(split_into_blocks(model), ())
    model.train()
    keep_batch_statistics(model)
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)
    assert all(norm.weight.requires_grad for norm in norms)
    assert model.training


def test_the_fingerprint_sees_one_bit_of_any_tensor() -> None:
    tensors = [torch.zeros(3), torch.zeros(2, dtype=torch.long)]
    before = fingerprint_tensors(tensors)
    assert before == fingerprint_tensors([tensor.clone() for tensor in tensors])
    tensors[1][1] = 1
    assert before != fingerprint_tensors(tensors)
    assert before != fingerprint_tensors([torch.zeros(1), torch.zeros(2), torch.zeros(2, dtype=torch.long)])


def test_the_fingerprint_tells_minus_zero_from_zero() -> None:
    assert fingerprint_tensors([torch.tensor([0.0])]) != fingerprint_tensors([torch.tensor([-0.0])])
