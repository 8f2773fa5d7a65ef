"""What things are called inside a sentence: sides, steps of a chain, datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tlvsft.catalog.methods import get_method
from tlvsft.config import SIDES, BatchNorm, ComparisonConfig, RunReference, Side
from tlvsft.events import Ancestor

Lineage = Sequence[Ancestor]
_BATCH_NORM_WORDS: dict[BatchNorm | None, str] = {
    None: "BatchNorm as usual",
    "eval": "BatchNorm kept",
    "train": "BatchNorm in train mode",
}


def side_names(config: ComparisonConfig, lineages: Mapping[Side, Lineage]) -> dict[Side, str]:
    """Names for the two sides that tell them apart: the methods, and what else differs where that isn't enough.

    Args:
        config: What is compared.
        lineages: The runs that each side started from, the oldest first.
    """
    titles = {side: lower_first(get_method(config.variant(side).method).title) for side in SIDES}
    details = _telling_details(config, lineages)
    return {side: titles[side] + (f" ({details[side]})" if details else "") for side in SIDES}


def describe_steps(lineage: Lineage) -> str:
    """What was done before, as a subject: `adapting to book-reviews first`."""
    steps = (f"{_step_verb(ancestor)[0]} {shown_name(ancestor.dataset)}" for ancestor in lineage)
    return " and then ".join(steps) + " first"


def telling_settings(config: ComparisonConfig) -> dict[Side, str]:
    """How the sides' settings differ, beyond methods and starts; empty where they don't."""
    left, right = config.left, config.right
    if left.rate_factor != right.rate_factor:
        return {side: _describe_factor(config.variant(side).rate_factor) for side in SIDES}
    if left.batchnorm != right.batchnorm:
        return {side: _BATCH_NORM_WORDS[config.variant(side).batchnorm] for side in SIDES}
    return {}


def shown_name(name: str) -> str:
    """A dataset or a backbone without the folders that lead to it."""
    return Path(name).name or name if Path(name).is_absolute() else name


def block_title(name: str) -> str:
    """What a block is called: `block 3`, `embedding`, `head`."""
    return f"block {name}" if name.isdigit() else name


def capitalise(text: str) -> str:
    """`text` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _describe_factor(factor: float) -> str:
    return "usual rates" if factor == 1 else f"rates × {factor:g}"


def _telling_details(config: ComparisonConfig, lineages: Mapping[Side, Lineage]) -> dict[Side, str]:
    """The first thing in which the sides differ, beyond their methods; empty where these tell them apart."""
    starts = {side: _describe_start(config, lineages[side]) for side in SIDES}
    if starts["left"] != starts["right"]:
        return starts
    if config.left.method != config.right.method:
        return {}
    runs = {side: _describe_runs(lineages[side]) for side in SIDES}
    if runs["left"] != runs["right"]:
        return runs
    if config.left.head != config.right.head:
        return {side: f"{config.variant(side).head or 'usual'} head" for side in SIDES}
    if settings := telling_settings(config):
        return settings
    return {side: side for side in SIDES}


def _describe_start(config: ComparisonConfig, lineage: Lineage) -> str:
    if not lineage:
        return f"straight from {shown_name(config.backbone)}"
    return " and ".join(f"{_step_verb(ancestor)[1]} {shown_name(ancestor.dataset)}" for ancestor in lineage) + " first"


def _describe_runs(lineage: Lineage) -> str:
    runs = (str(RunReference(comparison_id=ancestor.comparison_id, side=ancestor.side)) for ancestor in lineage)
    return " and ".join(f"from {run}" for run in runs)


def _step_verb(ancestor: Ancestor) -> tuple[str, str]:
    return ("adapting to", "adapted to") if ancestor.task == "language_modeling" else ("training on", "trained on")


def lower_first(title: str) -> str:
    """A title inside a sentence; one with capitals of its own, such as LoRA, stays as it is."""
    return title if title[1:] != title[1:].lower() else title[:1].lower() + title[1:]
