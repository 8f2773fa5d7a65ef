"""How one choice pulls the others along, so that a setup stays one that makes sense."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from tlvsft.catalog.backbones import BackboneSummary
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.own import is_own
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import default_backbone, default_dataset, frozen_block_names
from tlvsft.config import SIDES, Side, VariantConfig, parse_run_reference
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.ui.setup import Setup

OWN_LABELS = 500
"""So many examples two cores train on while somebody waits."""
PARTIAL, ALL_FROZEN, NONE_FROZEN = "partial", "linear_probe", "full"


def settle_dataset(setup: Setup) -> Setup:
    """After another dataset was chosen: its usual number of labels, and a backbone that can read it.

    Raises:
        UnknownName: It isn't bundled.
        DatasetError: It was this visitor's own and isn't there any more.
    """
    if setup.summary.modality != setup.data.modality:
        setup = _of_another_backbone(
            replace(setup, backbone=default_backbone(setup.data.modality, dataset=setup.dataset))
        )
    return replace(setup, labels=_usual_labels(setup))


def settle_task(setup: Setup) -> Setup:
    """After another task was chosen: its usual number of examples.

    Raises:
        InvalidInput: The backbone has no head that predicts words.
    """
    if setup.predicts_words and not setup.can_predict_words:
        raise InvalidInput(f"{setup.backbone} can't predict words: choose a language model such as wiki-gpt.")
    noise = 0.0 if setup.predicts_words else setup.label_noise
    left, right = (_of_task(setup, side) for side in SIDES)
    return replace(setup, labels=_usual_labels(setup), left=left, right=right, label_noise=noise)


def settle_backbone(setup: Setup) -> Setup:
    """After another backbone was chosen: its own blocks, and a dataset that it can read.

    Raises:
        UnknownName: It isn't bundled.
    """
    changed = _of_another_backbone(setup)
    if changed.summary.modality == setup.data.modality:
        return changed
    return settle_dataset(replace(changed, dataset=default_dataset(changed.summary.modality)))


def settle_method(setup: Setup, side: Side) -> Setup:
    """After another method was chosen: `partial` takes over the blocks that were frozen, if those were a part.

    Head, schedule and rates become the new method's own; where the variant starts stays.

    Raises:
        UnknownName: There is no such method.
    """
    variant = setup.variant(side)
    usual = VariantConfig(method=variant.method, start=variant.start)
    if get_method(variant.method).freezes != "chosen":
        return _with_variant(setup, side, usual)
    before = set(variant.frozen_blocks or ()) & set(setup.summary.block_names)
    part = 0 < len(before) < len(setup.summary.blocks)
    chosen = before if part else frozen_block_names(setup.summary, VariantConfig(method=variant.method))
    return _with_variant(setup, side, replace(usual, frozen_blocks=_in_order(setup.summary, chosen)))


def choose_frozen(setup: Setup, side: Side, names: Collection[str]) -> Setup:
    """Other frozen blocks for one side; the method follows: all frozen is a linear probe, none is full fine-tuning.

    Raises:
        UnknownName: A block doesn't exist.
    """
    known = setup.summary.block_names
    for name in names:
        if name not in known:
            raise UnknownName("block", str(name), known)
    variant, chosen = replace(setup.variant(side), frozen_blocks=None), _in_order(setup.summary, names)
    if len(chosen) == len(known):
        return _with_variant(setup, side, replace(variant, method=ALL_FROZEN))
    if not chosen:
        return _with_variant(setup, side, replace(variant, method=NONE_FROZEN))
    return _with_variant(setup, side, replace(variant, method=PARTIAL, frozen_blocks=chosen))


def choose_start(setup: Setup, side: Side, start: str) -> Setup:
    """Another start for one side: an earlier run, or the pretrained backbone (empty).

    Raises:
        InvalidInput: It names no run.
    """
    if start:
        parse_run_reference(start)
    return _with_variant(setup, side, replace(setup.variant(side), start=start or None))


def _usual_labels(setup: Setup) -> int:
    """As many examples as the story about this dataset and task uses; of a visitor's own data not too many at first."""
    stories = (preset for preset in PRESETS.values() if (preset.dataset, preset.task) == (setup.dataset, setup.task))
    story = next(stories, None)
    if is_own(setup.dataset):
        return min(setup.data.train_size, max(OWN_LABELS, setup.fewest_labels))
    return setup.data.train_size if story is None or story.labels is None else story.labels


def _of_another_backbone(setup: Setup) -> Setup:
    """Without what belonged to the backbone before: chosen blocks, BatchNorm, earlier runs, words to be predicted."""
    left, right = (replace(setup.variant(side), frozen_blocks=None, batchnorm=None, start=None) for side in SIDES)
    changed = replace(setup, left=left, right=right)
    if changed.can_predict_words or not changed.predicts_words:
        return changed
    return settle_task(replace(changed, task="classification"))


def _of_task(setup: Setup, side: Side) -> VariantConfig:
    """A variant without a choice of head, which only a language model has."""
    return setup.variant(side) if setup.predicts_words else replace(setup.variant(side), head=None)


def _with_variant(setup: Setup, side: Side, variant: VariantConfig) -> Setup:
    return replace(setup, left=variant) if side == "left" else replace(setup, right=variant)


def _in_order(summary: BackboneSummary, names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in summary.block_names if name in names)
