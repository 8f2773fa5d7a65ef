"""A comparison as what somebody would have to write to get the very same one: a line for the command line.

The page's links use the same names and values; `tlvsft.ui.links` writes them.
"""

from __future__ import annotations

import shlex
from dataclasses import replace

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import is_own
from tlvsft.catalog.presets import PRESETS, Preset
from tlvsft.comparison.chains import as_asked
from tlvsft.config import ALL, NONE, OWN, PRETRAINED, SIDES, ComparisonConfig, DatasetConfig, Side

Option = tuple[str, str]
"""A setting's name as a flag has it, without the dashes, and its value."""
_Value = str | float | None

DATA_PLACEHOLDER = "PATH_TO_YOUR_DATA"
"""Stands in a line where the path of such data belongs."""
_PROGRAM = ("python", "-m", "tlvsft", "compare")


def command_line(config: ComparisonConfig) -> str:
    """The line that starts this comparison from a POSIX shell, with the options that it needs and no others.

    A visitor's own data is a placeholder in it, for a path. What was trained before a story's own comparison is trained
    again; any other earlier run is named by its id, which only the store knows that it is in.
    """
    asked = as_asked(config)
    named, begun = _begin(asked)
    flags = [_flag(option) for option in (*named, *differing_options(asked, begun))]
    return shlex.join([*_PROGRAM, *(word for flag in flags for word in flag)])


def differing_options(config: ComparisonConfig, base: ComparisonConfig) -> list[Option]:
    """What has to be said to turn `base` into `config`, which has the same backbone, data and task."""
    found = [option for side in SIDES for option in _variant_options(config, base, side)]
    found += _differing("labels", config.labels, base.labels, nothing=ALL)
    found += _differing("epochs", config.epochs, base.epochs, nothing=OWN)
    found += _differing("label-noise", config.label_noise, base.label_noise)
    found += _differing("seed", config.seed, base.seed)
    return found + _differing("seeds", config.seeds, base.seeds)


def plain_comparison(config: ComparisonConfig) -> ComparisonConfig:
    """What somebody gets who names this comparison's backbone, data and task and nothing else."""
    return ComparisonConfig(backbone=config.backbone, dataset=config.dataset, task=config.task)


def task_options(config: ComparisonConfig, base: ComparisonConfig) -> list[Option]:
    """Backbone, dataset and task, as far as they aren't those of `base`."""
    found = _differing("backbone", config.backbone, base.backbone)
    found += _differing("dataset", config.dataset.name, base.dataset.name)
    return found + _differing("task", config.task, base.task)


def _begin(config: ComparisonConfig) -> tuple[list[Option], ComparisonConfig]:
    """The options that choose backbone, data and task, and what the others are then without being named."""
    preset = PRESETS.get(config.preset or "")
    if preset is None or not _keeps_its_name(preset, config):
        nothing = ComparisonConfig(backbone="", dataset=DatasetConfig(name=""))
        return [*task_options(config, nothing), *_column_options(config.dataset)], plain_comparison(config)
    own = preset.comparison_config()
    changes = [*task_options(config, own), *_column_options(config.dataset)]
    named = [("preset", preset.name), *changes]
    return named, own if not changes else replace(own, labels=None, epochs=None)


def _keeps_its_name(preset: Preset, config: ComparisonConfig) -> bool:
    """Whether the command line would call this comparison by its preset: else it is one of its own."""
    own = preset.comparison_config()
    same_data = (own.backbone, own.dataset, own.task) == (config.backbone, config.dataset, config.task)
    return same_data or preset.after is not None


def _column_options(dataset: DatasetConfig) -> list[Option]:
    if dataset.name in DATASETS:
        return []
    usual = DatasetConfig(name=dataset.name)
    names = ("text_column", "image_column", "label_column")
    columns = ((name, getattr(dataset, name), getattr(usual, name)) for name in names)
    return [(name.replace("_", "-"), column) for name, column, own in columns if column != own]


def _variant_options(config: ComparisonConfig, base: ComparisonConfig, side: Side) -> list[Option]:
    mine, usual = config.variant(side), base.variant(side)
    blocks = None if mine.frozen_blocks is None else join_blocks(mine.frozen_blocks) or NONE
    found = _differing(side, mine.method, usual.method)
    found += _differing(f"freeze-{side}", blocks, None)
    found += _differing(f"from-{side}", mine.start, usual.start, nothing=PRETRAINED)
    found += _differing(f"head-{side}", mine.head, None)
    found += _differing(f"schedule-{side}", mine.schedule, None)
    found += _differing(f"rate-decay-{side}", mine.rate_decay, None)
    found += _differing(f"rate-factor-{side}", mine.rate_factor, usual.rate_factor)
    return found + _differing(f"batchnorm-{side}", mine.batchnorm, usual.batchnorm, nothing=OWN)


def join_blocks(blocks: tuple[str, ...]) -> str:
    """Blocks as `tlvsft.config.parse_blocks` reads them, e.g. `embedding,0-2`."""
    parts: list[tuple[str, str]] = []
    for name in blocks:
        if parts and _follows(name, parts[-1][1]):
            parts[-1] = (parts[-1][0], name)
        else:
            parts.append((name, name))
    return ",".join(first if first == last else f"{first}-{last}" for first, last in parts)


def _follows(name: str, before: str) -> bool:
    return name.isdigit() and before.isdigit() and int(name) == int(before) + 1


def _differing(name: str, value: _Value, base: _Value, *, nothing: str = "") -> list[Option]:
    """The option, unless it is what it would be anyway; `nothing` is how "no value" is written."""
    if value == base:
        return []
    return [(name, nothing if value is None else _written(value))]


def _written(value: str | float) -> str:
    """A value so that reading it gives it back: numbers with all their digits."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _flag(option: Option) -> list[str]:
    name, value = option
    if name == "dataset" and is_own(value):
        value = DATA_PLACEHOLDER
    return [f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value]
