"""The same examples under both variants: live, filtered, and explained."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_S, draw_seven, start_long

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S


def panel_height(page: Page) -> float:
    box = page.locator("#answers").bounding_box()
    assert box is not None
    return box["height"]


def test_answers_are_live_survive_a_reload_and_stay_after_stop(open_page: OpenPage) -> None:
    page = open_page()
    empty = panel_height(page)
    start_long(page)
    words = page.locator("#answers .sample-words")
    expect(words).to_contain_text(re.compile(r"of 8 right after [1-9][\d,]* steps"), timeout=PATIENCE_MS)
    expect(page.locator("#answers .answer .said b")).to_have_count(16)
    assert panel_height(page) == empty
    page.reload()
    expect(words).to_contain_text(
        re.compile(r"of 8 right after [1-9][\d,]* steps;.*right after [\d,]+ steps"), timeout=PATIENCE_MS
    )
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#answers")).to_contain_text("The test examples stay unused.", timeout=PATIENCE_MS)
    expect(words).to_contain_text("of 8 right")
    page.locator("#answers [data-why]").first.click()
    expect(page.locator("#why .why-words")).to_have_count(2, timeout=PATIENCE_MS)


def find_empty_class(answers: Locator) -> str:
    """Presses one filter after the other until a class has no example left, as the counts say; which class that is."""
    for chip in answers.locator(".chips [data-filter]").all():
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
        empty = answers.get_by_label("Class").locator("option", has_text=re.compile(r"\(0\)$"))
        if empty.count():
            return empty.first.get_attribute("value") or ""
    raise AssertionError("Every class has examples of every kind.")


def test_filters_combine_by_keyboard_and_none_is_a_state(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    answers = page.locator("#answers")
    select = answers.get_by_label("Class")
    select.select_option("3")
    expect(answers.locator("section")).to_have_attribute("data-label", "3")
    shown = answers.locator(".truth b").count()
    assert shown > 0
    expect(answers.locator(".truth b")).to_have_text(["3"] * shown)
    expect(select).to_be_focused()
    chip = answers.get_by_role("button", name=re.compile("^Only Linear probe right"))
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    expect(answers.locator("section")).to_have_attribute("data-label", "3")
    select.select_option(find_empty_class(answers))
    expect(answers.locator(".no-answer")).to_contain_text("None: no test example is like this.")
    expect(answers.locator(".truth")).to_have_count(0)
    answers.get_by_role("button", name="Show all").click()
    expect(answers.locator(".no-answer")).to_have_count(0)
    expect(answers.locator("section")).to_have_attribute("data-label", "")
    expect(answers.locator("section")).to_have_attribute("data-filter", "all")
    assert answers.locator(".truth b").count() > 0


def test_a_picture_is_explained_for_both(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    page.locator("#answers [data-why]").first.click()
    overlays = page.locator("#why .overlay")
    expect(overlays).to_have_count(2, timeout=PATIENCE_MS)
    expect(overlays.first).to_have_attribute("aria-label", re.compile("rests on: (strongest in|no place)"))
    expect(page.locator("#why h2")).to_be_focused()
    draw_seven(page)
    page.locator("#confidences [data-why]").click()
    expect(page.locator("#why")).to_contain_text("About your own input.", timeout=PATIENCE_MS)
    expect(overlays).to_have_count(2)
