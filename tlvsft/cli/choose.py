"""From the flags of `compare` to the configuration of a comparison."""

from __future__ import annotations

import argparse
from dataclasses import replace

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import DEFAULT_PRESET, get_preset
from tlvsft.comparison import (
    DatasetSummary,
    check_config,
    default_backbone,
    default_dataset,
    summarize_backbone,
    summarize_dataset,
)
from tlvsft.config import ComparisonConfig, DatasetConfig, Side, VariantConfig, parse_blocks
from tlvsft.errors import InvalidInput

_COLUMNS = ("text_column", "image_column", "label_column")


def choose_config(options: argparse.Namespace) -> ComparisonConfig:
    """Completes the flags from the preset, or from what was bundled for the same kind of data, and checks the whole.

    Raises:
        InvalidInput: Something can't work, in one line.
    """
    config, summary = _choose_backbone_and_dataset(options)
    config = replace(
        config,
        left=_choose_variant(options, "left", config.left),
        right=_choose_variant(options, "right", config.right),
        labels=config.labels if options.labels is None else options.labels,
        epochs=options.epochs,
        seed=options.seed,
        seeds=options.seeds,
    )
    check_config(config, dataset=summary)
    return config


def _choose_backbone_and_dataset(options: argparse.Namespace) -> tuple[ComparisonConfig, DatasetSummary | None]:
    """The comparison before methods and numbers, and its dataset's summary where that had to be read on the way."""
    if options.preset is not None or (options.backbone is None and options.dataset is None):
        return _override_preset(options), None
    if options.dataset is None:
        modality = summarize_backbone(options.backbone).modality
        dataset = _dataset_config(options, default_dataset(modality))
        return ComparisonConfig(backbone=options.backbone, dataset=dataset), None
    dataset = _dataset_config(options, options.dataset)
    if options.backbone is not None:
        return ComparisonConfig(backbone=options.backbone, dataset=dataset), None
    summary = summarize_dataset(dataset)
    return ComparisonConfig(backbone=default_backbone(summary.modality), dataset=dataset), summary


def _override_preset(options: argparse.Namespace) -> ComparisonConfig:
    """The preset with the flags' backbone and dataset; its number of labels holds only for its own ones."""
    preset = get_preset(options.preset or DEFAULT_PRESET).comparison_config()
    backbone = options.backbone or preset.backbone
    dataset = _dataset_config(options, options.dataset or preset.dataset.name)
    if (backbone, dataset) == (preset.backbone, preset.dataset):
        return preset
    return replace(preset, backbone=backbone, dataset=dataset, labels=None, preset=None)


def _dataset_config(options: argparse.Namespace, name: str) -> DatasetConfig:
    columns = {key: getattr(options, key) for key in _COLUMNS if getattr(options, key) is not None}
    if columns and name in DATASETS:
        flag = "--" + next(iter(columns)).replace("_", "-")
        raise InvalidInput(f"The bundled dataset {name!r} has columns of its own: leave out {flag}.")
    return DatasetConfig(name=name, **columns)


def _choose_variant(options: argparse.Namespace, side: Side, default: VariantConfig) -> VariantConfig:
    method = get_method(getattr(options, side) or default.method)
    blocks = getattr(options, f"freeze_{side}")
    if blocks is None:
        return VariantConfig(method=method.name)
    if method.freezes != "chosen":
        raise InvalidInput(f"--freeze-{side} is for the method 'partial' only: add '--{side} partial' or leave it out.")
    return VariantConfig(method=method.name, frozen_blocks=parse_blocks(blocks))
