"""What can be known before a run starts: do backbone, data, blocks and numbers exist and fit together?"""

from __future__ import annotations

from collections.abc import Callable

from tlvsft.catalog.backbones import BackboneSummary
from tlvsft.catalog.ladder import frozen_block_names
from tlvsft.catalog.methods import get_method
from tlvsft.comparison.summaries import DatasetSummary, default_backbone, summarize_backbone, summarize_dataset
from tlvsft.config import SIDES, ComparisonConfig, Modality
from tlvsft.errors import InvalidInput

_READS: dict[Modality, str] = {"text": "text", "image": "images"}


def check_config(
    config: ComparisonConfig,
    *,
    dataset: DatasetSummary | None = None,
    describe_backbone: Callable[[str], BackboneSummary] = summarize_backbone,
) -> None:
    """Refuses, before anything is submitted, a comparison that can't work.

    Bundled names are checked against the catalogue; a path or a Hub id is loaded, in this process, to be sure.

    Args:
        config: What the user asked for.
        dataset: Its dataset's summary, where the caller has it already.
        describe_backbone: Where a backbone's summary comes from; the page asks its inference process, so that torch
            stays out of the web process.

    Raises:
        InvalidInput: One line that says what to change.
    """
    for side in SIDES:
        get_method(config.variant(side).method)
    data = summarize_dataset(config.dataset) if dataset is None else dataset
    backbone = describe_backbone(config.backbone)
    if backbone.modality != data.modality:
        raise InvalidInput(
            f"Dataset {data.name!r} is {data.modality} data, but backbone {backbone.name!r} reads "
            f"{_READS[backbone.modality]}: choose {default_backbone(data.modality, dataset=config.dataset.name)!r}."
        )
    for side in SIDES:
        frozen_block_names(backbone, config.variant(side))
    _check_label_count(config.labels, data)


def _check_label_count(labels: int | None, data: DatasetSummary) -> None:
    from tlvsft.datasets import check_label_count

    check_label_count(labels, num_classes=len(data.class_names), available=data.train_size)
