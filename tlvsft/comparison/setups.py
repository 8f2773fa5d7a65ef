"""A comparison's setup, field by field in words, and how two setups differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison.naming import capitalise, shown_name
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, VariantConfig

_NAMES = {
    "preset": "Story",
    "task": "Task",
    "backbone": "Backbone",
    "dataset.name": "Data",
    "dataset.text_column": "Column of texts",
    "dataset.image_column": "Column of images",
    "dataset.label_column": "Column of classes",
    "labels": "Training examples",
    "label_noise": "Wrong labels",
    "epochs": "Epochs",
    "seed": "Seed",
    "seeds": "Number of seeds",
    "method": "Method",
    "frozen_blocks": "Frozen blocks",
    "head": "Head of the language model",
    "schedule": "Schedule of learning rates",
    "rate_decay": "Rate decay from block to block",
    "rate_factor": "Rate factor",
    "batchnorm": "BatchNorm",
    "start": "Starts from",
}
"""What the fields of a config are called, in the order in which they are listed. A field without a name here is
called as in the code, so that none is ever left out."""
_METHODS_OWN = "the method's own"


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """One setting of two setups, in words.

    Attributes:
        name: What it is called, with its side where both sides have one of their own.
        before: Its value in the first setup.
        after: Its value in the second.
        differs: Whether these are two values.
    """

    name: str
    before: str
    after: str
    differs: bool

    def __str__(self) -> str:
        return f"{self.name} {self.before} → {self.after}"


def compare_setups(
    before: ComparisonConfig, after: ComparisonConfig, *, title_of: Callable[[str], str] | None = None
) -> tuple[SettingChange, ...]:
    """Every setting of two setups.

    Args:
        before: The first one.
        after: The second one.
        title_of: What a dataset is called; by default its title in the catalogue, or its name.
    """
    words = _words(title_of or _dataset_title)
    first, second = _flatten(before), _flatten(after)
    return tuple(
        SettingChange(
            name=_name(path),
            before=_describe(path, first[path], words),
            after=_describe(path, second[path], words),
            differs=first[path] != second[path],
        )
        for path in first
    )


def differing(changes: tuple[SettingChange, ...]) -> tuple[SettingChange, ...]:
    """Those settings that differ."""
    return tuple(change for change in changes if change.differs)


def _flatten(config: ComparisonConfig) -> dict[str, Any]:
    """Every field by its path, e.g. `left.method`, in the order in which they are listed."""
    flat = {
        field.name: getattr(config, field.name) for field in fields(config) if field.name not in {"dataset", *SIDES}
    }
    flat |= {f"dataset.{field.name}": getattr(config.dataset, field.name) for field in fields(DatasetConfig)}
    places = {name: place for place, name in enumerate(_NAMES)}
    ordered = dict(sorted(flat.items(), key=lambda item: places.get(item[0], len(places))))
    inside = sorted((field.name for field in fields(VariantConfig)), key=lambda name: places.get(name, len(places)))
    for side in SIDES:
        ordered |= {f"{side}.{name}": getattr(config.variant(side), name) for name in inside}
    return ordered


def _name(path: str) -> str:
    side, _, field = path.partition(".")
    if side in SIDES:
        return f"{_field_name(field)}, {side}"
    return _field_name(path)


def _field_name(field: str) -> str:
    return _NAMES.get(field) or capitalise(field.rpartition(".")[2].replace("_", " "))


def _describe(path: str, value: object, words: Mapping[str, Callable[[Any], str]]) -> str:
    side, _, field = path.partition(".")
    describe = words.get(field if side in SIDES else path)
    if describe is not None:
        return describe(value)
    return "–" if value is None else str(value)


def _words(title_of: Callable[[str], str]) -> dict[str, Callable[[Any], str]]:
    """How each field's value is put into words; the others are written as they are."""
    return {
        "preset": lambda name: "none" if name is None else _title(PRESETS, name),
        "task": lambda task: "next words" if task == "language_modeling" else "classes",
        "backbone": lambda name: _title(BACKBONES, name),
        "dataset.name": title_of,
        "labels": lambda count: "all" if count is None else f"{count:,}",
        "label_noise": lambda share: f"{100 * share:g} %",
        "epochs": lambda count: "each method's own" if count is None else f"{count:,}",
        "method": lambda name: _title(METHODS, name),
        "frozen_blocks": _describe_blocks,
        "head": lambda head: head or "the usual one",
        "schedule": lambda schedule: (schedule or _METHODS_OWN).replace("_", " "),
        "rate_decay": lambda decay: _METHODS_OWN if decay is None else f"÷ {decay:g}",
        "rate_factor": lambda factor: f"× {factor:g}",
        "batchnorm": lambda mode: {"eval": "keeps its statistics", "train": "left in train mode"}.get(
            mode, _METHODS_OWN
        ),
        "start": lambda start: "the pretrained backbone" if start is None else f"run {start}",
    }


def _describe_blocks(blocks: tuple[str, ...] | None) -> str:
    if blocks is None:
        return _METHODS_OWN
    return ", ".join(blocks) if blocks else "none"


def _title(catalogue: Mapping[str, Any], name: str) -> str:
    """A title from a catalogue; of what isn't in it, the name."""
    return str(catalogue[name].title) if name in catalogue else shown_name(name)


def _dataset_title(name: str) -> str:
    return _title(DATASETS, name)
