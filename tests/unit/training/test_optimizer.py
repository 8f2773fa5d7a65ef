"""Only what trains reaches the optimizer, each block at its own rate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.training.fakes import image_data, run_config, text_data
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.optimizer import admit_thawed, build_optimizer, set_rates
from tlvsft.training.preparation import prepare

PARAMETERS = Hyperparameters(head_rate=0.2, backbone_rate=0.1, weight_decay=0.5, steps=10, epochs=(1, 1))


@pytest.mark.parametrize(("method", "blocks"), [("linear_probe", None), ("partial", ("0",)), ("full", None)])
def test_frozen_parameters_are_not_given_to_the_optimizer(
    resnet: str, method: str, blocks: tuple[str, ...] | None
) -> None:
    prepared = prepare(run_config(resnet, method, frozen_blocks=blocks), image_data())
    optimizer = build_optimizer(prepared.model, prepared.backbone.blocks, PARAMETERS)
    given = [id(parameter) for group in optimizer.param_groups for parameter in group["params"]]
    frozen = {id(parameter) for block in prepared.frozen for parameter in block.parameters()}
    wanted = {id(parameter) for parameter in prepared.model.parameters()} - frozen
    assert set(given) == wanted
    assert len(given) == len(wanted)


def test_head_and_backbone_have_rates_of_their_own_and_vectors_do_not_decay(resnet: str) -> None:
    prepared = prepare(run_config(resnet, "full"), image_data())
    groups = build_optimizer(prepared.model, prepared.backbone.blocks, PARAMETERS).param_groups
    head = {id(parameter) for parameter in prepared.model.head.parameters()}
    for group in groups:
        for parameter in group["params"]:
            assert group["lr"] == (0.2 if id(parameter) in head else 0.1)
            assert group["weight_decay"] == (0.5 if parameter.dim() > 1 else 0.0)


def test_each_block_learns_more_slowly_than_the_one_above_it(resnet: str) -> None:
    """0.1 for the top block, divided by 2.6 once for each block below it; the head has a rate of its own."""
    prepared = prepare(run_config(resnet, "full"), image_data())
    blocks = prepared.backbone.blocks
    optimizer = build_optimizer(prepared.model, blocks, replace(PARAMETERS, rate_decay=2.6))
    rates = {id(parameter): group["lr"] for group in optimizer.param_groups for parameter in group["params"]}
    expected = {"embedding": 0.1 / 2.6**3, "0": 0.1 / 2.6**2, "1": 0.1 / 2.6, "2": 0.1}
    for block in blocks:
        for parameter in block.parameters():
            assert rates[id(parameter)] == pytest.approx(expected[block.name])
    assert {rates[id(parameter)] for parameter in prepared.model.head.parameters()} == {0.2}


def test_shares_are_taken_of_the_peak_however_often(resnet: str) -> None:
    prepared = prepare(run_config(resnet, "linear_probe"), image_data())
    optimizer = build_optimizer(prepared.model, prepared.backbone.blocks, PARAMETERS)
    for share in (0.5, 0.25):
        set_rates(optimizer, share)
        assert {group["lr"] for group in optimizer.param_groups} == {0.2 * share}


def test_a_parameter_that_head_and_embedding_share_is_updated_once_at_the_embeddings_rate(gpt2: str) -> None:
    prepared = prepare(run_config(gpt2, "full"), text_data())
    embedding, *_ = prepared.backbone.blocks[0].parameters()
    prepared.model.head.tied = embedding  # type: ignore[assignment]
    optimizer = build_optimizer(prepared.model, prepared.backbone.blocks, replace(PARAMETERS, rate_decay=2.0))
    admit_thawed(optimizer, prepared.model, prepared.backbone.blocks, PARAMETERS)
    groups = [group for group in optimizer.param_groups if any(other is embedding for other in group["params"])]
    assert [group["lr"] for group in groups] == [0.1 / 2**3]
