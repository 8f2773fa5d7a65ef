"""A backbone with a head on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from torch import Tensor, nn

from tlvsft.backbones import Backbone, Block, keep_batch_statistics, keep_in_evaluation
from tlvsft.backbones.features import read_features
from tlvsft.tasks.heads import CentroidHead, LinearHead


class ClassifierModel(nn.Module):
    """A backbone and a head; `train()` leaves in evaluation mode what has to stay there.

    Args:
        backbone: Gives the features.
        head: Takes features, shape `(batch, feature_size)`, gives logits.
        frozen: The blocks of the backbone that are frozen.
        keeps_statistics: Whether BatchNorm keeps its running statistics in the blocks that train, too: it does where
            they are pretrained. Random weights have none yet.
    """

    head: LinearHead | CentroidHead

    def __init__(
        self,
        backbone: Backbone,
        head: LinearHead | CentroidHead,
        frozen: tuple[Block, ...],
        *,
        keeps_statistics: bool = True,
    ) -> None:
        super().__init__()
        self.backbone = backbone.model
        self.head = head
        self._modality = backbone.modality
        self._frozen = frozen
        self._keeps_statistics = keeps_statistics

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Logits, shape `(batch, num_classes)`."""
        logits: Tensor = self.head(self.features(batch))
        return logits

    def features(self, batch: Mapping[str, Tensor]) -> Tensor:
        """What the head receives, shape `(batch, feature_size)`."""
        return read_features(self.backbone, self._modality, batch)

    def set_frozen(self, frozen: tuple[Block, ...]) -> None:
        """Says which blocks of the backbone are frozen from now on."""
        self._frozen = frozen
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - the signature of nn.Module
        """Training mode, except for frozen blocks and pretrained BatchNorm, which stay in evaluation mode."""
        super().train(mode)
        keep_in_evaluation(self._frozen)
        if self._keeps_statistics:
            keep_batch_statistics(self.backbone)
        return self
