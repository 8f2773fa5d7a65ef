"""What the machine can do at best: one large matrix product after the other."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import torch

SIZE = 2048
_PRODUCTS = 12


def matmul(*, size: int = SIZE, products: int = _PRODUCTS) -> dict[str, Any]:
    """Multiplies square float32 matrices.

    Args:
        size: Their rows.
        products: How many; the fastest counts.

    Returns:
        `flops_per_s`, at best.
    """
    generator = torch.Generator().manual_seed(0)
    left, right = torch.rand(size, size, generator=generator), torch.rand(size, size, generator=generator)
    times = []
    for _ in range(products):
        started = perf_counter()
        left @ right
        times.append(perf_counter() - started)
    return {"flops_per_s": 2 * size**3 / min(times)}
