"""What the visitor has set up, and how one choice pulls the others along. Plain data: no page, no store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from tlvsft.catalog.backbones import BACKBONES, BackboneSummary
from tlvsft.catalog.datasets import DATASETS, BundledDataset
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import PRESETS, get_preset
from tlvsft.comparison import default_backbone, default_dataset, frozen_block_names, summarize_backbone
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, Side, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName

PARTIAL, ALL_FROZEN, NONE_FROZEN = "partial", "linear_probe", "full"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A comparison in the making; only what comes with the app can be chosen on the page.

    Attributes:
        labels: Training examples; all of them when it equals the dataset's training split.
        epochs: `None` is each method's default.
    """

    backbone: str
    dataset: str
    labels: int
    left: VariantConfig
    right: VariantConfig
    epochs: int | None = None
    seed: int = 0

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

    def variant(self, side: Side) -> VariantConfig:
        """The variant of one side."""
        return self.left if side == "left" else self.right

    def frozen(self, side: Side) -> frozenset[str]:
        """The blocks that one side freezes."""
        return frozen_block_names(self.summary, self.variant(side))

    def story(self) -> str | None:
        """The preset that this is, if it is one unchanged."""
        return next((name for name in PRESETS if setup_of_story(name) == self), None)

    def config(self) -> ComparisonConfig:
        """The comparison that this starts.

        Raises:
            InvalidInput: A number is out of bounds.
        """
        everything = self.labels == self.data.train_size
        return ComparisonConfig(
            backbone=self.backbone,
            dataset=DatasetConfig(name=self.dataset),
            left=self.left,
            right=self.right,
            labels=None if everything else self.labels,
            epochs=self.epochs,
            seed=self.seed,
            preset=self.story(),
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
    return _of_config(config)


def settle_dataset(setup: Setup) -> Setup:
    """After another dataset was chosen: its usual number of labels, and a backbone that can read it.

    Raises:
        UnknownName: It isn't bundled.
    """
    changed = replace(setup, labels=_usual_labels(setup.data))
    if changed.summary.modality == setup.data.modality:
        return changed
    return _without_blocks(replace(changed, backbone=default_backbone(setup.data.modality)))


def settle_backbone(setup: Setup) -> Setup:
    """After another backbone was chosen: its own blocks, and a dataset that it can read.

    Raises:
        UnknownName: It isn't bundled.
    """
    changed = _without_blocks(setup)
    if changed.summary.modality == setup.data.modality:
        return changed
    return settle_dataset(replace(changed, dataset=default_dataset(changed.summary.modality)))


def settle_method(setup: Setup, side: Side) -> Setup:
    """After another method was chosen: `partial` takes over the blocks that were frozen, if those were a part.

    Raises:
        UnknownName: There is no such method.
    """
    variant = setup.variant(side)
    if get_method(variant.method).freezes != "chosen":
        return _with_variant(setup, side, VariantConfig(method=variant.method))
    before = set(variant.frozen_blocks or ()) & set(setup.summary.block_names)
    part = 0 < len(before) < len(setup.summary.blocks)
    chosen = before if part else frozen_block_names(setup.summary, VariantConfig(method=variant.method))
    return _with_variant(setup, side, replace(variant, frozen_blocks=_in_order(setup.summary, chosen)))


def choose_frozen(setup: Setup, side: Side, names: Collection[str]) -> Setup:
    """Other frozen blocks for one side; the method follows: all frozen is a linear probe, none is full fine-tuning.

    Raises:
        UnknownName: A block doesn't exist.
    """
    known = setup.summary.block_names
    for name in names:
        if name not in known:
            raise UnknownName("block", str(name), known)
    chosen = _in_order(setup.summary, names)
    if len(chosen) == len(known):
        return _with_variant(setup, side, VariantConfig(method=ALL_FROZEN))
    if not chosen:
        return _with_variant(setup, side, VariantConfig(method=NONE_FROZEN))
    return _with_variant(setup, side, VariantConfig(method=PARTIAL, frozen_blocks=chosen))


def whole_number(value: float | None, *, name: str, default: int | None) -> int | None:
    """A number field's content; `default` when it is empty.

    Raises:
        InvalidInput: It has a fraction.
    """
    if value is None:
        return default
    if value != int(value):
        raise InvalidInput(f"{name} must be a whole number, not {value:g}.")
    return int(value)


def _of_config(config: ComparisonConfig) -> Setup:
    return Setup(
        backbone=config.backbone,
        dataset=config.dataset.name,
        labels=DATASETS[config.dataset.name].train_size if config.labels is None else config.labels,
        left=config.left,
        right=config.right,
        epochs=config.epochs,
        seed=config.seed,
    )


def _usual_labels(data: BundledDataset) -> int:
    """As many labels as the story about this dataset uses."""
    story = next((preset for preset in PRESETS.values() if preset.dataset == data.name), None)
    return data.train_size if story is None or story.labels is None else story.labels


def _without_blocks(setup: Setup) -> Setup:
    """Without any choice of blocks: another backbone has other ones."""
    left, right = (replace(setup.variant(side), frozen_blocks=None) for side in SIDES)
    return replace(setup, left=left, right=right)


def _with_variant(setup: Setup, side: Side, variant: VariantConfig) -> Setup:
    return replace(setup, left=variant) if side == "left" else replace(setup, right=variant)


def _in_order(summary: BackboneSummary, names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in summary.block_names if name in names)
