"""What news, a click and a reload change on the page, asked of the handlers themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from tests.unit.ui.conftest import NotingQueue, evaluated_words, finished_words, started_words
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import ComparisonConfig
from tlvsft.events import BlocksChanged
from tlvsft.ui.form import read_setup
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.settling import choose_frozen
from tlvsft.ui.setup import Setup, setup_of_story, usual_head
from tlvsft.ui.setup_panels import block_names
from tlvsft.ui.submitting import find_again, has_started, start_comparison, start_once
from tlvsft.ui.visitor import Visitor, read_visitor

ME = "m" * 32
Train = Callable[..., None]


def form(setup: Setup) -> tuple[Any, ...]:
    """What the browser would send of a form with this setup in it."""
    columns = [
        (
            variant.method,
            block_names(sorted(setup.frozen(side))),
            variant.head or usual_head(variant.method),
            variant.start or "",
            variant.schedule or "",
            variant.rate_decay,
            "" if variant.rate_factor == 1 else f"{variant.rate_factor:g}",
            variant.batchnorm or "",
        )
        for side, variant in (("left", setup.left), ("right", setup.right))
    ]
    noise = f"{100 * setup.label_noise:g}"
    first = (setup.backbone, setup.dataset, setup.labels, setup.epochs, setup.seed, setup.task, noise)
    return (*first, *columns[0], *columns[1])


def click(**sent: object) -> gr.EventData:
    return SimpleNamespace(_data=sent)  # type: ignore[return-value]


@pytest.fixture
def words(handlers: RunHandlers, words_config: ComparisonConfig, train_words: Train) -> dict[str, str]:
    """The browser of somebody whose language models are training."""
    visitor = start_comparison(handlers.services, words_config, owner=ME)
    train_words(visitor.viewing, finish=False)
    return visitor.to_dict()


@pytest.fixture
def chain(handlers: RunHandlers) -> Visitor:
    config = setup_of_story("three-tasks").config()
    return start_comparison(handlers.services, config, owner=ME)


def hear(handlers: RunHandlers, kept: dict[str, str], setup: Setup, cursors: dict[str, int] | None = None) -> Any:
    """The page has heard of news."""
    return handlers.on_news(kept, cursors or {}, *form(setup))


def test_the_form_survives_the_browser() -> None:
    for name in PRESETS:
        setup = setup_of_story(name)
        assert read_setup(*form(setup)).story() == name


def test_the_ladder_follows_the_run_and_only_when_it_changed(handlers: RunHandlers, words: dict[str, str]) -> None:
    setup, left = setup_of_story("adapt-to-book-reviews"), handlers.setup.columns["left"].ladder
    first = hear(handlers, words, setup)
    assert "training now <b>10</b> of 100 parameters" in first[left]
    cursors = first[handlers.race.cursors]
    handlers.services.store.append_events(f"{words['viewing']}-left-0", [evaluated_words(60)])
    assert left not in hear(handlers, words, setup, cursors)
    thawed = BlocksChanged(step=60, blocks=started_words(frozen=False).blocks)
    handlers.services.store.append_events(f"{words['viewing']}-left-0", [thawed])
    later = hear(handlers, words, setup, cursors)
    assert "training now <b>100</b> of 100 parameters" in later[left]
    assert handlers.setup.columns["right"].ladder not in later


def test_a_column_that_was_changed_keeps_what_was_chosen(handlers: RunHandlers, words: dict[str, str]) -> None:
    changed = choose_frozen(setup_of_story("adapt-to-book-reviews"), "left", ["embedding"])
    updates = hear(handlers, words, changed)
    assert handlers.setup.columns["left"].ladder not in updates
    assert handlers.setup.columns["right"].ladder in updates


def test_after_the_end_the_ladder_is_the_setups_again(handlers: RunHandlers, words: dict[str, str]) -> None:
    for side in ("left", "right"):
        handlers.services.store.end_run(f"{words['viewing']}-{side}-0", "stopped")
    updates = hear(handlers, words, setup_of_story("adapt-to-book-reviews"))
    assert "training now" not in updates[handlers.setup.columns["left"].ladder]
    assert "Train both" in updates[handlers.race.launcher]


def test_words_take_the_place_of_answers(handlers: RunHandlers, words: dict[str, str]) -> None:
    updates = handlers.on_load(words)
    results = handlers.results
    assert updates[results.next_words.box]["visible"] is True
    assert updates[results.tried]["visible"] is False
    assert updates[results.answers]["visible"] is False
    assert updates[handlers.setup.task]["value"] == "language_modeling"
    assert updates[handlers.setup.labels]["label"] == "Texts"
    empty = handlers.on_load({})
    assert (empty[results.next_words.box]["visible"], empty[results.tried]["visible"]) == (False, True)


def test_a_chain_is_submitted_and_followed_from_step_to_step(
    handlers: RunHandlers, chain: Visitor, train_words: Train
) -> None:
    store, setup = handlers.services.store, setup_of_story("adapt-to-book-reviews")
    assert store.comparison(chain.viewing).config.task == "language_modeling"
    last = store.comparison(chain.following)
    assert last.config.right.start == f"{chain.viewing}-left"
    train_words(chain.viewing)
    between = hear(handlers, chain.to_dict(), setup)
    assert handlers.visitor not in between  # the next comparison hasn't started: this one stays on the screen
    assert "Stop" in between[handlers.race.launcher]
    assert "Perplexity on general English" in between[handlers.results.numbers]
    assert not has_started(handlers.services, last.id, chain)
    train_words(last.id, finish=False)
    updates = hear(handlers, chain.to_dict(), setup, between[handlers.race.cursors])
    assert read_visitor(updates[handlers.visitor]) == Visitor(owner=ME, viewing=last.id)
    assert updates[handlers.setup.task]["value"] == "classification"
    assert "Now: step 3 of 3." in updates[handlers.results.chain]


def test_results_on_the_screen_are_left_alone_while_the_chain_goes_on(
    handlers: RunHandlers, chain: Visitor, train_words: Train
) -> None:
    train_words(chain.viewing)
    train_words(chain.following, finish=False)
    looking_back = Visitor(owner=ME, viewing=chain.viewing).to_dict()
    setup = setup_of_story("adapt-to-book-reviews")
    first = hear(handlers, looking_back, setup)
    again = hear(handlers, looking_back, setup, first[handlers.race.cursors])
    assert handlers.visitor not in again
    assert handlers.results.numbers not in again
    assert handlers.results.text not in again
    assert "Stop" in again[handlers.race.launcher]
    assert "Now: step 3 of 3." in again[handlers.results.chain]


def test_a_reload_finds_the_step_that_the_chain_has_come_to(
    handlers: RunHandlers, chain: Visitor, train_words: Train
) -> None:
    forgotten = Visitor(owner=ME)
    assert find_again(handlers.services, forgotten) == chain
    train_words(chain.viewing)
    assert find_again(handlers.services, forgotten) == Visitor(owner=ME, viewing=chain.following)
    updates = handlers.on_load(forgotten.to_dict())
    assert read_visitor(updates[handlers.visitor]).viewing == chain.following


def test_stop_stops_the_whole_chain(handlers: RunHandlers, chain: Visitor) -> None:
    handlers.on_launcher(click(action="stop"), chain.to_dict(), *form(setup_of_story("three-tasks")))
    queue = handlers.services.queue
    assert isinstance(queue, NotingQueue)
    assert queue.stopped == [(chain.viewing, ME, True)]


def test_train_both_shows_the_first_step_of_a_chain(handlers: RunHandlers) -> None:
    few = replace(setup_of_story("three-tasks"), labels=64, epochs=1)
    updates = handlers.on_launcher(click(action="train"), {"owner": ME}, *form(few))
    visitor = read_visitor(updates[handlers.visitor])
    assert handlers.services.store.comparison(visitor.following).config.labels == 64
    assert updates[handlers.setup.task]["value"] == "language_modeling"


def test_the_section_runs_the_chain_and_opens_its_steps(handlers: RunHandlers) -> None:
    started = handlers.on_chain(click(action="run-chain"), {"owner": ME})
    visitor = read_visitor(started[handlers.visitor])
    opened = handlers.on_chain(click(comparison=visitor.following), visitor.to_dict())
    assert read_visitor(opened[handlers.visitor]) == Visitor(owner=ME, viewing=visitor.following)
    assert opened[handlers.setup.stories].count('data-story="three-tasks" aria-pressed="true"') == 1


def test_a_double_click_starts_one_chain(handlers: RunHandlers, chain: Visitor) -> None:
    again = start_comparison(handlers.services, setup_of_story("three-tasks").config(), owner=ME)
    assert again == chain
    other = start_comparison(handlers.services, setup_of_story("three-tasks").config(), owner="y" * 32)
    assert other.viewing != chain.viewing


def test_a_comparison_from_an_earlier_run_is_no_chain_of_two(
    handlers: RunHandlers, words_config: ComparisonConfig, train_words: Train
) -> None:
    (adapted,) = start_once(handlers.services, [words_config], owner=ME)
    train_words(adapted)
    setup = setup_of_story("book-reviews")
    onwards = replace(setup, right=replace(setup.right, start=f"{adapted}-right"))
    visitor = start_comparison(handlers.services, onwards.config(), owner=ME)
    assert visitor.following == ""
    assert handlers.services.store.comparison(visitor.viewing).config.right.start == f"{adapted}-right"


def test_finished_language_models_need_no_accuracy_anywhere(handlers: RunHandlers, words: dict[str, str]) -> None:
    for side in ("left", "right"):
        run = f"{words['viewing']}-{side}-0"
        handlers.services.store.end_run(run, "finished", event=finished_words(side))  # type: ignore[arg-type]
    updates = handlers.on_load(words)
    assert "142.0 → 71.0 (−50 %)" in updates[handlers.results.numbers]
    assert "95.0 → 114.0 (+20 %)" in updates[handlers.results.numbers]
    assert "Validation perplexity: Partly frozen 100.0 after 40 steps" in updates[handlers.race.progress]
