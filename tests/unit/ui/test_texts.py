from __future__ import annotations

from datetime import datetime

import pytest

from tlvsft.comparison.figures import percent, perplexity, seconds
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.events import BlockStatus
from tlvsft.ui.texts import (
    clock_time,
    comparison_title,
    describe_comparison,
    describe_training,
    inside_sentence,
    perplexity_change,
    rough_seconds,
    side_names,
)


@pytest.mark.parametrize(("share", "words"), [(0.9525, "95.2 %"), (1, "100.0 %"), (0, "0.0 %")])
def test_percent(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(("duration_s", "words"), [(3.14, "3.1 s"), (80.2, "1 min 20 s"), (0, "0.0 s")])
def test_seconds(duration_s: float, words: str) -> None:
    assert seconds(duration_s) == words


@pytest.mark.parametrize(("duration_s", "words"), [(0.2, "about 1 s"), (4.4, "about 4 s"), (61, "about 1 min 1 s")])
def test_rough_seconds(duration_s: float, words: str) -> None:
    assert rough_seconds(duration_s) == words


def test_the_clock_shows_the_day_only_when_it_is_another_one() -> None:
    noon = datetime(2026, 11, 23, 12, 0).timestamp()
    assert clock_time(noon, now=noon + 60) == "12:00"
    assert clock_time(noon, now=noon + 86_400) == "23 Nov 12:00"


@pytest.mark.parametrize(
    ("trainable", "words"),
    [(2_570, ("2,570", "1,229,674", "0.21 %")), (1_229_674, ("1,229,674", "1,229,674", "100 %"))],
)
def test_the_share_that_trains(trainable: int, words: tuple[str, str, str]) -> None:
    blocks = (BlockStatus(name="0", parameters=1_229_674, state="frozen"),)
    assert describe_training(blocks, trainable) == words


def config(**changes: object) -> ComparisonConfig:
    return ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), **changes)  # type: ignore[arg-type]


def test_names_tell_the_sides_apart_even_when_the_method_does_not() -> None:
    assert side_names(config()) == {"left": "Linear probe", "right": "Full fine-tuning"}
    same = config(left=VariantConfig(method="full"))
    assert side_names(same) == {"left": "Full fine-tuning (left)", "right": "Full fine-tuning (right)"}
    chained = config(left=VariantConfig(method="full"), right=VariantConfig(method="full", start="abc-left"))
    assert side_names(chained) == {
        "left": "Full fine-tuning (straight)",
        "right": "Full fine-tuning (from an earlier run)",
    }


def test_a_comparison_in_words() -> None:
    assert comparison_title(config(preset="digits")) == "Digits from 50 labels"
    assert comparison_title(ComparisonConfig(backbone="b", dataset=DatasetConfig(name="/data/my.csv"))) == "my.csv"
    assert describe_comparison(config(labels=50, seed=3, seeds=2)).endswith("50 labels, seeds 3–4")
    assert describe_comparison(config(epochs=7)).endswith("all labels, 7 epochs, seed 0")


def test_a_comparison_of_language_models_speaks_of_texts() -> None:
    words = ComparisonConfig(
        backbone="wiki-gpt", dataset=DatasetConfig(name="book-reviews"), labels=50, task="language_modeling"
    )
    assert comparison_title(words) == "Book reviews, next words"
    assert describe_comparison(words) == "wiki-gpt on Book reviews, next words, 50 texts, seed 0"


@pytest.mark.parametrize(("value", "words"), [(72.06, "72.1"), (1204.4, "1,204")])
def test_perplexity(value: float, words: str) -> None:
    assert perplexity(value) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (142.0, 71.0, "142.0 → 71.0 (−50 %)"),
        (95.0, 114.0, "95.0 → 114.0 (+20 %)"),
        (None, 71.0, "71.0"),
        (95.0, None, "–"),
    ],
)
def test_what_became_of_a_perplexity(before: float | None, after: float | None, words: str) -> None:
    assert perplexity_change(before, after) == words


@pytest.mark.parametrize(("title", "words"), [("Linear probe", "linear probe"), ("LoRA", "LoRA")])
def test_a_title_inside_a_sentence(title: str, words: str) -> None:
    assert inside_sentence(title) == words
