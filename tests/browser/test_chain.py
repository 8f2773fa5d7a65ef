"""The three tasks: a language model is adapted to the reviews' words, then both classify them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_S, Server, fill_in, open_more, pick_story, running, wait_for_points

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S


@pytest.fixture(scope="module")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page, whose adaptation reads 20 texts instead of all: seconds for a minute or two."""
    with running(repository, tmp_path_factory.mktemp("home"), program="tests/browser/short_adaptation.py") as started:
        yield started


@pytest.mark.timeout(900)
def test_the_chain_goes_from_step_to_step_through_a_reload_to_its_verdict(open_page: OpenPage) -> None:
    page = open_page()
    pick_story(page, "Three tasks")
    chain = page.locator("#chain")
    expect(chain).to_contain_text("will say here")
    fill_in(page, epochs=1, examples=("Labels", 32))
    page.get_by_role("button", name="Train both").click()
    expect(chain.locator(".chain-step.is-running .chain-number")).to_have_text("2", timeout=PATIENCE_MS)
    expect(page.locator("#race-heading")).to_contain_text("Next words")
    wait_for_points(page)
    page.reload()
    expect(chain.locator(".chain-where")).to_have_text("Now: step 2 of 3.")
    expect(page.get_by_role("button", name="Stop")).to_have_count(1)
    expect(page.locator("#race-heading")).to_contain_text("Three tasks", timeout=2 * PATIENCE_MS)
    expect(chain.locator(".chain-step").nth(1)).to_contain_text("→")
    expect(page.locator("#verdict")).to_be_visible(timeout=PATIENCE_MS)
    expect(chain.locator(".chain-where")).to_have_text("All 3 steps are done.")
    expect(chain.locator(".chain-step").nth(2)).to_contain_text(re.compile(r"bought [+-][\d.]+ points \(95 % interval"))
    expect(page.locator("#outcome")).to_contain_text(re.compile(r"wiki-gpt → Book reviews \(next words, perplexity"))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1440
    look = chain.get_by_role("button", name="Look at step 2")
    look.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#race-heading")).to_contain_text("Next words")
    expect(page.locator("#next-words .word-list")).to_have_count(3, timeout=PATIENCE_MS)
    start_from_the_adapted_model(page)


def start_from_the_adapted_model(page: Page) -> None:
    pick_story(page, "Sentiment")
    open_more(page)
    choice = page.get_by_label("Start from, left")
    title = choice.locator("option", has_text="Next words · left · partly frozen")
    choice.select_option(value=title.get_attribute("value"))
    expect(page.locator(".variant.left .way")).to_contain_text("wiki-gpt → Book reviews (next words, perplexity")
    expect(page.locator(".complaint")).to_have_count(0)
