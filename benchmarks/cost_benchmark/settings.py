"""What is measured: each bundled backbone on the data and the tasks that the page offers with it."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.catalog.backbones import BACKBONES, bundled_summary
from tlvsft.config import DatasetConfig, RunConfig, Task, VariantConfig

ROWS, EPOCHS = 128, 4
"""Enough batches for a median, and epochs enough that frozen blocks are stored."""


@dataclass(frozen=True)
class Setting:
    """A backbone, its data and what is learnt."""

    backbone: str
    dataset: str
    task: Task

    @property
    def block_names(self) -> tuple[str, ...]:
        """Of the backbone."""
        return bundled_summary(self.backbone).block_names

    def run_config(self, frozen: tuple[str, ...] | None, *, rows: int = ROWS, epochs: int | None = EPOCHS) -> RunConfig:
        """A run with these frozen blocks; `None` stands for adapters beside all layers."""
        return RunConfig(
            backbone=self.backbone,
            dataset=DatasetConfig(name=self.dataset),
            variant=self._variant(frozen),
            labels=rows,
            epochs=epochs,
            task=self.task,
        )

    def _variant(self, frozen: tuple[str, ...] | None) -> VariantConfig:
        if frozen is None:
            return VariantConfig(method="lora")
        if len(frozen) == len(self.block_names):
            return VariantConfig(method="linear_probe")
        return VariantConfig(method="partial", frozen_blocks=frozen) if frozen else VariantConfig(method="full")


def settings_of(backbone: str) -> tuple[Setting, ...]:
    """What the page offers with a bundled backbone; datasets that share their inputs count once."""
    if BACKBONES[backbone].modality == "image":
        return (Setting(backbone, "digits", "classification"),)
    return (
        Setting(backbone, "book-reviews", "classification"),
        Setting(backbone, "book-reviews", "language_modeling"),
    )
