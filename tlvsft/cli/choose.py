"""From the flags of `compare` to the configuration of a comparison."""

from __future__ import annotations

import argparse
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import DEFAULT_PRESET, get_preset
from tlvsft.comparison import (
    DatasetSummary,
    check_config,
    default_backbone,
    default_dataset,
    is_on_disk,
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
    backbone = None if options.backbone is None else _locate(options.backbone, BACKBONES)
    if options.preset is not None or (backbone is None and options.dataset is None):
        return _override_preset(options, backbone), None
    if backbone is not None:
        name = options.dataset
        if name is None:
            name = default_dataset(summarize_backbone(backbone).modality)
        return ComparisonConfig(backbone=backbone, dataset=_dataset_config(options, name)), None
    dataset = _dataset_config(options, options.dataset)
    summary = summarize_dataset(dataset)
    return ComparisonConfig(backbone=default_backbone(summary.modality, dataset=dataset.name), dataset=dataset), summary


def _override_preset(options: argparse.Namespace, backbone: str | None) -> ComparisonConfig:
    """The preset with the flags' backbone and dataset; its number of labels holds only for its own ones."""
    preset = get_preset(_given(options.preset, DEFAULT_PRESET)).comparison_config()
    backbone = _given(backbone, preset.backbone)
    dataset = _dataset_config(options, _given(options.dataset, preset.dataset.name))
    if (backbone, dataset) == (preset.backbone, preset.dataset):
        return preset
    return replace(preset, backbone=backbone, dataset=dataset, labels=None, preset=None)


def _given(flag: str | None, default: str) -> str:
    """What the user wrote, an empty text included, else the default."""
    return default if flag is None else flag


def _locate(name: str, bundled: Container[str]) -> str:
    """A local path in full, for whoever uses the comparison later from another folder; other names as they are."""
    return str(Path(name).expanduser().resolve()) if name not in bundled and is_on_disk(name) else name


def _dataset_config(options: argparse.Namespace, name: str) -> DatasetConfig:
    columns = {key: getattr(options, key) for key in _COLUMNS if getattr(options, key) is not None}
    if columns and name in DATASETS:
        flag = "--" + next(iter(columns)).replace("_", "-")
        raise InvalidInput(f"The bundled dataset {name!r} has columns of its own: leave out {flag}.")
    return DatasetConfig(name=_locate(name, DATASETS), **columns)


def _choose_variant(options: argparse.Namespace, side: Side, default: VariantConfig) -> VariantConfig:
    method = get_method(_given(getattr(options, side), default.method))
    blocks = getattr(options, f"freeze_{side}")
    if blocks is None:
        return VariantConfig(method=method.name)
    if method.freezes != "chosen":
        raise InvalidInput(f"--freeze-{side} is for the method 'partial' only: add '--{side} partial' or leave it out.")
    return VariantConfig(method=method.name, frozen_blocks=parse_blocks(blocks))
