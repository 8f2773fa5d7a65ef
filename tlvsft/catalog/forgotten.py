"""How what was forgotten is measured, as data: which files keep it beside a run's weights, and what is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Measured = Literal["general_english", "agreement", "heldout_accuracy", "heldout_perplexity"]

GENERAL_FILE, AGREEMENT_FILE, HELDOUT_FILE = "general_english", "source_agreement", "heldout_source"
"""On general English: losses of each text in nats, `before` and `after`, with its `tokens`. On the test images: whether
the pretrained head says the `same` as before. On held-out source data: losses again, or whether each answer is right.
"""
LOSS_ARRAYS, SAME_ARRAYS, RIGHT_ARRAYS = ("before", "after", "tokens"), ("same",), ("before", "after")


@dataclass(frozen=True, kw_only=True)
class SourceData:
    """The data that a bundled backbone was pretrained on, of which it never saw a part.

    Attributes:
        measured: What is measured on that part.
        unit: What one of its examples is called, in the plural.
        folder: What the folder should hold, for people who give it.
    """

    measured: Measured
    unit: str
    folder: str


SOURCES: dict[str, SourceData] = {
    "glyphs-resnet": SourceData(
        measured="heldout_accuracy",
        unit="held-out Omniglot drawings",
        folder="Omniglot as images_background_small*.zip",
    ),
    "photos-resnet": SourceData(
        measured="heldout_accuracy",
        unit="held-out photos of Tiny ImageNet",
        folder="Tiny ImageNet as train-*.parquet and validation-*.parquet",
    ),
    "wiki-gpt": SourceData(
        measured="heldout_perplexity",
        unit="held-out paragraphs of its corpus",
        folder="the corpus as *.txt.xz, some of them named *-heldout-*",
    ),
}
"""By the names of the bundled backbones."""
