"""The optimizer: AdamW on trainable parameters only (act 3 of freezing), with a learning rate for each block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from torch import nn
from torch.optim import AdamW

from tlvsft.backbones import Block
from tlvsft.tasks import AdaptedModel
from tlvsft.training.defaults import Hyperparameters


def build_optimizer(model: AdaptedModel, blocks: Sequence[Block], parameters: Hyperparameters) -> AdamW:
    """AdamW over what trains now, each block at a rate of its own, weight decay for matrices alone.

    A frozen parameter is given to no group: weight decay would move it even without a gradient.
    Source: Loshchilov & Hutter 2017, arXiv:1711.05101.
    """
    return AdamW(_group_parameters(model, blocks, parameters, known=()), fused=True)


def admit_thawed(optimizer: AdamW, model: AdaptedModel, blocks: Sequence[Block], parameters: Hyperparameters) -> None:
    """Lets those join that train now and didn't when the optimizer was built."""
    known = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for group in _group_parameters(model, blocks, parameters, known=known):
        optimizer.add_param_group(group)


def set_rates(optimizer: AdamW, share: float) -> None:
    """Sets every learning rate to a share of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak_rate"] * share


def _group_parameters(
    model: AdaptedModel, blocks: Sequence[Block], parameters: Hyperparameters, *, known: Iterable[nn.Parameter]
) -> list[dict[str, Any]]:
    """Groups of what trains and isn't `known`; a parameter that head and embedding share is the embedding's."""
    taken = {id(parameter) for parameter in known}
    groups = []
    for source, rate in _peak_rates(model, blocks, parameters):
        trained = [parameter for parameter in source if parameter.requires_grad and id(parameter) not in taken]
        taken.update(id(parameter) for parameter in trained)
        matrices = [parameter for parameter in trained if parameter.dim() > 1]
        others = [parameter for parameter in trained if parameter.dim() <= 1]
        for members, decay in ((matrices, parameters.weight_decay), (others, 0.0)):
            groups.append({"params": members, "lr": rate, "peak_rate": rate, "weight_decay": decay})
    return [group for group in groups if group["params"]]


def _peak_rates(
    model: AdaptedModel, blocks: Sequence[Block], parameters: Hyperparameters
) -> Iterator[tuple[Iterator[nn.Parameter], float]]:
    """Each part's parameters and peak rate: the top block's is the backbone's, each lower one's is divided again.

    Source: Howard & Ruder 2018, arXiv:1801.06146, section 3.2, "discriminative fine-tuning".
    """
    for below_top, block in zip(reversed(range(len(blocks))), blocks, strict=True):
        yield block.parameters(), parameters.backbone_rate / parameters.rate_decay**below_top
    yield model.head.parameters(), parameters.head_rate
