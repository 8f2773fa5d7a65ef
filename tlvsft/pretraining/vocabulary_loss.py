"""Next-token cross-entropy that never holds all logits at once.

With 8,192 tokens in the vocabulary the head costs as much as all blocks together, and the library's own loss copies
its logits to float32. Here each slice of positions makes its logits in bfloat16 and turns them into gradients at once,
while they are still in the processor's cache.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_SLICE = 512


class _SlicedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        states, weights = hidden.bfloat16(), head.bfloat16()
        hidden_grad = torch.empty_like(states)
        weights_grad = torch.zeros_like(head)
        loss = torch.zeros(())
        for start in range(0, len(states), _SLICE):
            part, wanted = states[start : start + _SLICE], targets[start : start + _SLICE]
            probs = torch.softmax(part @ weights.T, dim=-1)  # (slice, vocab)
            targeted = torch.arange(len(part)), wanted
            chosen = probs[targeted]
            loss -= chosen.float().clamp(min=1e-30).log().sum()
            probs[targeted] = chosen - 1  # `scatter_` would copy all of `probs`
            hidden_grad[start : start + _SLICE] = probs @ weights
            weights_grad += probs.T @ part
        ctx.save_for_backward(hidden_grad, weights_grad)
        ctx.count = len(states)
        return loss / len(states)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        hidden_grad, weights_grad = ctx.saved_tensors
        scale = grads[0] / ctx.count
        return hidden_grad.float() * scale, weights_grad * scale, None


def next_token_loss(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of the next token, for training.

    Args:
        hidden: Shape `(positions, width)`; the last hidden states.
        head: Shape `(vocab, width)`, float32; a logit is the product of a hidden state and a row.
        targets: Shape `(positions,)`, int64.

    Returns:
        A scalar in nats, to bfloat16's precision.
    """
    loss: Tensor = _SlicedCrossEntropy.apply(hidden, head, targets)  # type: ignore[no-untyped-call]
    return loss
