"""Floating-point operations as torch's own counter has them, with what it doesn't know of attention on CPUs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count


def flop_counter() -> FlopCounterMode:
    """Counts matrix products, convolutions and attention inside its `with` block; multiplying and adding are two.

    In whatever precision they are computed. Sums, norms, activations and the optimizer aren't counted: they are a
    small part of the operations.

    Source: torch.utils.flop_counter.
    """
    # torch knows the CPU's fused attention by another name, and would take it for free.
    attention = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
    return FlopCounterMode(
        display=False, custom_mapping={attention: _attention_flops, backward: _attention_backward_flops}
    )


def _attention_flops(query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    return int(sdpa_flop_count(query, key, value))  # type: ignore[no-untyped-call]


def _attention_backward_flops(gradient: Tensor, query: Tensor, key: Tensor, value: Tensor, *_: Any, **__: Any) -> int:
    return int(sdpa_backward_flop_count(gradient, query, key, value))  # type: ignore[no-untyped-call]
