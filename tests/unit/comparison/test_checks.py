"""What is refused before a run starts, each with one line that helps."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.backbones import BackboneSummary, BlockSummary
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import DatasetSummary, check_config, default_backbone, default_dataset
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName

TINY = BackboneSummary(
    name="tiny",
    modality="text",
    blocks=tuple(BlockSummary(name=name, parameters=10) for name in ("embedding", "0", "1")),
    feature_size=4,
)
REVIEWS = DatasetSummary(name="reviews", modality="text", class_names=("bad", "good"), train_size=100)


def check(**changes: Any) -> None:
    config = replace(ComparisonConfig(backbone="tiny", dataset=DatasetConfig(name="reviews")), **changes)
    check_config(config, dataset=REVIEWS, describe_backbone=lambda name: replace(TINY, name=name))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_sound(name: str) -> None:
    check_config(PRESETS[name].comparison_config())


@pytest.mark.parametrize("labels", [None, 2, 100])
def test_what_fits_is_let_through(labels: int | None) -> None:
    check(labels=labels, left=VariantConfig(method="partial", frozen_blocks=("embedding", "0", "1")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"left": VariantConfig(method="linear_prob")}, "did you mean 'linear_probe'"),
        ({"right": VariantConfig(method="magic")}, "Unknown method 'magic'"),
        ({"left": VariantConfig(method="partial", frozen_blocks=("embedding", "7"))}, "block of tiny '7'"),
        ({"right": VariantConfig(method="full", frozen_blocks=("0",))}, "partial"),
        ({"labels": 1}, "1"),
        ({"labels": 101}, "100"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check(**changes)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_text_for_an_image_backbone_names_one_that_reads_text() -> None:
    config = ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name="book-reviews"))
    with pytest.raises(InvalidInput, match="choose 'wiki-gpt'"):
        check_config(config)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"backbone": "glyph-resnet"}, UnknownName, "did you mean 'glyphs-resnet'"),
        ({"backbone": "../no/such/folder"}, InvalidInput, "No backbone at '../no/such/folder'"),
        ({"backbone": "x" * 100_000}, InvalidInput, "No backbone at"),
        ({"backbone": ""}, InvalidInput, "No backbone at"),
        ({"backbone": "a b"}, InvalidInput, "No backbone at"),
        ({"dataset": DatasetConfig(name="Digit")}, UnknownName, "did you mean 'digits'"),
        ({"dataset": DatasetConfig(name="/no/such.csv")}, InvalidInput, "No dataset at '/no/such.csv'"),
        ({"dataset": DatasetConfig(name="reviews.csv")}, InvalidInput, "No dataset at 'reviews.csv'"),
        ({"dataset": DatasetConfig(name="nul\0byte")}, InvalidInput, "No dataset at"),
    ],
)
def test_hopeless_names_are_refused_at_once(
    changes: dict[str, Any], error: type[InvalidInput], message: str, digits_config: ComparisonConfig
) -> None:
    with pytest.raises(error) as refusal:
        check_config(replace(digits_config, labels=None, **changes))
    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_defaults_are_bundled_and_of_the_kind_asked_for() -> None:
    assert (default_backbone("text"), default_backbone("image")) == ("wiki-gpt", "glyphs-resnet")
    assert default_backbone("image", dataset="digits") == "glyphs-resnet"
    assert default_backbone("image", dataset="my/photos") == "photos-resnet"
    assert default_backbone("text", dataset="my/texts.csv") == "wiki-gpt"
    assert (default_dataset("text"), default_dataset("image")) == ("book-reviews", "digits")


def test_checking_a_bundled_comparison_never_loads_torch() -> None:
    code = (
        "import sys; from tlvsft.comparison import check_config; from tlvsft.catalog.presets import PRESETS;"
        "[check_config(preset.comparison_config()) for preset in PRESETS.values()];"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
