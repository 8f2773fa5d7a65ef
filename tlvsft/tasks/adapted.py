"""What every model that is trained here does with the parts of its backbone that must not move."""

from __future__ import annotations

from typing import Self

from torch import nn

from tlvsft.backbones import Backbone, Block, keep_batch_statistics, keep_in_evaluation


class AdaptedModel(nn.Module):
    """A backbone to put a head on; `train()` leaves in evaluation mode what has to stay there.

    Args:
        backbone: A pretrained model.
        frozen: The blocks of it that are frozen.
        keeps_statistics: Whether BatchNorm keeps its running statistics in the blocks that train, too: it does where
            they are pretrained. Random weights have none yet.
    """

    head: nn.Module

    def __init__(self, backbone: Backbone, frozen: tuple[Block, ...], *, keeps_statistics: bool = True) -> None:
        super().__init__()
        self.backbone = backbone.model
        self._frozen = frozen
        self._keeps_statistics = keeps_statistics

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
