"""What can be known before a run starts: do backbone, data, blocks, starts and numbers exist and fit together?"""

from __future__ import annotations

from collections.abc import Callable

from tlvsft.catalog.backbones import BackboneSummary
from tlvsft.catalog.ladder import block_states
from tlvsft.catalog.methods import get_method
from tlvsft.comparison.chains import preset_chain
from tlvsft.comparison.starts import FindComparison, check_start, find_nothing
from tlvsft.comparison.summaries import (
    DatasetSummary,
    default_backbone,
    default_dataset,
    summarize_backbone,
    summarize_dataset,
)
from tlvsft.config import SIDES, ComparisonConfig, Modality, Task, VariantConfig
from tlvsft.errors import InvalidInput, LabelCountError

_READS: dict[Modality, str] = {"text": "text", "image": "images"}


def check_config(
    config: ComparisonConfig,
    *,
    dataset: DatasetSummary | None = None,
    describe_backbone: Callable[[str], BackboneSummary] = summarize_backbone,
    find_comparison: FindComparison = find_nothing,
    viewer: str | None = None,
) -> None:
    """Refuses, before anything is submitted, a comparison that can't work, or one that it goes on from.

    Bundled names are checked against the catalogue; a path or a Hub id is loaded, in this process, to be sure.

    Args:
        config: What the user asked for.
        dataset: Its dataset's summary, where the caller has it already.
        describe_backbone: Where a backbone's summary comes from; the page asks its inference process, so that torch
            stays out of the web process.
        find_comparison: Where earlier comparisons are looked up that a variant starts from: those that this user may
            see. Without it there are none.
        viewer: Whose own datasets may be used: a browser's token, or `None` for the command line.

    Raises:
        InvalidInput: One line that says what to change.
    """
    for earlier in preset_chain(config)[:-1]:
        check_config(earlier, describe_backbone=describe_backbone, find_comparison=find_comparison, viewer=viewer)
    for side in SIDES:
        _check_variant(config.variant(side), config.task)
        check_start(config, side, find_comparison=find_comparison)
    data = summarize_dataset(config.dataset, task=config.task, viewer=viewer) if dataset is None else dataset
    backbone = describe_backbone(config.backbone)
    if config.task == "language_modeling":
        if config.label_noise:
            raise InvalidInput("Language modelling reads no labels, so none can be wrong: leave out label_noise.")
        _check_predicts_words(backbone, data)
    elif backbone.modality != data.modality:
        raise InvalidInput(
            f"Dataset {data.name!r} is {data.modality} data, but backbone {backbone.name!r} reads "
            f"{_READS[backbone.modality]}: choose {default_backbone(data.modality, dataset=config.dataset.name)!r}."
        )
    for side in SIDES:
        block_states(backbone, config.variant(side), num_classes=len(data.class_names), task=config.task)
    _check_label_count(config, data)


def _check_variant(variant: VariantConfig, task: Task) -> None:
    """Refuses what no backbone and no data can make work."""
    method = get_method(variant.method)
    if task == "classification":
        if variant.head is not None:
            raise InvalidInput(
                f"The head {variant.head!r} is for language modelling: choose the task 'language_modeling', or leave "
                "the head out (a classifier always gets a new one)."
            )
        return
    if not method.takes_steps:
        raise InvalidInput(f"Method {method.name!r} knows classes only: choose another one for language modelling.")
    if not method.pretrained and variant.head not in {None, "new"}:
        raise InvalidInput(
            f"Method {method.name!r} starts from random weights, so there is no pretrained head: choose the head 'new'."
        )


def _check_predicts_words(backbone: BackboneSummary, data: DatasetSummary) -> None:
    if data.modality != "text":
        raise InvalidInput(
            f"Dataset {data.name!r} is {data.modality} data, and language modelling needs texts: choose "
            f"{default_dataset('text')!r} or texts of your own."
        )
    if backbone.language_head_parameters is None:
        raise InvalidInput(
            f"Backbone {backbone.name!r} has no pretrained head that predicts words: choose "
            f"{default_backbone('text')!r} for language modelling."
        )


def _check_label_count(config: ComparisonConfig, data: DatasetSummary) -> None:
    if config.task == "classification":
        from tlvsft.datasets import check_label_count

        check_label_count(config.labels, num_classes=len(data.class_names), available=data.train_size)
    elif config.labels is not None and config.labels > data.train_size:
        raise LabelCountError(
            f"There are no {config.labels:,} training texts in this dataset: choose from 1 to {data.train_size:,}."
        )
