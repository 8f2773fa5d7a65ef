"""What the visitor has set up. Plain data: no page, no store."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tlvsft.catalog.backbones import BACKBONES, BackboneSummary
from tlvsft.catalog.datasets import DATASETS, BundledDataset
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import PRESETS, PREVIOUS, Preset, get_preset
from tlvsft.comparison import as_asked as as_asked  # noqa: PLC0414  those above ask for it here
from tlvsft.comparison import block_states, frozen_block_names, summarize_backbone
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, LanguageHead, Side, Task, VariantConfig
from tlvsft.errors import UnknownName
from tlvsft.events import BlockStatus


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A comparison in the making; only what comes with the app can be chosen on the page.

    Attributes:
        labels: Training examples; all of them when it equals the dataset's training split.
        epochs: `None` is each method's default.
        task: What both variants learn.
        label_noise: Share of the training labels that are made wrong.
    """

    backbone: str
    dataset: str
    labels: int
    left: VariantConfig
    right: VariantConfig
    epochs: int | None = None
    seed: int = 0
    task: Task = "classification"
    label_noise: float = 0.0

    @property
    def data(self) -> BundledDataset:
        """The chosen dataset.

        Raises:
            UnknownName: It isn't bundled.
        """
        if self.dataset not in DATASETS:
            raise UnknownName("dataset", self.dataset, DATASETS)
        return DATASETS[self.dataset]

    @property
    def summary(self) -> BackboneSummary:
        """The chosen backbone, seen from outside.

        Raises:
            UnknownName: It isn't bundled.
        """
        if self.backbone not in BACKBONES:
            raise UnknownName("backbone", self.backbone, BACKBONES)
        return summarize_backbone(self.backbone)

    @property
    def predicts_words(self) -> bool:
        """Whether both variants learn words rather than classes."""
        return self.task == "language_modeling"

    @property
    def can_predict_words(self) -> bool:
        """Whether the backbone has a head that predicts words."""
        return self.summary.language_head_parameters is not None

    @property
    def fewest_labels(self) -> int:
        """The fewest examples that make sense: one of each class, or a single text."""
        return 1 if self.predicts_words else len(self.data.classes)

    def variant(self, side: Side) -> VariantConfig:
        """The variant of one side."""
        return self.left if side == "left" else self.right

    def frozen(self, side: Side) -> frozenset[str]:
        """The blocks that one side freezes."""
        return frozen_block_names(self.summary, self.variant(side))

    def ladder(self, side: Side) -> tuple[BlockStatus, ...]:
        """One side's rungs, from input to output, head included."""
        return block_states(self.summary, self.variant(side), num_classes=len(self.data.classes), task=self.task)

    def story(self) -> str | None:
        """The preset that this is, if it is one unchanged."""
        usual = self.usual()
        return next((name for name in PRESETS if setup_of_story(name) == usual), None)

    def usual(self) -> Setup:
        """The same, with the method's own choice of blocks left to the method."""
        left, right = (_leave_to_method(self.summary, self.variant(side)) for side in SIDES)
        return replace(self, left=left, right=right)

    def chain(self) -> Preset | None:
        """The preset that says what is trained first, where a variant starts from a comparison yet to come."""
        if not any(is_to_come(self.variant(side).start) for side in SIDES):
            return None
        return next((preset for preset in PRESETS.values() if preset.after is not None), None)

    def shows_ladder_of(self, config: ComparisonConfig, side: Side) -> bool:
        """Whether a run of this config has the ladder that stands in this setup's column."""
        mine, theirs = self.variant(side), config.variant(side)
        same_model = (self.backbone, self.dataset, self.task) == (config.backbone, config.dataset.name, config.task)
        same_method = (mine.method, mine.head) == (theirs.method, theirs.head)
        return same_model and same_method and self.frozen(side) == frozen_block_names(self.summary, theirs)

    def config(self) -> ComparisonConfig:
        """The comparison that this starts.

        Raises:
            InvalidInput: A number is out of bounds.
        """
        everything, chain, usual = self.labels == self.data.train_size, self.chain(), self.usual()
        return ComparisonConfig(
            backbone=self.backbone,
            dataset=DatasetConfig(name=self.dataset),
            left=usual.left,
            right=usual.right,
            labels=None if everything else self.labels,
            epochs=self.epochs,
            seed=self.seed,
            preset=chain.name if chain else self.story(),
            task=self.task,
            label_noise=self.label_noise,
        )


def setup_of_story(name: str) -> Setup:
    """A preset as a setup.

    Raises:
        UnknownName: There is none of this name.
    """
    return _of_config(get_preset(name).comparison_config())


def setup_of_config(config: ComparisonConfig) -> Setup | None:
    """A comparison as a setup; `None` if it used something that can't be chosen on the page."""
    if config.backbone not in BACKBONES or config.dataset.name not in DATASETS:
        return None
    return _of_config(as_asked(config))


def is_to_come(start: str | None) -> bool:
    """Whether a start names the comparison that is trained before, which has no id yet."""
    return start is not None and start.startswith(f"{PREVIOUS}-")


def usual_head(method: str) -> LanguageHead:
    """The head of a language model whose user asks for none: the pretrained one, where there is one.

    Raises:
        UnknownName: There is no such method.
    """
    return "kept" if get_method(method).pretrained else "new"


def _of_config(config: ComparisonConfig) -> Setup:
    return Setup(
        backbone=config.backbone,
        dataset=config.dataset.name,
        labels=DATASETS[config.dataset.name].train_size if config.labels is None else config.labels,
        left=config.left,
        right=config.right,
        epochs=config.epochs,
        seed=config.seed,
        task=config.task,
        label_noise=config.label_noise,
    )


def _leave_to_method(summary: BackboneSummary, variant: VariantConfig) -> VariantConfig:
    left_open = replace(variant, frozen_blocks=None)
    if variant.frozen_blocks is None or set(variant.frozen_blocks) != frozen_block_names(summary, left_open):
        return variant
    return left_open
