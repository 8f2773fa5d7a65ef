from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from tlvsft.pretraining.vocabulary_loss import next_token_loss


@pytest.mark.parametrize("positions", [5, 512, 700])
def test_loss_and_gradients_are_the_library_s_to_bfloat16(positions: int) -> None:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn(positions, 16, generator=generator, requires_grad=True)
    embeddings = torch.randn(50, 16, generator=generator, requires_grad=True)
    targets = torch.randint(50, (positions,), generator=generator)

    loss = next_token_loss(hidden, embeddings, targets)
    (3 * loss).backward()
    ours = hidden.grad, embeddings.grad
    hidden.grad = embeddings.grad = None
    expected = functional.cross_entropy(hidden @ embeddings.T, targets)
    (3 * expected).backward()

    assert loss.item() == pytest.approx(expected.item(), rel=0.01)
    for gradient, reference in zip(ours, (hidden.grad, embeddings.grad), strict=True):
        assert (gradient - reference).norm() < 0.02 * reference.norm()
