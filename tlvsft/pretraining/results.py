"""What a finished pretraining hands to the export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from transformers import PreTrainedModel

from tlvsft.pretraining.checkpoints import Progress
from tlvsft.pretraining.loop import convert

STORED_AS = torch.float16
"""The precision of released weights: half the bytes, and no difference that could be told (docs/pretraining.md)."""


class Preprocessor(Protocol):
    """A tokenizer or an image processor."""

    def save_pretrained(self, save_directory: str) -> object:
        """Writes its configuration."""


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A trained model and what is known about it.

    Attributes:
        model: With its source head.
        preprocessor: What turns raw input into the model's.
        progress: Steps, seconds and the loss curve.
        examples_seen: Tokens or images, repetitions included.
        available: Different tokens or drawings that there were to learn from.
        metrics: On held-out source data.
    """

    model: PreTrainedModel
    preprocessor: Preprocessor
    progress: Progress
    examples_seen: int
    available: int
    metrics: dict[str, float]


def round_as_stored(model: PreTrainedModel) -> None:
    """Rounds weights and statistics to what their file can hold, so that what is measured is what is stored."""
    convert(model, dtype=STORED_AS)
    convert(model, dtype=torch.float32)
