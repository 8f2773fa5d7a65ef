"""What is refused before a run starts, each with one line that helps."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.own_datasets import keep_texts
from tlvsft.catalog.backbones import BackboneSummary, BlockSummary
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import DatasetSummary, check_config, default_backbone, default_dataset, summarize_dataset
from tlvsft.config import ComparisonConfig, DatasetConfig, LanguageHead, Modality, VariantConfig
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
        ({"left": VariantConfig(method="nearest_centroid", schedule="cosine")}, "takes no steps"),
        ({"left": VariantConfig(method="nearest_centroid", rate_decay=2.6)}, "takes no steps"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check(**changes)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


WORDS: dict[str, Any] = {"task": "language_modeling"}


def check_words(*, language_head_parameters: int | None = 40, modality: Modality = "text", **changes: Any) -> None:
    config = replace(ComparisonConfig(backbone="tiny", dataset=DatasetConfig(name="reviews"), **WORDS), **changes)
    backbone = replace(TINY, language_head_parameters=language_head_parameters)
    check_config(config, dataset=replace(REVIEWS, modality=modality), describe_backbone=lambda _: backbone)


@pytest.mark.parametrize("labels", [None, 1, 100])
@pytest.mark.parametrize("head", ["kept", "new", "tied", None])
def test_language_models_that_fit_are_let_through(labels: int | None, head: LanguageHead | None) -> None:
    check_words(labels=labels, right=VariantConfig(method="full", head=head))
    check_words(left=VariantConfig(method="from_scratch", head="new"), right=VariantConfig(method="random_features"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"left": VariantConfig(method="nearest_centroid")}, "knows classes only"),
        ({"left": VariantConfig(method="from_scratch", head="kept")}, "no pretrained head: choose the head 'new'"),
        ({"left": VariantConfig(method="linear_probe", head="tied")}, "would train nothing"),
        ({"language_head_parameters": None}, "choose 'wiki-gpt' for language modelling"),
        ({"modality": "image"}, "language modelling needs texts: choose 'book-reviews'"),
        ({"labels": 101}, "choose from 1 to 100"),
    ],
)
def test_language_models_that_cannot_work_are_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_words(**changes)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("head", ["kept", "new", "tied"])
def test_a_classifier_has_no_choice_of_heads(head: LanguageHead) -> None:
    with pytest.raises(InvalidInput, match="is for language modelling"):
        check(right=VariantConfig(method="full", head=head))


def test_texts_of_ones_own_need_no_classes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    corpus = SimpleNamespace(name="my.txt", train=["a text"] * 30, validation=[], test=[], notes=("Split at random.",))
    monkeypatch.setattr("tlvsft.datasets.load_text_data", lambda _: corpus, raising=False)
    (tmp_path / "my.txt").write_text("words", encoding="utf-8")
    found = summarize_dataset(DatasetConfig(name=str(tmp_path / "my.txt")), task="language_modeling")
    assert (found.modality, found.class_names, found.train_size) == ("text", (), 30)
    assert found.notes == ("Split at random.",)


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


def test_an_own_dataset_is_known_without_reading_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path))
    dataset = keep_texts(tmp_path, "m" * 32)
    config = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name=dataset.name), labels=30)
    check_config(config, viewer="m" * 32)
    for changes, viewer, message in (
        ({"labels": 31}, "m" * 32, "3 (one of each of its classes) to 30"),
        ({"labels": 2}, "m" * 32, "3 (one of each of its classes) to 30"),
        ({"backbone": "photos-resnet"}, "m" * 32, "text data"),
        ({}, "s" * 32, "isn't there any more: upload it again"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            check_config(replace(config, **changes), viewer=viewer)
        assert message in str(refusal.value)
