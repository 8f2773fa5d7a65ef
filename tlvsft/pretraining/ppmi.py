"""Token embeddings from counting: a positive pointwise-mutual-information matrix, factored.

Which tokens stand near which others is most of what a small language model learns in its first hours. Counting it
takes a minute.

Source: Levy, Goldberg & Dagan 2015, "Improving distributional similarity with lessons learned from word embeddings".
"""

from __future__ import annotations

import numpy as np
import torch

_CHUNK_TOKENS = 8_000_000


def count_neighbours(ids: np.ndarray, *, vocab_size: int, window: int) -> torch.Tensor:
    """How often each token stands within `window` tokens of each other one.

    Args:
        ids: Shape `(tokens,)`, unsigned integers below `vocab_size`.
        vocab_size: Number of different tokens.
        window: Tokens on either side; a neighbour at distance d weighs (window + 1 - d) / window.

    Returns:
        Shape `(vocab_size, vocab_size)`, float32, symmetric.
    """
    counts = torch.zeros(vocab_size * vocab_size)
    for start in range(0, len(ids), _CHUNK_TOKENS):
        # Chunks overlap by one window, so that no pair is lost and none is counted twice.
        left = torch.from_numpy(ids[start : start + _CHUNK_TOKENS].astype(np.int64))
        right = torch.from_numpy(ids[start : start + _CHUNK_TOKENS + window].astype(np.int64))
        for distance in range(1, window + 1):
            partner = right[distance : distance + len(left)]
            pairs = left[: len(partner)] * vocab_size + partner
            counts.add_(torch.bincount(pairs, minlength=len(counts)), alpha=(window + 1 - distance) / window)
    square = counts.view(vocab_size, vocab_size)
    return square + square.T


def ppmi(counts: torch.Tensor, *, smoothing: float) -> torch.Tensor:
    """Positive pointwise mutual information, max(0, log P(a, b) / (P(a) P(b))).

    Args:
        counts: Shape `(vocab, vocab)`, not negative; used up (overwritten in place).
        smoothing: Exponent on context frequencies; below 1 it damps the bias towards rare contexts.

    Returns:
        Shape `(vocab, vocab)`, float32; 0 where a pair never occurs.
    """
    words = counts.sum(dim=1, keepdim=True).clamp(min=1e-12)
    contexts = counts.sum(dim=0, keepdim=True).pow(smoothing).clamp(min=1e-12)
    contexts /= contexts.sum()
    return counts.div_(words).div_(contexts).log_().clamp_(min=0.0)


def factor(matrix: torch.Tensor, *, rank: int, power: float, std: float, seed: int) -> torch.Tensor:
    """Embeddings from a truncated singular value decomposition: U times S to a power, scaled.

    Args:
        matrix: Shape `(vocab, vocab)`.
        rank: Size of an embedding.
        power: Exponent on the singular values.
        std: Standard deviation of the result.
        seed: Of the randomised decomposition; torch's global generator is left as it was.

    Returns:
        Shape `(vocab, rank)`, float32.
    """
    oversampling = min(rank + 32, *matrix.shape)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        left, values, _ = torch.svd_lowrank(matrix, q=oversampling, niter=4)
    embeddings = left[:, :rank] * values[:rank].pow(power)
    embeddings -= embeddings.mean(dim=0)
    return embeddings * (std / embeddings.std())
