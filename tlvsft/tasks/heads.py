"""Heads: what stands on the backbone and gives one number per class."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_INITIAL_STD = 0.02
_SMALLEST_SHARE = 0.3


class FeatureScale(nn.Module):
    """Standardises each feature with the mean and deviation that it had over the training examples at the start.

    The statistics are buffers: set once, before the first step, never trained.

    Args:
        feature_size: Length of a feature vector.
        layers: How many layers of the backbone stand side by side in it. Each has a scale of its own, so what hardly
            varies is told from the other features of its layer: a mean of embeddings varies less than a last layer.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, feature_size: int, layers: int) -> None:
        super().__init__()
        self._layers = layers
        self.register_buffer("mean", torch.zeros(feature_size))
        self.register_buffer("deviation", torch.ones(feature_size))

    def fit(self, features: Tensor) -> None:
        """Takes the statistics of `features`, shape `(examples, feature_size)`."""
        deviation = features.std(dim=0, correction=0)
        by_layer = deviation.view(self._layers, -1)
        typical = by_layer.square().mean(dim=1, keepdim=True).sqrt()
        floored = torch.where(typical > 0, by_layer.clamp(min=_SMALLEST_SHARE * typical), 1.0)
        self.mean.copy_(features.mean(dim=0))
        self.deviation.copy_(floored.flatten())

    def forward(self, features: Tensor) -> Tensor:
        """Standardised features, the shape kept."""
        return (features - self.mean) / self.deviation


class LinearHead(nn.Module):
    """A linear layer on standardised features.

    Args:
        feature_size: Length of a feature vector.
        num_classes: How many logits to give.
        dropout: Share of features left out in training.
        generator: Draws the initial weights and nothing else, so that paired runs start from the same head.
        layers: See `FeatureScale`.
    """

    def __init__(
        self, feature_size: int, num_classes: int, *, dropout: float, generator: torch.Generator, layers: int = 1
    ) -> None:
        super().__init__()
        self.scale = FeatureScale(feature_size, layers)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.utils.skip_init(nn.Linear, feature_size, num_classes)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            self.linear.weight.normal_(std=_INITIAL_STD, generator=generator)
            self.linear.bias.zero_()

    def fit(self, features: Tensor, _labels: Tensor) -> None:
        """Takes the scale of the training features, shape `(examples, feature_size)`; gradient steps do the rest."""
        self.scale.fit(features)

    def forward(self, features: Tensor) -> Tensor:
        """Logits, shape `(batch, num_classes)`."""
        logits: Tensor = self.linear(self.dropout(self.scale(features)))
        return logits


class CentroidHead(nn.Module):
    """Classes as the means of their examples' standardised features; nothing in it is trained.

    Its logits are negative squared Euclidean distances, divided by the feature size: probabilities are a softmax of
    negative distances, an order of likelihood rather than calibrated confidences.
    Source: Snell et al. 2017, arXiv:1703.05175, equations 1 and 2.
    """

    centroids: Tensor

    def __init__(self, feature_size: int, num_classes: int, *, layers: int = 1) -> None:
        super().__init__()
        self.scale = FeatureScale(feature_size, layers)
        self.register_buffer("centroids", torch.zeros(num_classes, feature_size))

    def fit(self, features: Tensor, labels: Tensor) -> None:
        """Takes the class means of `features`, shape `(examples, feature_size)`; `labels` has shape `(examples,)`."""
        self.scale.fit(features)
        standardised = self.scale(features)
        for label in range(len(self.centroids)):
            self.centroids[label] = standardised[labels == label].mean(dim=0)

    def forward(self, features: Tensor) -> Tensor:
        """Logits, shape `(batch, num_classes)`."""
        distances = torch.cdist(self.scale(features), self.centroids)
        return -distances.square() / self.centroids.shape[1]
