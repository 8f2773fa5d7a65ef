"""Only what trains reaches the optimizer; rates warm up and fall to zero."""

from __future__ import annotations

import pytest
import torch

from tests.unit.training.fakes import image_data, run_config
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.optimizer import build_optimizer, build_schedule
from tlvsft.training.preparation import prepare

PARAMETERS = Hyperparameters(head_rate=0.2, backbone_rate=0.1, weight_decay=0.5, steps=10, epochs=(1, 1))


@pytest.mark.parametrize(("method", "blocks"), [("linear_probe", None), ("partial", ("0",)), ("full", None)])
def test_frozen_parameters_are_not_given_to_the_optimizer(
    resnet: str, method: str, blocks: tuple[str, ...] | None
) -> None:
    prepared = prepare(run_config(resnet, method, frozen_blocks=blocks), image_data())
    optimizer = build_optimizer(prepared.model, PARAMETERS)
    given = [id(parameter) for group in optimizer.param_groups for parameter in group["params"]]
    frozen = {id(parameter) for block in prepared.frozen for parameter in block.parameters()}
    wanted = {id(parameter) for parameter in prepared.model.parameters()} - frozen
    assert set(given) == wanted
    assert len(given) == len(wanted)


def test_head_and_backbone_have_rates_of_their_own_and_vectors_do_not_decay(resnet: str) -> None:
    prepared = prepare(run_config(resnet, "full"), image_data())
    groups = build_optimizer(prepared.model, PARAMETERS).param_groups
    head = {id(parameter) for parameter in prepared.model.head.parameters()}
    for group in groups:
        for parameter in group["params"]:
            assert group["lr"] == (0.2 if id(parameter) in head else 0.1)
            assert group["weight_decay"] == (0.5 if parameter.dim() > 1 else 0.0)


def test_rates_warm_up_and_fall_to_zero() -> None:
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = build_schedule(optimizer, total_steps=100, warmup=0.1)
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == pytest.approx(1.0)
    assert max(rates) == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01
