"""What every model that is trained here does with the parts of its backbone that must not move."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from torch import Tensor, nn

from tlvsft.backbones import (
    FLOAT32_ON_CPU,
    Arithmetic,
    Backbone,
    Block,
    FrozenPrefix,
    keep_batch_statistics,
    keep_in_evaluation,
    let_batch_statistics_drift,
)

STORED = "stored"
"""The entry of a batch that holds what the frozen prefix gave for its examples."""


class AdaptedModel(nn.Module, ABC):
    """A backbone to put a head on; `train()` leaves in evaluation mode what has to stay there.

    Args:
        backbone: A pretrained model.
        frozen: The blocks of it that are frozen.
        keeps_statistics: Whether BatchNorm keeps its running statistics in the blocks that train, too: it does where
            they are pretrained. Random weights have none yet.

    Attributes:
        pools: Whether the head receives one vector for each example, rather than one for each place.
        prefix: The frozen blocks that need not be computed for a batch that brings what they gave.
        arithmetic: Where and how it computes; batches may come from anywhere, and results stay there.
        statistics_drift: Whether BatchNorm takes new statistics from every training batch, in frozen blocks too: the
            mistake that `batchnorm="train"` shows.
    """

    pools: ClassVar[bool]
    head: nn.Module
    prefix: FrozenPrefix | None
    arithmetic: Arithmetic
    statistics_drift: bool

    def __init__(self, backbone: Backbone, frozen: tuple[Block, ...], *, keeps_statistics: bool = True) -> None:
        super().__init__()
        self.backbone = backbone.model
        self.prefix = None
        self.arithmetic = FLOAT32_ON_CPU
        self.statistics_drift = False
        self._frozen = frozen
        self._keeps_statistics = keeps_statistics

    def place(self, arithmetic: Arithmetic) -> None:
        """Moves the model to a device, parameters keeping their identity, and sets its precision."""
        self.arithmetic = arithmetic
        self.to(arithmetic.device)

    def represent(self, batch: Mapping[str, Tensor]) -> Tensor:
        """What the head receives: computed by the backbone, from the first block that trains where possible.

        Args:
            batch: What the backbone reads; with the entry `STORED`, its `prefix` isn't computed.
        """
        moved = self._move(batch)
        stored = moved.pop(STORED, None)
        if self.prefix is None or stored is None:
            return self._read(moved)
        if self.prefix.is_whole:
            return stored
        with self.prefix.replay(stored):
            return self._read(moved)

    def represent_frozen(self, batch: Mapping[str, Tensor], prefix: FrozenPrefix) -> Tensor:
        """What to store for a batch: what a frozen prefix gives, or what the head receives where all is frozen."""
        moved = self._move(batch)
        if prefix.is_whole:
            return self._read(moved)
        return prefix.record(lambda: self._read(moved)).float()

    def replays(self, prefix: FrozenPrefix, batch: Mapping[str, Tensor]) -> bool:
        """Whether the backbone can go on from what the prefix gave for a batch; to be asked in evaluation mode."""
        moved = self._move(batch)
        return prefix.is_whole or prefix.replays(lambda: self._read(moved))

    def set_frozen(self, frozen: tuple[Block, ...]) -> None:
        """Says which blocks of the backbone are frozen from now on."""
        self._frozen = frozen
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - the signature of nn.Module
        """Training mode, except for frozen blocks and pretrained BatchNorm, which stay in evaluation mode."""
        super().train(mode)
        keep_in_evaluation(self._frozen)
        if self.statistics_drift:
            let_batch_statistics_drift(self.backbone, training=mode)
        elif self._keeps_statistics:
            keep_batch_statistics(self.backbone)
        return self

    def _move(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: tensor.to(self.arithmetic.device) for name, tensor in batch.items()}

    def _read(self, batch: Mapping[str, Tensor]) -> Tensor:
        with self.arithmetic.autocast():
            return self._read_backbone(batch).float()

    @abstractmethod
    def _read_backbone(self, batch: Mapping[str, Tensor]) -> Tensor:
        """What the head receives, computed from the input on."""
