from __future__ import annotations

from dataclasses import replace

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.ui.form import read_number, whole_number
from tlvsft.ui.settling import (
    choose_frozen,
    choose_start,
    settle_backbone,
    settle_dataset,
    settle_method,
    settle_task,
)
from tlvsft.ui.setup import Setup, as_asked, setup_of_config, setup_of_story

ALL = ("embedding", "0", "1", "2", "3")


@pytest.fixture
def digits() -> Setup:
    return setup_of_story("digits")


@pytest.fixture
def words() -> Setup:
    return setup_of_story("adapt-to-book-reviews")


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


def test_only_a_language_model_can_predict_words(digits: Setup, words: Setup) -> None:
    assert (digits.can_predict_words, words.can_predict_words) == (False, True)
    with pytest.raises(InvalidInput, match="can't predict words"):
        settle_task(replace(digits, task="language_modeling"))


def test_another_task_brings_its_number_of_examples(words: Setup) -> None:
    few = replace(words, labels=20)
    assert settle_task(replace(few, task="classification")).labels == 1024
    assert settle_task(few).labels == 1024


def test_a_head_for_words_is_dropped_with_the_words(words: Setup) -> None:
    tied = replace(words, left=replace(words.left, head="tied"))
    assert settle_task(replace(tied, task="classification")).left.head is None
    assert settle_task(tied).left.head == "tied"


def test_a_backbone_without_words_ends_the_task_and_the_starts(words: Setup) -> None:
    started = replace(words, left=replace(words.left, start="abc-left"))
    photos = settle_backbone(replace(started, backbone="glyphs-resnet"))
    assert (photos.task, photos.dataset, photos.left.start) == ("classification", "digits", None)


def test_the_methods_own_blocks_are_still_the_story(words: Setup) -> None:
    explicit = replace(words, left=replace(words.left, frozen_blocks=("embedding", "0", "1")))
    assert explicit.story() == "adapt-to-book-reviews"
    assert explicit.config() == words.config()
    assert replace(words, left=replace(words.left, frozen_blocks=("embedding",))).story() is None


def test_another_method_keeps_the_start_and_drops_the_rest(words: Setup) -> None:
    variant = VariantConfig(method="full", head="new", schedule="cosine", rate_decay=2.0, start="abc-left")
    assert settle_method(replace(words, right=variant), "right").right == VariantConfig(method="full", start="abc-left")


def test_freezing_keeps_start_and_head(words: Setup) -> None:
    variant = VariantConfig(method="full", head="new", start="abc-left")
    frozen = choose_frozen(replace(words, right=variant), "right", ["embedding"]).right
    assert frozen == replace(variant, method="partial", frozen_blocks=("embedding",))


def test_a_start_is_chosen_and_taken_back(words: Setup) -> None:
    started = choose_start(words, "left", "abc-right-3")
    assert started.left.start == "abc-right-3"
    assert choose_start(started, "left", "") == words
    with pytest.raises(InvalidInput, match="Can't read the run"):
        choose_start(words, "left", "../abc")


def test_a_changed_chain_is_still_run_as_a_chain() -> None:
    chain = replace(setup_of_story("three-tasks"), labels=64, epochs=1)
    assert chain.story() is None
    assert chain.config().preset == "three-tasks"
    straight = choose_start(chain, "right", "")
    assert straight.config().preset is None


def test_a_chain_that_ran_comes_back_as_it_was_asked_for() -> None:
    asked = setup_of_story("three-tasks").config()
    ran = replace(asked, right=replace(asked.right, start="abcdef-left"))
    assert as_asked(ran) == asked
    assert setup_of_config(ran) == setup_of_story("three-tasks")
    other = replace(ran, preset=None)
    assert as_asked(other) == other


def test_a_ladder_belongs_to_its_model_method_and_blocks(words: Setup) -> None:
    config = words.config()
    assert words.shows_ladder_of(config, "left")
    assert replace(words, labels=3).shows_ladder_of(config, "left")
    assert not choose_frozen(words, "left", ["embedding"]).shows_ladder_of(config, "left")
    assert not settle_task(replace(words, task="classification")).shows_ladder_of(config, "left")


@pytest.mark.parametrize(("content", "value"), [("", None), (" ", None), (None, None), ("12", 12.0), (2.5, 2.5)])
def test_a_number_may_be_left_out(content: str | float | None, value: float | None) -> None:
    assert read_number(content, name="Epochs") == value


@pytest.mark.parametrize("content", ["many", "nan", "inf", "1,5"])
def test_what_is_no_number_is_refused(content: str) -> None:
    with pytest.raises(InvalidInput, match="Epochs must be a number"):
        read_number(content, name="Epochs")
