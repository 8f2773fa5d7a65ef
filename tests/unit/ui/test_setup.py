from __future__ import annotations

from dataclasses import replace

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.ui.setup import (
    Setup,
    choose_frozen,
    settle_backbone,
    settle_dataset,
    settle_method,
    setup_of_config,
    setup_of_story,
    whole_number,
)

ALL = ("embedding", "0", "1", "2", "3")


@pytest.fixture
def digits() -> Setup:
    return setup_of_story("digits")


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_story_is_its_preset(name: str) -> None:
    assert setup_of_story(name).story() == name
    assert setup_of_story(name).config() == PRESETS[name].comparison_config()


def test_a_changed_story_is_no_story(digits: Setup) -> None:
    changed = replace(digits, labels=60)
    assert changed.story() is None
    assert changed.config().preset is None
    assert changed.config().labels == 60


def test_all_labels_are_not_a_number(digits: Setup) -> None:
    assert replace(digits, labels=digits.data.train_size).config().labels is None


def test_a_dataset_brings_its_backbone_and_labels(digits: Setup) -> None:
    books = settle_dataset(replace(digits, dataset="book-genres"))
    assert (books.backbone, books.labels) == ("wiki-gpt", 1024)
    back = settle_backbone(replace(books, backbone="glyphs-resnet"))
    assert (back.dataset, back.labels) == ("digits", 50)


def test_a_dataset_of_the_same_kind_keeps_the_backbone() -> None:
    reviews = settle_dataset(replace(setup_of_story("book-genres"), dataset="book-reviews"))
    assert (reviews.backbone, reviews.dataset) == ("wiki-gpt", "book-reviews")


def test_chosen_blocks_are_not_carried_to_another_backbone(digits: Setup) -> None:
    partly = choose_frozen(digits, "left", ["embedding"])
    books = settle_dataset(replace(partly, dataset="book-genres"))
    assert books.left == VariantConfig(method="partial", frozen_blocks=None)
    assert books.frozen("left") == {"embedding", "0", "1"}


@pytest.mark.parametrize(
    ("names", "variant"),
    [
        (ALL, VariantConfig(method="linear_probe")),
        ((), VariantConfig(method="full")),
        (("2", "embedding"), VariantConfig(method="partial", frozen_blocks=("embedding", "2"))),
    ],
)
def test_the_method_follows_the_frozen_blocks(digits: Setup, names: tuple[str, ...], variant: VariantConfig) -> None:
    assert choose_frozen(digits, "right", names).right == variant
    assert choose_frozen(digits, "left", names).left == variant


def test_an_unknown_block_is_refused(digits: Setup) -> None:
    with pytest.raises(UnknownName, match="block"):
        choose_frozen(digits, "left", ["<script>"])


def test_partial_takes_over_a_part_but_neither_all_nor_nothing(digits: Setup) -> None:
    def chosen(*frozen: str) -> tuple[str, ...] | None:
        variant = VariantConfig(method="partial", frozen_blocks=frozen)
        return settle_method(replace(digits, left=variant), "left").left.frozen_blocks

    assert chosen("embedding") == ("embedding",)
    assert chosen(*ALL) == chosen() == ("embedding", "0", "1")


def test_other_methods_drop_the_choice(digits: Setup) -> None:
    variant = VariantConfig(method="full", frozen_blocks=("0",))
    assert settle_method(replace(digits, left=variant), "left").left == VariantConfig(method="full")


def test_what_is_not_bundled_is_no_setup() -> None:
    config = ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name="/etc/passwd"))
    assert setup_of_config(config) is None
    with pytest.raises(UnknownName, match="dataset"):
        _ = replace(setup_of_story("digits"), dataset="/etc/passwd").data


def test_whole_numbers() -> None:
    assert whole_number(None, name="Epochs", default=None) is None
    assert whole_number(3.0, name="Epochs", default=None) == 3
    with pytest.raises(InvalidInput, match="whole"):
        whole_number(1.5, name="Epochs", default=None)
