from __future__ import annotations

import math

import numpy as np
import torch

from tlvsft.pretraining import ppmi


def test_neighbours_are_counted_both_ways_and_near_ones_weigh_more() -> None:
    counts = ppmi.count_neighbours(np.array([0, 1, 2], dtype=np.uint16), vocab_size=3, window=2)

    assert counts.tolist() == [[0.0, 1.0, 0.5], [1.0, 0.0, 1.0], [0.5, 1.0, 0.0]]


def test_a_token_beside_itself_counts_for_both() -> None:
    counts = ppmi.count_neighbours(np.array([1, 1], dtype=np.uint16), vocab_size=2, window=1)

    assert counts.tolist() == [[0.0, 0.0], [0.0, 2.0]]


def test_chunks_change_nothing(monkeypatch) -> None:
    ids = np.random.default_rng(0).integers(0, 7, 100).astype(np.uint16)
    whole = ppmi.count_neighbours(ids, vocab_size=7, window=3)
    monkeypatch.setattr(ppmi, "_CHUNK_TOKENS", 9)

    assert torch.allclose(ppmi.count_neighbours(ids, vocab_size=7, window=3), whole)


def test_ppmi_by_hand() -> None:
    counts = torch.tensor([[0.0, 3.0], [3.0, 2.0]])  # 8 pairs: P(0) = 3/8, P(1) = 5/8

    information = ppmi.ppmi(counts, smoothing=1.0)

    assert math.isclose(information[0, 1].item(), math.log((3 / 8) / (3 / 8 * 5 / 8)), rel_tol=1e-5)
    assert information[1, 1].item() == 0.0  # log((2/8) / (5/8)²) is negative
    assert information[0, 0].item() == 0.0  # never seen together


def test_a_token_that_never_occurs_has_no_information() -> None:
    information = ppmi.ppmi(torch.tensor([[1.0, 0.0], [0.0, 0.0]]), smoothing=0.75)

    assert torch.isfinite(information).all()
    assert information[1].tolist() == [0.0, 0.0]


def test_factoring_keeps_similar_rows_together_and_scales() -> None:
    rows = torch.eye(3).repeat_interleave(2, dim=0) @ torch.rand(3, 6, generator=torch.Generator().manual_seed(0))

    embeddings = ppmi.factor(rows, rank=3, power=0.5, std=0.02, seed=0)

    assert embeddings.shape == (6, 3)
    assert math.isclose(embeddings.std().item(), 0.02, rel_tol=1e-4)
    assert torch.allclose(embeddings[0], embeddings[1], atol=1e-6)
    assert not torch.allclose(embeddings[0], embeddings[2], atol=1e-3)


def test_factoring_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    ppmi.factor(torch.rand(4, 4, generator=torch.Generator().manual_seed(0)), rank=2, power=0.5, std=1.0, seed=0)

    assert torch.equal(torch.rand(1), expected)
