"""Comparisons that go on from one another: what is run before a preset's own comparison."""

from __future__ import annotations

from dataclasses import replace

from tlvsft.catalog.presets import PRESETS, PREVIOUS, get_preset
from tlvsft.config import SIDES, ComparisonConfig


def preset_chain(config: ComparisonConfig) -> tuple[ComparisonConfig, ...]:
    """The comparisons to run for one, in order: those that it goes on from, then itself.

    An earlier one is what its own preset says, on the backbone and with the seeds of the one that goes on from it.

    Raises:
        InvalidInput: A start can't be read.
    """
    preset = PRESETS.get(config.preset or "")
    if preset is None or preset.after is None or not goes_on(config):
        return (config,)
    own = get_preset(preset.after).comparison_config()
    before = replace(own, backbone=config.backbone, seed=config.seed, seeds=config.seeds)
    return (*preset_chain(before), config)


def goes_on(config: ComparisonConfig) -> bool:
    """Whether a variant starts from the comparison that is run before this one.

    Raises:
        InvalidInput: A start can't be read.
    """
    return PREVIOUS in config.started_from()


def as_asked(config: ComparisonConfig) -> ComparisonConfig:
    """A comparison's config as it was asked for: a start that was yet to come then is called so again."""
    preset = PRESETS.get(config.preset or "")
    if preset is None or preset.after is None:
        return config
    to_come = {"left": preset.left_start, "right": preset.right_start}
    left, right = (replace(config.variant(side), start=to_come[side] or config.variant(side).start) for side in SIDES)
    return replace(config, left=left, right=right)
