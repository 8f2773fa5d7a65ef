"""The line under each ladder: figures, and what they rest on."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.ui.test_panels import FINISHED, STARTED
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import VariantConfig
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.ui.estimating import estimates_html
from tlvsft.ui.flow import input_words, output_words
from tlvsft.ui.ladder_panel import bar_share
from tlvsft.ui.services import Services
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.shortcuts import shortcuts_html
from tlvsft.ui.visitor import Visitor

DIGITS = setup_of_story("digits")
SOMEBODY, STRANGER = Visitor(owner="somebody"), Visitor(owner="stranger")


def finish_one(services: Services, *, owner: str) -> None:
    identifier = services.store.add_comparison(PRESETS["digits"].comparison_config(), owner=owner)
    for run in services.store.comparison(identifier).runs:
        services.store.begin_run(run.id, ProcessIdentity.own())
        services.store.append_events(run.id, [STARTED])
        services.store.end_run(run.id, "finished", event=FINISHED)


def test_without_any_run_here_the_estimate_says_so(services: Services) -> None:
    html = estimates_html(services, SOMEBODY, DIGITS)
    assert "152 steps of ≈" in html["left"]
    assert "another machine" in html["left"]


def test_a_finished_run_here_is_what_the_same_run_will_take(services: Services) -> None:
    finish_one(services, owner="somebody")
    html = estimates_html(services, SOMEBODY, DIGITS)
    assert "≈ 2.5 s in all" in html["right"]
    assert "1 earlier run like it here" in html["right"]
    other = replace(DIGITS, left=VariantConfig(method="partial"))
    assert "2 earlier runs here" in estimates_html(services, SOMEBODY, other)["left"]


def test_on_a_shared_host_nobody_learns_from_the_runs_of_others(services: Services) -> None:
    finish_one(services, owner="somebody")
    assert "another machine" in estimates_html(services, STRANGER, DIGITS)["left"]


def test_a_setup_that_makes_no_sense_has_no_estimate(services: Services) -> None:
    assert "No estimate yet" in estimates_html(services, SOMEBODY, replace(DIGITS, epochs=0))["left"]
    assert "No estimate yet" in estimates_html(services, SOMEBODY, replace(DIGITS, labels=0))["left"]


def test_both_ends_of_the_network_are_named() -> None:
    assert input_words(DIGITS) == "an image of 32 × 32 pixels"
    assert output_words(DIGITS) == "one of 10 classes: 0 … 9"
    assert output_words(setup_of_story("book-reviews")) == "negative or positive"
    assert output_words(setup_of_story("adapt-to-book-reviews")) == "the next word, one of 8,192 tokens"
    assert input_words(setup_of_story("book-reviews")) == "a text of up to 128 tokens"


def test_bars_grow_with_the_logarithm() -> None:
    lengths = [bar_share(count, largest=1_000_000) for count in (0, 500, 10_000, 100_000, 1_000_000)]
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (0.0, 1.0)


def test_shortcuts_are_off_where_the_method_decides() -> None:
    assert "disabled" not in shortcuts_html(DIGITS, "left")
    html = shortcuts_html(replace(DIGITS, left=VariantConfig(method="lora")), "left")
    assert html.count("disabled") == 3
    assert "LoRA decides itself what is frozen." in html
