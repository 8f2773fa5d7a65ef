"""Counted operations beside those of a pencil: a multiplication and an addition are two."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tlvsft.backbones import Arithmetic
from tlvsft.training.flops import flop_counter


def counted(module: nn.Module, *inputs: Tensor, backward: bool = False) -> int:
    with flop_counter() as counter:
        output = module(*inputs)
        if backward:
            output.sum().backward()
    return int(counter.get_total_flops())


def test_a_linear_layer() -> None:
    layer, inputs = nn.Linear(3, 5), torch.ones(4, 3)
    forward = 2 * 4 * 3 * 5
    assert counted(layer, inputs) == forward
    assert counted(layer, inputs, backward=True) == 2 * forward  # nobody asks for the inputs' gradient
    assert counted(layer, inputs.requires_grad_(), backward=True) == 3 * forward
    layer.requires_grad_(requires_grad=False)
    assert counted(layer, inputs, backward=True) == 2 * forward  # frozen, but gradients pass


def test_a_convolution() -> None:
    layer, image = nn.Conv2d(2, 6, kernel_size=3, stride=2, padding=1), torch.ones(5, 2, 8, 8)
    forward = 2 * 5 * 6 * (4 * 4) * 2 * (3 * 3)
    assert counted(layer, image) == forward
    assert counted(layer, image, backward=True) == 2 * forward


class Attention(nn.Module):
    def __init__(self, precision: str) -> None:
        super().__init__()
        self.arithmetic = Arithmetic(precision=precision)  # type: ignore[arg-type]

    def forward(self, states: Tensor) -> Tensor:
        with self.arithmetic.autocast():
            return nn.functional.scaled_dot_product_attention(states, states, states)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_cpus_fused_attention(precision: str) -> None:
    batch, heads, tokens, width = 2, 3, 7, 4
    states = torch.ones(batch, heads, tokens, width, requires_grad=True)
    product = 2 * batch * heads * tokens * tokens * width
    assert counted(Attention(precision), states) == 2 * product  # queries by keys, weights by values
    assert counted(Attention(precision), states, backward=True) == (2 + 5) * product  # one of the two is done again


def test_bfloat16_counts_as_much() -> None:
    layer, inputs = nn.Linear(3, 5), torch.ones(4, 3)
    with flop_counter() as counter, Arithmetic(precision="bfloat16").autocast():
        layer(inputs)
    assert counter.get_total_flops() == 2 * 4 * 3 * 5
