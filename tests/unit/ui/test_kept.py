"""Stop keeps what was learnt: the page says so, says how far it came, and lets it be asked where weights are left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.ui.test_pace import UNTOUCHED, Paper, stepped
from tests.unit.ui.test_panels import STARTED
from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.runs.artifacts import WEIGHTS_FILE
from tlvsft.runs.store import Store
from tlvsft.ui.feed import Feed
from tlvsft.ui.kept import can_answer, describe_kept, why_no_verdict
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.visitor import Visitor

ME = "m" * 32


def stop(store: Store, config: ComparisonConfig, *, weights: tuple[str, ...] = SIDES) -> str:
    paper = Paper(store, config, owner=ME)
    for side in SIDES:
        run = paper.begin(side, STARTED, UNTOUCHED, stepped(12 if side == "left" else 7, elapsed_s=3.0))
        store.end_run(run, "stopped")
        folder = store.run_folder(run)
        folder.mkdir(parents=True)
        if side in weights:
            (folder / WEIGHTS_FILE).write_bytes(b"weights")
    store.request_stop(paper.id)
    return paper.id


def test_a_stopped_comparison_says_what_is_kept_and_how_far_it_came(
    store: Store, digits_config: ComparisonConfig
) -> None:
    record, feed = store.comparison(stop(store, digits_config)), Feed(store)
    assert can_answer(store, record)
    assert why_no_verdict(store, record).endswith("What was learnt is kept: both answer under “Try it”.")
    progress = {run.id: feed.progress(run.id) for run in record.runs}
    words = describe_kept(record, progress)
    assert "Linear probe was stopped after step 12, Full fine-tuning was stopped after step 7." in words


def test_language_models_are_asked_for_their_next_words(store: Store, words_config: ComparisonConfig) -> None:
    assert "under “Next words”" in why_no_verdict(store, store.comparison(stop(store, words_config)))


@pytest.mark.parametrize("weights", [(), ("left",)])
def test_nothing_is_promised_without_weights_of_both(
    store: Store, digits_config: ComparisonConfig, weights: tuple[str, ...]
) -> None:
    record = store.comparison(stop(store, digits_config, weights=weights))
    assert not can_answer(store, record)
    assert "no weights" in why_no_verdict(store, record)


def test_who_still_trains_cannot_be_asked_here(store: Store, digits_config: ComparisonConfig) -> None:
    assert not can_answer(store, store.comparison(store.add_comparison(digits_config, owner=ME)))


def test_a_seed_that_was_finished_answers_as_such(store: Store, digits_config: ComparisonConfig) -> None:
    paper = Paper(store, replace(digits_config, seeds=2))
    for side in SIDES:
        paper.finish(side, seed=0, elapsed_s=2.0)
    store.request_stop(paper.id)
    record = store.comparison(paper.id)
    assert describe_kept(record, {}) == ""


def test_the_page_offers_to_ask_what_was_stopped(
    handlers: RunHandlers, digits_config: ComparisonConfig, store: Store
) -> None:
    known = stop(store, digits_config)
    updates: dict[Any, Any] = handlers.on_load(Visitor(owner=ME, viewing=known).to_dict())
    results = handlers.results
    assert updates[results.drawing_box]["visible"] is True
    assert "was stopped after step 12" in updates[results.try_hint]
    assert "both answer under" in updates[results.verdict]
    assert 'id="verdict"' not in updates[results.verdict]
    assert "will stand here" in updates[results.numbers]
