"""Heads start the same for the same seed, and the centroid head is what it says."""

from __future__ import annotations

import torch

from tlvsft.tasks import CentroidHead, LinearHead


def test_a_linear_head_depends_on_its_generator_alone() -> None:
    torch.manual_seed(1)
    first = LinearHead(6, 3, dropout=0.0, generator=torch.Generator().manual_seed(5))
    torch.manual_seed(2)
    second = LinearHead(6, 3, dropout=0.5, generator=torch.Generator().manual_seed(5))
    assert torch.equal(first.linear.weight, second.linear.weight)
    assert sum(parameter.numel() for parameter in first.parameters()) == (6 + 1) * 3


def test_training_features_are_centred_and_scaled() -> None:
    features = torch.randn(200, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 2.0, 3.0, 4.0]) + 7
    head = LinearHead(4, 2, dropout=0.0, generator=torch.Generator())
    head.fit(features, torch.zeros(200))
    scaled = head.scale(features)
    torch.testing.assert_close(scaled.mean(dim=0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(scaled.std(dim=0, correction=0)[1:], torch.ones(3), atol=1e-4, rtol=0)


def test_a_feature_that_hardly_varies_is_not_blown_up() -> None:
    features = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    features[:, 0] *= 1e-9
    head = CentroidHead(3, 2)
    head.fit(features, torch.arange(50) % 2)
    assert head.scale(torch.ones(1, 3)).abs().max() < 20


def test_features_that_never_vary_stay_finite() -> None:
    head = LinearHead(3, 2, dropout=0.0, generator=torch.Generator())
    head.fit(torch.ones(5, 3), torch.zeros(5))
    assert torch.isfinite(head(torch.zeros(1, 3))).all()


def test_the_nearest_centroid_wins() -> None:
    features = torch.tensor([[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0]])
    head = CentroidHead(2, 2)
    head.fit(features, torch.tensor([0, 0, 1, 1]))
    probabilities = torch.softmax(head(torch.tensor([[1.0, 1.0], [9.0, 1.0], [5.0, 1.0]])), dim=1)
    assert probabilities.argmax(dim=1)[:2].tolist() == [0, 1]
    torch.testing.assert_close(probabilities[2], torch.tensor([0.5, 0.5]))
    assert not list(head.parameters())


def test_a_layer_that_varies_less_is_heard_as_clearly_as_the_other() -> None:
    features = torch.randn(200, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.01, 0.01, 5.0, 5.0])
    head = CentroidHead(4, 2, layers=2)
    head.fit(features, torch.arange(200) % 2)
    torch.testing.assert_close(head.scale(features).std(dim=0, correction=0), torch.ones(4), atol=1e-4, rtol=0)
