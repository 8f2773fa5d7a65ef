"""From the flags of `compare` to the configuration of a comparison."""

from __future__ import annotations

import argparse
from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import Method, get_method
from tlvsft.catalog.own import is_own
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS, PREVIOUS, get_preset
from tlvsft.comparison import (
    DatasetSummary,
    FindComparison,
    check_config,
    default_backbone,
    default_dataset,
    is_on_disk,
    preset_chain,
    summarize_backbone,
    summarize_dataset,
)
from tlvsft.config import (
    ALL,
    BATCH_NORMS,
    LANGUAGE_HEADS,
    NONE,
    OWN,
    PRETRAINED,
    SCHEDULES,
    SIDES,
    TASKS,
    BatchNorm,
    ComparisonConfig,
    DatasetConfig,
    Side,
    Task,
    VariantConfig,
    parse_blocks,
    parse_run_reference,
)
from tlvsft.errors import InvalidInput, UnknownName

_COLUMNS = ("text_column", "image_column", "label_column")
_Choice = TypeVar("_Choice", bound=str)


def choose_config(options: argparse.Namespace, *, find_comparison: FindComparison) -> ComparisonConfig:
    """Completes the flags from the preset, or from what was bundled for the same kind of data, and checks the whole.

    Args:
        options: The flags.
        find_comparison: Looks up the comparisons whose runs a variant starts from.

    Raises:
        InvalidInput: Something can't work, in one line.
    """
    config, summary = choose_backbone_and_dataset(options, find_comparison)
    config = replace(
        config,
        left=_choose_variant(options, "left", config.left),
        right=_choose_variant(options, "right", config.right),
        labels=_number_or(ALL, options.labels, config.labels),
        epochs=_number_or(OWN, options.epochs, config.epochs),
        label_noise=config.label_noise if options.label_noise is None else options.label_noise,
        seed=options.seed,
        seeds=options.seeds,
    )
    if config.preset is not None and get_preset(config.preset).after is not None and len(preset_chain(config)) == 1:
        config = replace(config, preset=None)  # other starts were chosen: nothing of the chain is left
    check_config(config, dataset=summary, find_comparison=find_comparison)
    return config


def choose_backbone_and_dataset(
    options: argparse.Namespace, find_comparison: FindComparison
) -> tuple[ComparisonConfig, DatasetSummary | None]:
    """The comparison before methods and numbers, and its dataset's summary where that had to be read on the way.

    Raises:
        InvalidInput: A name is unknown, or data or an earlier run can't be read.
    """
    backbone = _choose_backbone(options, find_comparison)
    task = _one_of("task", options.task, TASKS)
    if options.preset is not None or (backbone is None and options.dataset is None):
        return _override_preset(options, backbone, task), None
    task = task or "classification"
    if backbone is not None:
        name = options.dataset
        if name is None:
            modality = "text" if task == "language_modeling" else summarize_backbone(backbone).modality
            name = default_dataset(modality)
        return ComparisonConfig(backbone=backbone, dataset=_dataset_config(options, name), task=task), None
    dataset = _dataset_config(options, options.dataset)
    summary = summarize_dataset(dataset, task=task)
    backbone = default_backbone(summary.modality, dataset=dataset.name)
    return ComparisonConfig(backbone=backbone, dataset=dataset, task=task), summary


def _choose_backbone(options: argparse.Namespace, find_comparison: FindComparison) -> str | None:
    """The backbone that the flags name, or that of a run which they start from; `None` leaves it to the rest."""
    if options.backbone is not None:
        return _locate(options.backbone, BACKBONES)
    starts = [_read_start(options, side) for side in SIDES]
    references = [parse_run_reference(start) for start in starts if start is not None]
    earlier = [reference.comparison_id for reference in references if reference.comparison_id != PREVIOUS]
    return find_comparison(earlier[0]).config.backbone if earlier else None


def _override_preset(options: argparse.Namespace, backbone: str | None, task: Task | None) -> ComparisonConfig:
    """The preset with the flags' backbone, dataset and task; its number of labels holds only for its own ones.

    One that goes on from another keeps its name, which says what is trained first.
    """
    preset = get_preset(_given(options.preset, _default_preset(task)))
    config = preset.comparison_config()
    backbone, task = _given(backbone, config.backbone), task or config.task
    dataset = _dataset_config(options, _given(options.dataset, config.dataset.name))
    if (backbone, dataset, task) == (config.backbone, config.dataset, config.task):
        return config
    name = None if preset.after is None else preset.name
    return replace(config, backbone=backbone, dataset=dataset, task=task, labels=None, epochs=None, preset=name)


def _default_preset(task: Task | None) -> str:
    """The preset of somebody who names at most the task."""
    if task in {None, PRESETS[DEFAULT_PRESET].task}:
        return DEFAULT_PRESET
    return next(preset.name for preset in PRESETS.values() if preset.task == task)


def _given(flag: str | None, default: str) -> str:
    """What the user wrote, an empty text included, else the default."""
    return default if flag is None else flag


def _number_or(word: str, flag: int | str | None, default: int | None) -> int | None:
    """The number that the user wrote, no number for the word that may stand in its place, else the default."""
    if flag is None:
        return default
    return None if flag == word else int(flag)


def _one_of(kind: str, flag: str | None, known: Sequence[_Choice]) -> _Choice | None:
    """What the user chose, if anything.

    Raises:
        UnknownName: It is none of the known ones.
    """
    if flag is None:
        return None
    for choice in known:
        if choice == flag:
            return choice
    raise UnknownName(kind, flag, known)


def _locate(name: str, bundled: Container[str]) -> str:
    """A local path in full, for whoever uses the comparison later from another folder; other names as they are."""
    return str(Path(name).expanduser().resolve()) if name not in bundled and is_on_disk(name) else name


def _dataset_config(options: argparse.Namespace, name: str) -> DatasetConfig:
    columns = {key: getattr(options, key) for key in _COLUMNS if getattr(options, key) is not None}
    if columns and (name in DATASETS or is_own(name)):
        flag = "--" + next(iter(columns)).replace("_", "-")
        raise InvalidInput(
            f"The {'bundled ' if name in DATASETS else ''}dataset {name!r} has columns of its own: leave out {flag}."
        )
    return DatasetConfig(name=_locate(name, DATASETS), **columns)


def _choose_variant(options: argparse.Namespace, side: Side, default: VariantConfig) -> VariantConfig:
    method = get_method(_given(getattr(options, side), default.method))
    factor = getattr(options, f"rate_factor_{side}")
    return VariantConfig(
        method=method.name,
        frozen_blocks=_read_blocks(options, side, method),
        head=_one_of("head", getattr(options, f"head_{side}"), LANGUAGE_HEADS),
        schedule=_one_of("schedule", getattr(options, f"schedule_{side}"), SCHEDULES),
        rate_decay=getattr(options, f"rate_decay_{side}"),
        rate_factor=default.rate_factor if factor is None else factor,
        batchnorm=_choose_batchnorm(options, side, default),
        start=None if getattr(options, f"from_{side}") == PRETRAINED else _read_start(options, side) or default.start,
    )


def _choose_batchnorm(options: argparse.Namespace, side: Side, default: VariantConfig) -> BatchNorm | None:
    flag = getattr(options, f"batchnorm_{side}")
    return None if flag == OWN else _one_of("BatchNorm mode", flag, BATCH_NORMS) or default.batchnorm


def _read_blocks(options: argparse.Namespace, side: Side, method: Method) -> tuple[str, ...] | None:
    blocks = getattr(options, f"freeze_{side}")
    if blocks is None:
        return None
    if method.freezes != "chosen":
        raise InvalidInput(f"--freeze-{side} is for the method 'partial' only: add '--{side} partial' or leave it out.")
    return () if blocks == NONE else parse_blocks(blocks)


def _read_start(options: argparse.Namespace, side: Side) -> str | None:
    """The run that a side starts from, written as every start is; `None` where none is named."""
    reference = getattr(options, f"from_{side}")
    return None if reference in {None, PRETRAINED} else str(parse_run_reference(reference))
