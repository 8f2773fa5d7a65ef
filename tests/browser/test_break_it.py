"""The stories that break something: a row of their own, and a card that explains what was measured."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PATIENCE_S, choose, open_more, pick_story
from tests.conditions import wait_until

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
STORY = "BatchNorm left in train mode"
HEARTBEAT = "/heartbeat/"
"""Gradio's request that stays open as long as the page."""
QUIET_MS = 400


def follow_requests(page: Page) -> set[Request]:
    """The requests in flight, kept up to date."""
    flying: set[Request] = set()

    def begin(request: Request) -> None:
        if HEARTBEAT not in request.url:
            flying.add(request)

    def end(request: Request) -> None:
        flying.discard(request)

    page.on("request", begin)
    page.on("requestfinished", end)
    page.on("requestfailed", end)
    return flying


def wait_for_quiet(page: Page, flying: set[Request]) -> None:
    """Waits until everything that was asked has been answered, and nothing else is asked for a while."""

    def is_quiet() -> bool:
        for _ in range(QUIET_MS // 50):
            page.wait_for_timeout(50)  # lets the page's own events in
            if flying:
                return False
        return True

    wait_until(is_quiet, timeout_s=PATIENCE_S)


def test_a_story_breaks_something_and_the_card_says_what_and_why(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#what-broke")).to_be_hidden()
    row = page.get_by_role("group", name="Break it")
    expect(row.get_by_role("button")).to_have_count(4)
    row.get_by_role("button", name=STORY).focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name=STORY)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Train both").click()
    card = page.locator("#what-broke")
    expect(card).to_contain_text("When both have been tested")
    expect(card.locator(".evidence li").first).to_contain_text(
        "13 of 13 frozen BatchNorm layers changed", timeout=1000 * PATIENCE_S
    )
    expect(card).to_contain_text(re.compile("The collapse (shows|did not show) in these runs"))
    expect(card.get_by_role("link", name="PyTorch issue 86590")).to_be_visible()
    expect(page.locator("#outcome .numbers")).to_contain_text("✗ no: 13 BatchNorm layers have other statistics")
    pick_story(page, "Digits from 50 labels")
    expect(card).to_be_visible()  # the comparison on the screen is still the other one
    page.reload()
    expect(card.locator(".evidence li").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


@pytest.mark.thorough
def test_from_one_broken_story_to_the_next_each_is_the_one_that_is_chosen(open_page: OpenPage) -> None:
    page = open_page()
    flying = follow_requests(page)
    for story in ("Rate too high", "Head not warmed up", "Noisy labels", STORY, "Digits from 50 labels"):
        pick_story(page, story)
        wait_for_quiet(page, flying)  # what the change of a text sets off has been answered, too
        expect(page.get_by_role("button", name=story, exact=True)).to_have_attribute("aria-pressed", "true")


@pytest.mark.thorough
def test_the_settings_of_a_mistake_are_in_more(open_page: OpenPage) -> None:
    page = open_page()
    pick_story(page, "Rate too high")
    open_more(page)
    expect(page.get_by_label("Rate factor, right")).to_have_value("100")
    expect(page.get_by_label("Rate factor, left")).to_have_value("")
    page.get_by_label("Rate factor, right").fill("5000")
    expect(page.get_by_role("alert")).to_contain_text("The rate factor must be from 0.01 to 1000")
    page.get_by_label("Rate factor, right").fill("")
    expect(page.get_by_role("button", name="Rate too high")).to_have_attribute("aria-pressed", "false")
    pick_story(page, "Noisy labels")
    expect(page.get_by_label("Wrong labels, %")).to_have_value("40")
    choose(page, "BatchNorm, right", "left in train mode")
    expect(page.get_by_role("button", name="Noisy labels")).to_have_attribute("aria-pressed", "false")
