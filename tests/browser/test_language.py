"""Language models on the page: next words, ladders that thaw while it trains, and the chain of the three tasks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_S, choose, fill_in, pick_story, wait_for_points

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S
SIZES = [(1440, 900), (1024, 768), (390, 844)]


def steps_shown(page: Page) -> list[int]:
    """After how many steps the words of the two variants were asked for."""
    facts = page.locator("#next-words .next-words-column .facts").all_inner_texts()
    return [int(found[1].replace(",", "")) for text in facts if (found := re.search(r"after ([\d,]+) steps", text))]


@pytest.mark.thorough
def test_only_language_models_can_learn_words(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_label("Task", exact=True)).to_be_disabled()
    choose(page, "Backbone", "wiki-gpt · encyclopaedia and books")
    choose(page, "Task", "Next words")
    expect(page.get_by_label("Texts", exact=True)).to_be_visible()
    expect(page.get_by_label("Head, left")).to_have_value("kept head")
    choose(page, "Method, left", "Nearest centroid")
    expect(page.get_by_role("alert").filter(has_text=re.compile("nearest_centroid|earest centroid"))).to_be_visible()
    choose(page, "Backbone", "glyphs-resnet · handwritten characters")
    expect(page.get_by_label("Task", exact=True)).to_have_value("Classes")
    expect(page.get_by_label("Head, left")).to_have_count(0)


def test_the_ladder_says_which_head_and_where_adapters_train(open_page: OpenPage) -> None:
    page = open_page()
    pick_story(page, "Next words")
    head = page.locator(".variant.right .rung.is-head")
    expect(head).to_contain_text("kept")
    choose(page, "Head, right", "new head")
    expect(head.locator(".which")).to_have_text("new")
    choose(page, "Method, right", "LoRA")
    expect(page.locator(".variant.right .rung.is-adapts .state").first).to_have_text("adapter trains")


@pytest.mark.thorough
def test_blocks_thaw_on_the_screen_while_it_trains(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "Method, left", "Gradual unfreezing")
    fill_in(page, epochs=200)
    page.get_by_role("button", name="Train both").click()
    frozen, count = page.locator(".variant.left .rung.is-frozen"), page.locator(".variant.left .count")
    expect(count).to_contain_text("training now", timeout=PATIENCE_MS)
    first, trained = frozen.count(), count.inner_text()
    page.wait_for_function(
        "(first) => document.querySelectorAll('.variant.left .rung.is-frozen').length < first",
        arg=first,
        timeout=PATIENCE_MS,
    )
    expect(count).not_to_have_text(trained)
    choose(page, "Method, left", "Linear probe")
    expect(page.locator(".variant.left .count")).to_have_text("training 2,570 of 1,229,674 parameters (0.21 %)")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".count.is-live")).to_have_count(0)


def test_next_words_follow_the_training_and_the_prompt(open_page: OpenPage) -> None:
    page = open_page()
    pick_story(page, "Next words")
    fill_in(page, epochs=60, examples=("Texts", 64))
    page.get_by_role("button", name="Train both").click()
    expect(page.locator("#next-words .word-list")).to_have_count(3, timeout=PATIENCE_MS)
    before = steps_shown(page)
    page.get_by_label("Type the beginning of a sentence").fill("a tired novel")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#next-words .given").first).to_have_text("a tired novel")
    page.wait_for_function(
        "(before) => [...document.querySelectorAll('.next-words-column .facts')].filter((facts) =>"
        " Number(/after ([\\d,]+) steps/.exec(facts.textContent)?.[1].replaceAll(',', '')) > before).length === 2",
        arg=max(before),
        timeout=PATIENCE_MS,
    )
    expect(page.get_by_role("button", name="Stop")).to_have_count(1)
    expect(page.locator("#next-words .given")).to_have_text(["a tired novel"] * 3)
    expect(page.get_by_label("Type the beginning of a sentence")).to_have_value("a tired novel")
    expect(page.locator("#next-words .word-list").nth(1).locator("li")).to_have_count(8)
    shares = page.locator("#next-words .word-list").nth(1).locator(".share").all_inner_texts()
    assert 0 < sum(float(share.removesuffix(" %")) for share in shares) <= 100.1
    wait_for_points(page, kind="score {} validation")
    expect(page.locator("#curves-in-words")).to_contain_text("lower is better")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
    page.get_by_role("button", name="the author …").click()
    expect(page.locator("#next-words .given")).to_have_text(["the author"] * 3)
    page.get_by_label("Type the beginning of a sentence").fill("")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#next-words-table")).to_contain_text("will stand here")


@pytest.mark.parametrize(
    ("size", "story"),
    [
        pytest.param(SIZES[0], "Next words", marks=pytest.mark.thorough),
        pytest.param(SIZES[1], "Three tasks", marks=pytest.mark.thorough),
        (SIZES[2], "Three tasks"),
    ],
)
def test_no_story_is_wider_than_the_screen(open_page: OpenPage, size: tuple[int, int], story: str) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    pick_story(page, story)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    expect(page.get_by_role("button", name="Train both")).to_be_in_viewport(ratio=1)
