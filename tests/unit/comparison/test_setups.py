from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison.setups import compare_setups, differing
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig

OTHER_VALUES: dict[str, Any] = {
    "backbone": "photos-resnet", "labels": 51, "epochs": 3, "seed": 1, "seeds": 2, "preset": None,
    "task": "language_modeling", "label_noise": 0.1, "name": "letters", "text_column": "a", "image_column": "a",
    "label_column": "a", "method": "lora", "frozen_blocks": ("0",), "head": "new", "schedule": "cosine",
    "rate_decay": 2.0, "rate_factor": 2.0, "batchnorm": "train", "start": "abc-left",
}  # fmt: skip
PLACES = [
    *(("", field.name) for field in fields(ComparisonConfig) if field.name not in {"dataset", "left", "right"}),
    *(("dataset", field.name) for field in fields(DatasetConfig)),
    *((side, field.name) for side in ("left", "right") for field in fields(VariantConfig)),
]
"""Every field there is: a new one fails here until it is told."""


def told(before: ComparisonConfig, after: ComparisonConfig) -> list[str]:
    return [str(change) for change in differing(compare_setups(before, after))]


def test_every_field_is_there_in_words_of_its_own(digits_config: ComparisonConfig) -> None:
    changes = compare_setups(digits_config, digits_config)
    count = len(fields(ComparisonConfig)) - 3 + len(fields(DatasetConfig)) + 2 * len(fields(VariantConfig))
    assert len(changes) == count == len({change.name for change in changes})
    assert not any("_" in change.name or change.name[0].islower() for change in changes)
    assert all(change.before == change.after and not change.differs for change in changes)
    assert not any("None" in change.before for change in changes)


def test_what_differs_is_told_in_the_fields_own_words(digits_config: ComparisonConfig) -> None:
    changed = replace(
        digits_config,
        preset=None,
        labels=None,
        epochs=12,
        seed=3,
        seeds=2,
        label_noise=0.3,
        right=VariantConfig(
            method="partial", frozen_blocks=("embedding", "0"), rate_factor=0.5, batchnorm="train", rate_decay=2.0,
            schedule="slanted_triangular", start="abcdefghijklmnop-left",
        ),
    )  # fmt: skip
    assert told(digits_config, changed) == [
        "Story Digits from 50 labels → none",
        "Training examples 50 → all",
        "Wrong labels 0 % → 30 %",
        "Epochs each method's own → 12",
        "Seed 0 → 3",
        "Number of seeds 1 → 2",
        "Method, right Full fine-tuning → Partly frozen",
        "Frozen blocks, right the method's own → embedding, 0",
        "Schedule of learning rates, right the method's own → slanted triangular",
        "Rate decay from block to block, right the method's own → ÷ 2",
        "Rate factor, right × 1 → × 0.5",
        "BatchNorm, right the method's own → left in train mode",
        "Starts from, right the pretrained backbone → run abcdefghijklmnop-left",
    ]


def test_what_is_in_no_catalogue_has_its_name(digits_config: ComparisonConfig) -> None:
    odd = replace(
        digits_config,
        backbone="/home/somebody/model",
        dataset=DatasetConfig(name="own:12"),
        left=VariantConfig(method="yet_to_come"),
        preset="forgotten",
    )
    words = told(digits_config, odd)
    assert "Story Digits from 50 labels → forgotten" in words
    assert "Backbone glyphs-resnet · handwritten characters → model" in words
    assert any(line.endswith("→ own:12") for line in words)
    assert "Method, left Linear probe → yet_to_come" in words
    titled = compare_setups(digits_config, odd, title_of=lambda name: f"<{name}>")
    assert "<own:12>" in [change.after for change in titled]


def test_stories_differ_from_each_other() -> None:
    configs = [preset.comparison_config() for preset in PRESETS.values()]
    for before, after in pairwise(configs):
        assert len(told(before, after)) > 1


@pytest.mark.parametrize("place", PLACES)
def test_no_field_differs_unseen(digits_config: ComparisonConfig, place: tuple[str, str]) -> None:
    owner, field = place
    if owner == "":
        changed = replace(digits_config, **{field: OTHER_VALUES[field]})
    else:
        inner = replace(getattr(digits_config, owner), **{field: OTHER_VALUES[field]})
        changed = replace(digits_config, **{owner: inner})
    (change,) = differing(compare_setups(digits_config, changed))
    assert change.before != change.after
