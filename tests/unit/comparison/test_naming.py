"""What sides and steps are called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.language_runs import ADAPTED
from tlvsft.comparison import describe_steps, shown_name, side_names
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig

CONFIG = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name="book-reviews"))
TWINS = replace(CONFIG, left=VariantConfig(method="full"))
TRAINED = replace(ADAPTED, task="classification", dataset="/home/me/films.csv", side="right")


def names(config: ComparisonConfig, left: tuple = (), right: tuple = ()) -> tuple[str, str]:  # type: ignore[type-arg]
    found = side_names(config, {"left": left, "right": right})
    return found["left"], found["right"]


def test_methods_are_enough_where_they_differ() -> None:
    assert names(CONFIG) == ("linear probe", "full fine-tuning")
    assert names(replace(CONFIG, left=VariantConfig(method="lora")))[0] == "LoRA"
    assert names(CONFIG, (ADAPTED,), (ADAPTED,)) == ("linear probe", "full fine-tuning")


def test_starts_are_named_where_they_differ() -> None:
    assert names(TWINS, (), (ADAPTED,)) == (
        "full fine-tuning (straight from wiki-gpt)",
        "full fine-tuning (adapted to book-reviews first)",
    )
    assert names(CONFIG, (ADAPTED,), ())[1] == "full fine-tuning (straight from wiki-gpt)"
    assert names(TWINS, (), (ADAPTED, TRAINED))[1] == (
        "full fine-tuning (adapted to book-reviews and trained on films.csv first)"
    )


def test_two_runs_of_the_same_kind_are_named_by_their_ids() -> None:
    assert names(TWINS, (ADAPTED,), (replace(ADAPTED, side="right"),)) == (
        "full fine-tuning (from abcdefghijklmnop-left)",
        "full fine-tuning (from abcdefghijklmnop-right)",
    )


def test_heads_tell_twins_apart_and_sides_do_in_the_end() -> None:
    heads = replace(TWINS, left=VariantConfig(method="full", head="new"))
    assert names(heads) == ("full fine-tuning (new head)", "full fine-tuning (usual head)")
    assert names(TWINS) == ("full fine-tuning (left)", "full fine-tuning (right)")


@pytest.mark.parametrize(
    ("lineage", "words"),
    [
        ((ADAPTED,), "adapting to book-reviews first"),
        ((TRAINED,), "training on films.csv first"),
        ((ADAPTED, TRAINED), "adapting to book-reviews and then training on films.csv first"),
    ],
)
def test_steps_are_the_subject_of_a_sentence(lineage: tuple, words: str) -> None:  # type: ignore[type-arg]
    assert describe_steps(lineage) == words


@pytest.mark.parametrize(
    ("name", "shown"), [("digits", "digits"), ("me/data", "me/data"), ("/a/b.csv", "b.csv"), ("/", "/")]
)
def test_folders_are_left_out(name: str, shown: str) -> None:
    assert shown_name(name) == shown
