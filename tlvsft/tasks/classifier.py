"""A backbone with a head on it."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from tlvsft.backbones import Backbone, Block
from tlvsft.backbones.features import read_features
from tlvsft.tasks.adapted import AdaptedModel
from tlvsft.tasks.heads import CentroidHead, LinearHead


class ClassifierModel(AdaptedModel):
    """A backbone and a head that gives classes.

    Args:
        backbone: Gives the features.
        head: Takes features, shape `(batch, feature_size)`, gives logits.
        frozen: See `AdaptedModel`.
        keeps_statistics: See `AdaptedModel`.
    """

    pools = True
    head: LinearHead | CentroidHead

    def __init__(
        self,
        backbone: Backbone,
        head: LinearHead | CentroidHead,
        frozen: tuple[Block, ...],
        *,
        keeps_statistics: bool = True,
    ) -> None:
        super().__init__(backbone, frozen, keeps_statistics=keeps_statistics)
        self.head = head
        self._modality = backbone.modality

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Logits, shape `(batch, num_classes)`."""
        logits: Tensor = self.head(self.represent(batch))
        return logits

    def _read_backbone(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Features, shape `(batch, feature_size)`."""
        return read_features(self.backbone, self._modality, batch)
