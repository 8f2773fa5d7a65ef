"""The ladder by keys and shortcuts, estimates, words that explain themselves, the outcome at a glance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import choose

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]


def rung(page: Page, side: str, name: str) -> Any:
    return page.locator(f".variant.{side} button[data-block='{name}']")


def test_the_keyboard_does_all_that_the_mouse_does(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator(".variant.right button[data-block][tabindex='0']")).to_have_count(1)
    rung(page, "right", "3").focus()
    page.keyboard.press("ArrowDown")
    expect(rung(page, "right", "2")).to_be_focused()
    page.keyboard.press("End")
    expect(rung(page, "right", "embedding")).to_be_focused()
    page.keyboard.press("Home")
    expect(rung(page, "right", "3")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_label("Method, right")).to_have_value("Partly frozen")
    expect(page.locator(".variant.right .rung .state")).to_have_text(["new", "trains", "trains", *["frozen"] * 3])
    expect(rung(page, "right", "1")).to_be_focused()
    expect(rung(page, "right", "1")).to_have_attribute("tabindex", "0")
    page.keyboard.press("Shift+Space")
    expect(page.get_by_label("Method, right")).to_have_value("Full fine-tuning")


def test_shortcuts_pull_the_method_along_and_give_way_to_methods_that_decide(open_page: OpenPage) -> None:
    page = open_page()
    shortcuts = page.locator(".variant.left .shortcut")
    expect(shortcuts.nth(0)).to_have_attribute("aria-pressed", "true")
    shortcuts.nth(1).click()
    expect(page.get_by_label("Method, left")).to_have_value("Partly frozen")
    expect(shortcuts.nth(1)).to_have_attribute("aria-pressed", "true")
    shortcuts.nth(2).click()
    expect(page.get_by_label("Method, left")).to_have_value("Full fine-tuning")
    choose(page, "Method, left", "LoRA")
    expect(shortcuts.nth(0)).to_be_disabled()
    expect(page.locator(".variant.left .shortcuts")).to_contain_text("LoRA decides itself")


def test_the_estimate_follows_the_rungs_and_the_labels(open_page: OpenPage) -> None:
    page = open_page()
    estimate = page.locator(".variant.right .estimate")
    expect(estimate).to_contain_text("MB")
    before = estimate.inner_text()
    rung(page, "right", "1").click(modifiers=["Shift"])
    expect(estimate).not_to_have_text(before)
    between = estimate.inner_text()
    page.get_by_label("Labels", exact=True).fill("400")
    expect(estimate).not_to_have_text(between)


def test_a_word_explains_itself_to_everybody(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    word = page.locator(".variant.right .term").first
    tip = page.locator(".term-tip")
    word.focus()
    expect(tip).to_be_visible()
    expect(word).to_have_accessible_description("The first, long training on much general data, done before you came.")
    expect(tip).to_have_text("The first, long training on much general data, done before you came.")
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    word.click()
    expect(tip).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.thorough
def test_labels_of_the_form_explain_themselves_and_the_glossary_unfolds(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("[data-testid='block-info']", has_text="Seed").hover()
    expect(page.locator(".term-tip")).to_contain_text("all chance is drawn from")
    page.locator(".glossary summary").click()
    expect(page.locator(".glossary dt", has_text="Backbone")).to_be_visible()
    links = page.locator("a.source")
    assert links.count() > 5
    for link in links.all():
        assert link.get_attribute("rel") == "noopener noreferrer"
        assert (link.get_attribute("href") or "").startswith("https://")


def test_a_reload_shows_the_outcome_at_a_glance(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    for side in ("left", "right"):
        expect(page.locator(f".score.{side} .unit")).to_have_text("test accuracy")
        expect(page.locator(f".score.{side} .value")).to_contain_text("%")
    expect(page.locator(".score.left .detail")).to_contain_text("all blocks frozen")
    expect(page.locator(".score.right .detail")).to_contain_text("nothing frozen")
    expect(page.locator(".launch-note")).to_contain_text("points better")
    expect(page.locator(".variant.left .estimate")).to_contain_text("earlier run")
