"""What a user chooses, as frozen dataclasses with validation, and the bounds that the page and the command line read.

Everything here is plain data: importing it costs nothing, and each config survives a round trip through JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast, get_args

from tlvsft.errors import InvalidInput

Side = Literal["left", "right"]
SplitName = Literal["train", "validation", "test"]
Modality = Literal["text", "image"]
Task = Literal["classification", "language_modeling"]
LanguageHead = Literal["kept", "new", "tied"]
Schedule = Literal["cosine", "slanted_triangular"]
BatchNorm = Literal["eval", "train"]

SIDES: tuple[Side, Side] = ("left", "right")
TASKS: tuple[Task, ...] = get_args(Task)
LANGUAGE_HEADS: tuple[LanguageHead, ...] = get_args(LanguageHead)
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
BATCH_NORMS: tuple[BatchNorm, ...] = get_args(BatchNorm)
EMBEDDING_BLOCK = "embedding"
HEAD_BLOCK = "head"
_RUN_REFERENCE = re.compile(r"(?P<comparison>[a-z0-9]{1,32})[-:/](?P<side>left|right)(?:[-:/](?P<seed>\d{1,10}))?")


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
RATE_DECAY = (1.0, 100.0)
"""Smallest and largest factor between the learning rates of two neighbouring blocks."""
RATE_FACTOR = (0.01, 1000.0)
"""Smallest and largest factor on a method's own learning rates: enough to break a run, and to make it stand still."""
LABEL_NOISE = (0.0, 0.9)
"""Smallest and largest share of training labels that may be made wrong."""

ALL, OWN, PRETRAINED, NONE = "all", "default", "pretrained", "none"
"""How the command line and links write what has no value of its own: all labels, the method's own choice, a start from
the pretrained backbone, no frozen block."""

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
        head: For language modelling only: `kept` is an untied copy of the pretrained head, `new` a re-initialised
            one, `tied` shares the embedding's weights. `None` asks for `kept`, or `new` where nothing is pretrained.
        schedule: How learning rates move over the steps; `None` asks for the method's own.
        rate_decay: Discriminative learning rates: each block's rate is that of the block above it, divided by this
            (at least 1, which is the same rate for all). `None` asks for the method's own.
        rate_factor: All learning rates are the method's own, times this.
        batchnorm: Whether BatchNorm keeps its running statistics (`eval`) or takes new ones from every batch, in frozen
            blocks too (`train`, a well-known mistake). `None` asks for the method's own: `eval` where anything is
            pretrained.
        start: An earlier run whose weights this variant starts from, as `parse_run_reference` reads it; `None` is the
            pretrained backbone.
    """

    method: str
    frozen_blocks: tuple[str, ...] | None = None
    head: LanguageHead | None = None
    schedule: Schedule | None = None
    rate_decay: float | None = None
    rate_factor: float = 1.0
    batchnorm: BatchNorm | None = None
    start: str | None = None

    def __post_init__(self) -> None:
        if self.rate_decay is not None and not RATE_DECAY[0] <= self.rate_decay <= RATE_DECAY[1]:
            raise InvalidInput(f"rate_decay must be from {RATE_DECAY[0]:g} to {RATE_DECAY[1]:g}.")
        if not RATE_FACTOR[0] <= self.rate_factor <= RATE_FACTOR[1]:
            raise InvalidInput(f"The rate factor must be from {RATE_FACTOR[0]:g} to {RATE_FACTOR[1]:g}.")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One training of one variant: all that `tlvsft.training.train` needs.

    Attributes:
        labels: Number of training examples, class-balanced where there are classes; `None` is all of them.
        epochs: Passes over the training examples; `None` is the method's default.
        seed: Decides the label subset, the head's initial weights and the batch order, and nothing else does: the
            two sides of a comparison share it.
        label_noise: Share of the training labels that are replaced by another class, drawn by the seed; validation
            and test keep theirs.
    """

    backbone: str
    dataset: DatasetConfig
    variant: VariantConfig
    labels: int | None = None
    epochs: int | None = None
    seed: int = 0
    task: Task = "classification"
    label_noise: float = 0.0

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
        task: What both variants learn: classes, or the next (or a masked) word of unlabelled texts.
        label_noise: Share of the training labels that are made wrong, the same ones for both variants.
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
    task: Task = "classification"
    label_noise: float = 0.0

    def __post_init__(self) -> None:
        SEED.check(self.seed)
        SEEDS.check(self.seeds)
        SEED.check(self.seed + self.seeds - 1)
        if self.epochs is not None:
            EPOCHS.check(self.epochs)
        if self.labels is not None:
            LABELS.check(self.labels)
        if not LABEL_NOISE[0] <= self.label_noise <= LABEL_NOISE[1]:
            raise InvalidInput(f"The share of wrong labels must be from {LABEL_NOISE[0]:g} to {LABEL_NOISE[1]:g}.")

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
            task=self.task,
            label_noise=self.label_noise,
        )

    def started_from(self) -> tuple[str, ...]:
        """Ids of the comparisons whose runs its variants start from, each once."""
        starts = [variant.start for variant in (self.left, self.right) if variant.start is not None]
        return tuple(dict.fromkeys(parse_run_reference(start).comparison_id for start in starts))

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


@dataclass(frozen=True, kw_only=True)
class RunReference:
    """An earlier run, as a user names it: a comparison's side, of one seed or of whichever seed fits."""

    comparison_id: str
    side: Side
    seed: int | None = None

    def __str__(self) -> str:
        return f"{self.comparison_id}-{self.side}" + ("" if self.seed is None else f"-{self.seed}")


def parse_run_reference(text: str) -> RunReference:
    """Reads `COMPARISON-left` or `COMPARISON-right`, with `-SEED` behind it where one seed is meant.

    Raises:
        InvalidInput: It is neither.
    """
    match = _RUN_REFERENCE.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"Can't read the run {text[:60]!r}: write a comparison's id and side, e.g. 'COMPARISON-left'."
        )
    seed = None if match["seed"] is None else int(match["seed"])
    return RunReference(comparison_id=match["comparison"], side=cast("Side", match["side"]), seed=seed)


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
    return VariantConfig(**{**data, "frozen_blocks": None if blocks is None else tuple(blocks)})
