"""A backbone with a head on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from torch import Tensor, nn

from tlvsft.backbones import Backbone, Block, keep_in_evaluation
from tlvsft.backbones.features import read_features
from tlvsft.tasks.heads import CentroidHead, LinearHead


class ClassifierModel(nn.Module):
    """A backbone and a head; `train()` leaves the frozen blocks in evaluation mode.

    Args:
        backbone: Gives the features.
        head: Takes features, shape `(batch, feature_size)`, gives logits.
        frozen: The blocks of the backbone that are frozen.
    """

    head: LinearHead | CentroidHead

    def __init__(self, backbone: Backbone, head: LinearHead | CentroidHead, frozen: tuple[Block, ...]) -> None:
        super().__init__()
        self.backbone = backbone.model
        self.head = head
        self._modality = backbone.modality
        self._frozen = frozen

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Logits, shape `(batch, num_classes)`."""
        logits: Tensor = self.head(self.features(batch))
        return logits

    def features(self, batch: Mapping[str, Tensor]) -> Tensor:
        """What the head receives, shape `(batch, feature_size)`."""
        return read_features(self.backbone, self._modality, batch)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - the signature of nn.Module
        """Training mode, except for frozen blocks, which stay in evaluation mode whatever is asked."""
        super().train(mode)
        keep_in_evaluation(self._frozen)
        return self
