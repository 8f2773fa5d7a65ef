"""What a user chooses, as frozen dataclasses with validation, and the bounds that the page and the command line read.

Everything here is plain data: importing it costs nothing, and each config survives a round trip through JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tlvsft.errors import InvalidInput

Side = Literal["left", "right"]
SplitName = Literal["train", "validation", "test"]
Modality = Literal["text", "image"]

SIDES: tuple[Side, Side] = ("left", "right")
EMBEDDING_BLOCK = "embedding"
HEAD_BLOCK = "head"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """An inclusive range of whole numbers that a setting may take."""

    name: str
    low: int
    high: int

    def check(self, value: int) -> int:
        """Returns `value` if it is in range.

        Raises:
            InvalidInput: It is not; the message names the range.
        """
        if not self.low <= value <= self.high:
            raise InvalidInput(f"{self.name} must be from {self.low} to {self.high:,}, not {value:,}.")
        return value


EPOCHS = Bounds(name="epochs", low=1, high=500)
SEED = Bounds(name="seed", low=0, high=2**31 - 1)
SEEDS = Bounds(name="seeds", low=1, high=20)
LABELS = Bounds(name="labels", low=1, high=10_000_000)

PREDICTION_TEXT_CHARACTERS = 10_000
"""Longest text that a prediction accepts."""
PREDICTION_IMAGE_PIXELS = (2, 4_096)
"""Smallest and largest side of an image that a prediction accepts, in pixels."""
TEST_EXAMPLES_CAP = 5_000
"""Evaluation of a larger split uses this many examples, drawn once with a fixed seed; the run says so."""
VALIDATION_EXAMPLES_CAP = 1_000
"""The same for validation during training."""


@dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """Which labelled data to use.

    Attributes:
        name: A bundled dataset's name, a path (folder, image folder, CSV, JSON, Parquet) or a Hub id.
        text_column: Column that holds the text, for text data.
        image_column: Column that holds the image, for image data.
        label_column: Column that holds the class.
    """

    name: str
    text_column: str = "text"
    image_column: str = "image"
    label_column: str = "label"


@dataclass(frozen=True, kw_only=True)
class VariantConfig:
    """How one side of a comparison adapts the backbone.

    Attributes:
        method: A name in `tlvsft.catalog.methods`.
        frozen_blocks: For the method `partial` only: the frozen blocks, e.g. `("embedding", "0", "1")`. `None` asks
            for the method's default, the lower half.
    """

    method: str
    frozen_blocks: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One training of one variant: all that `tlvsft.training.train` needs.

    Attributes:
        labels: Number of training examples, class-balanced; `None` is all of them.
        epochs: Passes over the training examples; `None` is the method's default.
        seed: Decides the label subset, the head's initial weights and the batch order, and nothing else does: the
            two sides of a comparison share it.
    """

    backbone: str
    dataset: DatasetConfig
    variant: VariantConfig
    labels: int | None = None
    epochs: int | None = None
    seed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """This config as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunConfig:
        """The inverse of `to_dict`."""
        return cls(**{**data, "dataset": DatasetConfig(**data["dataset"]), "variant": _variant(data["variant"])})


@dataclass(frozen=True, kw_only=True)
class ComparisonConfig:
    """Two variants, paired: same backbone, data, label subsets, seeds.

    Attributes:
        seeds: How many seeds to run, `seed … seed + seeds - 1`, each drawing its own label subset.
        preset: The preset that this came from, for display.
    """

    backbone: str
    dataset: DatasetConfig
    left: VariantConfig = field(default_factory=lambda: VariantConfig(method="linear_probe"))
    right: VariantConfig = field(default_factory=lambda: VariantConfig(method="full"))
    labels: int | None = None
    epochs: int | None = None
    seed: int = 0
    seeds: int = 1
    preset: str | None = None

    def __post_init__(self) -> None:
        SEED.check(self.seed)
        SEEDS.check(self.seeds)
        SEED.check(self.seed + self.seeds - 1)
        if self.epochs is not None:
            EPOCHS.check(self.epochs)
        if self.labels is not None:
            LABELS.check(self.labels)

    def variant(self, side: Side) -> VariantConfig:
        """The variant of one side."""
        return self.left if side == "left" else self.right

    def run_config(self, side: Side, seed: int) -> RunConfig:
        """The config of one run of this comparison."""
        return RunConfig(
            backbone=self.backbone,
            dataset=self.dataset,
            variant=self.variant(side),
            labels=self.labels,
            epochs=self.epochs,
            seed=seed,
        )

    def all_seeds(self) -> range:
        """The seeds that are run."""
        return range(self.seed, self.seed + self.seeds)

    def to_dict(self) -> dict[str, Any]:
        """This config as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ComparisonConfig:
        """The inverse of `to_dict`."""
        parts = {"dataset": DatasetConfig(**data["dataset"])} | {side: _variant(data[side]) for side in SIDES}
        return cls(**{**data, **parts})


def parse_blocks(text: str) -> tuple[str, ...]:
    """Reads a list of blocks such as `embedding,0-2` into `("embedding", "0", "1", "2")`.

    Raises:
        InvalidInput: A part is neither `embedding`, a number, nor a range of numbers.
    """
    blocks: list[str] = []
    for part in (piece.strip() for piece in text.split(",")):
        blocks.extend(_expand_block(part))
    return tuple(dict.fromkeys(blocks))


def _expand_block(part: str) -> list[str]:
    if part == EMBEDDING_BLOCK:
        return [part]
    match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", part)
    if match is None:
        raise InvalidInput(f"Can't read block {part[:40]!r}: write blocks as 'embedding,0-2'.")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise InvalidInput(f"Block range {part!r} runs backwards: write '{last}-{first}'.")
    return [str(index) for index in range(first, last + 1)]


def _variant(data: Mapping[str, Any]) -> VariantConfig:
    blocks = data["frozen_blocks"]
    return VariantConfig(method=data["method"], frozen_blocks=None if blocks is None else tuple(blocks))
