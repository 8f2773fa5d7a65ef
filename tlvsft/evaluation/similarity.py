"""How much two representations of the same examples resemble each other: pure functions.

They compute with torch, whose number of threads a run has set: numpy's own threads would wait for each other wherever
another run is using the cores (a hundred times as long, measured).
"""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_EXAMPLES = 4
"""With fewer the debiased form isn't defined."""
_NO_SPREAD = 1e-12
"""Variance as a share of the squared values, below which it is only what float32 rounds."""


def linear_cka(first: Tensor, second: Tensor, *, debiased: bool = True) -> float | None:
    """Linear centred kernel alignment, the same for representations that are turned, mirrored, shifted or scaled.

    It is 1 for representations that differ in nothing else, and does change under other maps that can be undone. The
    plain form is at least 0 and, with few examples of many features, far above it for representations that have nothing
    in common. The debiased form is around 0 for them, a little below by chance.

    Args:
        first: Features of the examples, shape `(examples, features)`.
        second: Other features of the same examples, shape `(examples, other_features)`.
        debiased: Whether the estimate of HSIC is the unbiased one.

    Returns:
        At most 1; `None` where all examples are the same in one of the two.

    Raises:
        ValueError: The examples aren't the same number, or fewer than `LEAST_EXAMPLES`.

    Source: Kornblith et al. 2019, arXiv:1905.00414, section 3 and their code (feature-space form, both estimates); Song
        et al. 2012, JMLR 13, 1393-1434, on the unbiased HSIC; Nguyen et al. 2021, arXiv:2010.15327, and Murphy et al.
        2024, arXiv:2405.01012, on why CKA needs it.
    """
    if len(first) != len(second) or len(first) < LEAST_EXAMPLES:
        raise ValueError(f"CKA compares the same {LEAST_EXAMPLES} examples or more.")
    x, y = _centre(first), _centre(second)
    if x is None or y is None:
        return None
    shared, own_x, own_y = _alignment(x, y, debiased), _alignment(x, x, debiased), _alignment(y, y, debiased)
    scale = own_x * own_y
    return min(1.0, shared / scale**0.5) if own_x > 0 and scale > 0 else None


def _centre(features: Tensor) -> Tensor | None:
    """Features about their means, float64; `None` where they don't vary."""
    exact = features.to(torch.float64)
    centred = exact - exact.mean(dim=0)
    return centred if centred.square().sum() > _NO_SPREAD * exact.square().sum() else None


def _alignment(x: Tensor, y: Tensor, debiased: bool) -> float:  # noqa: FBT001 - private, and always named alike
    """HSIC of linear kernels up to a factor that depends on the number of examples alone."""
    plain = (x.T @ y).square().sum()
    if not debiased:
        return plain.item()
    examples = len(x)
    x_norms, y_norms = x.square().sum(dim=1), y.square().sum(dim=1)  # (examples,)
    own = examples / (examples - 2) * (x_norms @ y_norms)
    return (plain - own + x_norms.sum() * y_norms.sum() / ((examples - 1) * (examples - 2))).item()
