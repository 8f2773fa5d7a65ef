from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.searching import MOST_CHARACTERS, find_comparisons
from tlvsft.runs.store import Store

WORDS = ComparisonConfig(
    backbone="wiki-gpt",
    dataset=DatasetConfig(name="book-reviews"),
    left=VariantConfig(method="partial"),
    right=VariantConfig(method="lora"),
    task="language_modeling",
    preset="adapt-to-book-reviews",
)


@pytest.fixture
def digits(store: Store, config: ComparisonConfig) -> str:
    return store.add_comparison(replace(config, preset="digits", seed=7), owner="me")


@pytest.fixture
def words(store: Store, digits: str) -> str:
    return store.add_comparison(WORDS, owner="me")


def found(store: Store, words: str, *, viewer: str | None = "me") -> list[str]:
    return [record.id for record in find_comparisons(store, words, viewer=viewer, limit=100).records]


@pytest.mark.parametrize(
    ("searched", "hits"),
    [
        ("", ["words", "digits"]),
        ("   ", ["words", "digits"]),
        ("digits", ["digits"]),
        ("DIGITS glyphs", ["digits"]),
        ("Digits from 50 labels", ["digits"]),
        ("linear probe vs full", ["digits"]),
        ("50 labels", ["digits"]),
        ("seed 7", ["digits"]),
        ("5 labels", []),  # a number is a whole one
        ("LoRA", ["words"]),
        ("encyclopaedia", ["words"]),  # in the backbone's title only
        ("language modeling", ["words"]),
        ("all labels", ["words"]),
        ("waiting", ["words", "digits"]),
        ("finished", []),
        ("digits lora", []),
        ("%", []),
        ("_", ["digits"]),  # as it stands in `linear_probe`
        ("'; DROP TABLE comparisons --", []),
    ],
)
def test_all_words_must_be_in_it(store: Store, digits: str, words: str, searched: str, hits: list[str]) -> None:
    ids = {"digits": digits, "words": words}
    assert found(store, searched) == [ids[name] for name in hits]


def test_states_and_dates_are_words_as_well(store: Store, digits: str, words: str) -> None:
    store.request_stop(digits)
    assert found(store, "stopped") == [digits]
    for run in store.comparison(words).runs:
        store.begin_run(run.id, ProcessIdentity.own())
    assert found(store, "training") == [words] == found(store, "running")
    for run in store.comparison(words).runs:
        store.end_run(run.id, "finished")
    assert found(store, "finished") == [words]
    today = datetime.now()
    assert found(store, "today") == [words, digits] == found(store, today.strftime("%Y-%m-%d"))
    assert found(store, today.strftime("%d %b").lower()) == [words, digits]
    assert found(store, "yesterday") == [] == found(store, "1999-12-31")


def test_the_beginning_of_an_id_is_enough(store: Store, digits: str, words: str) -> None:
    assert found(store, digits[:8]) == [digits]
    assert found(store, digits) == [digits]


def test_a_title_that_is_in_no_catalogue_is_asked_for(store: Store, config: ComparisonConfig) -> None:
    own = store.add_comparison(replace(config, dataset=DatasetConfig(name="own:0a1b")), owner="me")
    store.add_comparison(config, owner="me")
    listed = find_comparisons(store, "holiday", viewer="me", limit=5, title_of=lambda name: f"Holiday photos ({name})")
    assert [record.id for record in listed.records] == [own]


def test_nobody_finds_somebody_elses(
    store: Store, digits: str, config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_machine = store.add_comparison(config, owner=None)
    assert found(store, "digits", viewer="you") == [of_the_machine]
    assert found(store, digits, viewer="you") == []
    assert find_comparisons(store, "", viewer="you", limit=5).everything == 1
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert found(store, "digits", viewer="you") == []
    assert found(store, "digits", viewer="me") == [digits]
    everybody = find_comparisons(store, "digits", viewer=None, everybody=True, limit=5)
    assert [record.id for record in everybody.records] == [of_the_machine, digits]


def test_pages(store: Store, config: ComparisonConfig) -> None:
    ids = [store.add_comparison(config, owner="me") for _ in range(5)][::-1]
    page = find_comparisons(store, "digits", viewer="me", limit=2, offset=2)
    assert [record.id for record in page.records] == ids[2:4]
    assert (page.total, page.everything) == (5, 5)
    assert find_comparisons(store, "lora", viewer="me", limit=2).everything == 5
    assert find_comparisons(store, viewer="me", limit=2, offset=8).records == ()


@pytest.mark.parametrize(
    "searched",
    ["x" * 100_000, "digits " * 10_000, "\\" * MOST_CHARACTERS, "\x00%_"],
    ids=["word", "words", "backslashes", "odd"],
)
def test_a_long_or_odd_search_does_no_harm(store: Store, digits: str, searched: str) -> None:
    assert found(store, searched) in ([], [digits])
