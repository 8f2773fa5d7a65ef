"""The list of comparisons: found, reopened with its own setup, compared, run again, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_S, Server, show_page, train_quickly
from tlvsft.catalog.presets import PRESETS
from tlvsft.runs.deleting import delete_comparisons
from tlvsft.runs.store import Store

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S


@pytest.fixture
def listed(server: Server) -> Iterator[dict[str, str]]:
    """Three comparisons of the command line that were stopped at once."""
    store = Store(server.home)
    digits = replace(PRESETS["digits"].comparison_config(), labels=70, seed=4, preset=None)
    configs = {
        "digits": digits,
        "other": replace(digits, labels=90),
        "genres": PRESETS["book-genres"].comparison_config(),
    }
    ids = {name: store.add_comparison(config, owner=None) for name, config in configs.items()}
    for comparison_id in ids.values():
        store.request_stop(comparison_id)
    yield ids
    delete_comparisons(store, list(ids.values()), viewer=None)
    store.close()


def rows(page: Page) -> Locator:
    return page.locator("#history .history-open")


def test_one_is_found_reopened_edited_and_compared(open_page: OpenPage, listed: dict[str, str]) -> None:
    page = open_page()
    expect(rows(page)).to_have_count(3)
    search, own = page.get_by_label("Search"), page.locator("#own-setup")
    search.fill("no such thing")
    expect(page.locator(".history-words")).to_contain_text("No comparison matches “no such thing”")
    expect(rows(page)).to_have_count(0)
    search.fill("70 labels stopped")
    expect(rows(page)).to_have_count(1)
    expect(search).to_be_focused()  # the list was renewed around it
    search.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(own.locator(".own-words")).to_contain_text("The setup above is the same")
    expect(page.get_by_label("Labels", exact=True)).to_have_value("70")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("4")
    page.get_by_label("Labels", exact=True).fill("80")
    expect(own.locator(".own-words")).to_contain_text("was changed since")
    expect(own.locator(".own-details")).to_have_text("Training examples 70 → 80.")
    own.locator("summary").click()
    expect(own.locator("tbody tr:visible")).to_have_count(1)
    own.get_by_label("Differences only").uncheck()
    expect(own.locator("tbody tr:visible").nth(20)).to_be_visible()
    own.get_by_role("button", name="Put its setup above again").click()
    expect(page.get_by_label("Labels", exact=True)).to_have_value("70")
    expect(own.locator(".own-words")).to_contain_text("The setup above is the same")
    search.fill("")
    for name in ("digits", "other"):
        page.locator(f"[data-choose='{listed[name]}']").check()
    setups = page.locator(".history-setups")
    expect(setups.locator("h3")).to_contain_text("Two setups: 1 of")
    expect(setups.locator("tbody tr:visible")).to_contain_text(["Training examples7090"])


@pytest.mark.thorough
def test_run_again_is_bit_identical_and_what_is_deleted_is_gone_everywhere(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    train_quickly(page, epochs=1, labels=10)
    expect(rows(page)).to_contain_text([re.compile("wins|too close")])
    page.get_by_role("button", name="Run again with the same seed").click()
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".own-repeat")).to_contain_text("Bit-identical", timeout=PATIENCE_MS)
    other_tab, stranger = page.context.new_page(), open_page()
    show_page(other_tab, server.url)
    expect(other_tab.locator("#verdict")).to_be_visible()
    expect(stranger.locator("#history")).to_contain_text("will be listed here")
    newest = rows(page).first.get_attribute("data-comparison") or ""
    doomed = page.locator(f"[data-delete='{newest}']")
    doomed.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(doomed).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#race-heading")).to_contain_text("This comparison is gone")
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#verdict")).to_have_count(0)
    expect(other_tab.locator("#race-heading")).to_contain_text("This comparison is gone")
    expect(other_tab.locator("#verdict")).to_have_count(0)
    page.get_by_role("button", name="Delete all that are over").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#history")).to_contain_text("will be listed here")
    assert not list((server.home / "runs").glob(f"{newest}*"))


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_fits_on_a_phone(open_page: OpenPage, listed: dict[str, str], scheme: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    expect(rows(page)).to_have_count(3)
    rows(page).first.click()
    expect(page.locator(".own-words")).to_contain_text("its own setup")
    for name in ("digits", "genres"):
        page.locator(f"[data-choose='{listed[name]}']").check()
    expect(page.locator(".history-setups .is-different").first).to_be_visible()
    expect(page.locator(".history-setups .is-equal").first).to_be_hidden()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


@pytest.mark.thorough
def test_long_lists_have_pages(open_page: OpenPage, server: Server) -> None:
    store = Store(server.home)
    config = PRESETS["digits"].comparison_config()
    ids = [store.add_comparison(replace(config, seed=number), owner=None) for number in range(23)]
    for comparison_id in ids:
        store.request_stop(comparison_id)
    try:
        page = open_page()
        expect(rows(page)).to_have_count(10)
        page.get_by_role("button", name="Older →").click()
        expect(rows(page).first).to_be_focused()
        expect(rows(page).first).to_contain_text("seed 12")
        page.get_by_role("button", name="Older →").click()
        expect(rows(page)).to_have_count(3)
        expect(page.get_by_role("button", name="Older →")).to_be_disabled()
        page.get_by_label("Search").fill("seed 5")
        expect(rows(page)).to_have_count(1)
    finally:
        delete_comparisons(store, ids, viewer=None)
        store.close()
