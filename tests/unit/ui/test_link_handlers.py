"""What a link changes on the page, and what it never does; asked of the handlers themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import gradio as gr
import pytest
from starlette.datastructures import QueryParams

from tests.unit.ui.test_run_handlers import click, form
from tlvsft.config import ComparisonConfig
from tlvsft.ui.link_handlers import answer_link
from tlvsft.ui.links import link_of
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.setup import Setup, setup_of_story
from tlvsft.ui.setup_handlers import SetupHandlers
from tlvsft.ui.submitting import start_comparison
from tlvsft.ui.visitor import Visitor

ME, YOU = "m" * 32, "y" * 32


def request(query: str) -> gr.Request:
    return gr.Request(query_params=QueryParams(query))


def load(handlers: RunHandlers, query: str, *, owner: str = ME, viewing: str = "") -> dict[Any, Any]:
    return handlers.on_load({"owner": owner, "viewing": viewing}, request(query))


def note(handlers: RunHandlers, updates: dict[Any, Any]) -> str:
    return str(updates[handlers.setup.links.note])


def words_of(html: str) -> str:
    """What is read of a card."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_a_link_fills_the_form_and_starts_nothing(handlers: RunHandlers) -> None:
    setup = replace(setup_of_story("book-genres"), seed=3, labels=40)
    updates = load(handlers, link_of(setup).query)
    parts = handlers.setup
    assert (updates[parts.dataset]["value"], updates[parts.labels]["value"]) == ("book-genres", 40)
    assert updates[parts.seed] == 3
    assert updates[parts.links.bar]["query"] == link_of(setup).query
    assert "--labels 40 --seed 3" in words_of(updates[parts.links.line])
    assert "<p" not in note(handlers, updates)
    assert list(handlers.services.store.comparisons(owner=ME)) == []


def test_without_a_link_the_page_opens_as_ever(handlers: RunHandlers) -> None:
    for query in ("", "presenter=&__theme=dark"):
        updates = load(handlers, query)
        assert "value" not in updates[handlers.setup.dataset]
        assert updates[handlers.setup.links.bar]["query"] == "story=digits"
        assert "<p" not in note(handlers, updates)
    assert handlers.on_load({"owner": ME}).keys() == updates.keys()


def test_a_broken_link_is_said_in_one_line(handlers: RunHandlers) -> None:
    updates = load(handlers, "story=book-genres&seed=<script>")
    assert updates[handlers.setup.dataset]["value"] == "book-genres"
    assert updates[handlers.setup.seed] == 0
    assert "seed must be a whole number, not &#x27;&lt;script&gt;&#x27;." in note(handlers, updates)
    nothing = load(handlers, "utm_source=newsletter")
    assert "value" not in nothing[handlers.setup.dataset]
    assert "utm_source" in note(handlers, nothing)


def test_what_trains_stays_on_the_screen(handlers: RunHandlers, digits_config: ComparisonConfig) -> None:
    viewing = start_comparison(handlers.services, digits_config, owner=ME).viewing
    updates = load(handlers, "story=book-genres")
    assert updates[handlers.visitor]["viewing"] == viewing
    assert "Stop" in updates[handlers.race.launcher]
    assert updates[handlers.setup.dataset]["value"] == "book-genres"
    assert "another comparison, which goes on" in note(handlers, updates)
    assert "--preset digits" in words_of(updates[handlers.results.command])
    same = load(handlers, "story=digits")
    assert "<p" not in note(handlers, same)


def test_a_comparison_that_is_over_stays_too(handlers: RunHandlers, record_comparison: Callable[..., str],
                                             digits_config: ComparisonConfig) -> None:  # fmt: skip
    finished = record_comparison(digits_config, {("left", 0): [True] * 3, ("right", 0): [True, False, True]})
    updates = load(handlers, "story=digits&seed=5", viewing=finished)
    assert "Below is another comparison." in note(handlers, updates)
    reopened = handlers._open(Visitor(owner=ME, viewing=finished))
    assert "<p" not in note(handlers, reopened)
    assert reopened[handlers.setup.links.bar]["query"] == "story=digits"


def test_a_link_shows_nobodys_comparison(handlers: RunHandlers, digits_config: ComparisonConfig) -> None:
    viewing = start_comparison(handlers.services, digits_config, owner=ME).viewing
    for query in (
        f"comparison={viewing}",
        f"viewing={viewing}&owner={ME}",
        f"story=book-reviews&from-left={viewing}-left",
    ):
        updates = load(handlers, query, owner=YOU)
        assert updates[handlers.visitor] == {"owner": YOU, "viewing": "", "following": ""}
        assert "Train both" in updates[handlers.race.launcher]
        assert updates[handlers.results.command] == ""


def test_the_button_answers_with_what_is_in_the_form(handlers: RunHandlers) -> None:
    setup = replace(setup_of_story("digits"), seed=9)
    assert answer_link(click(asked=5), None, *form(setup)) == {
        "query": "story=digits&seed=9", "left_out": [], "problem": "", "asked": 5,
    }  # fmt: skip
    values = list(form(setup))
    values[4] = 1.5
    answer = answer_link(click(asked="5"), None, *values)
    assert (answer["query"], answer["asked"]) == ("", 0)
    assert "The seed must be a whole number" in answer["problem"]


@pytest.fixture
def setup_handlers(handlers: RunHandlers) -> SetupHandlers:
    return SetupHandlers(services=handlers.services, visitor=handlers.visitor, setup=handlers.setup, race=handlers.race)


def test_link_and_line_follow_the_form(setup_handlers: SetupHandlers) -> None:
    links = setup_handlers.setup.links
    changed: Setup = replace(setup_of_story("noisy-labels"), seed=2)
    updates = setup_handlers._answer(lambda setup: setup, {"owner": ME}, *form(changed))
    assert updates[links.bar]["query"] == "story=noisy-labels&seed=2"
    assert "--dataset digits --left nearest_centroid --labels 100 --label-noise 0.4 --seed 2" in words_of(
        updates[links.line]
    )
    assert links.note not in updates
    values = list(form(changed))
    values[2] = None
    refused = setup_handlers._answer(lambda setup: setup, {"owner": ME}, *values)
    assert "Give a number of labels" in refused[links.bar]["problem"]
    assert "python" not in refused[links.line]


def test_the_screens_line_is_that_of_the_comparison(handlers: RunHandlers) -> None:
    updates = handlers.on_launcher(click(action="train"), {"owner": ME}, *form(setup_of_story("digits")))
    assert "tlvsft compare --preset digits" in words_of(updates[handlers.results.command])
