"""Sweeps on the page: started, cancelled, resumed, found again after a reload, seen as they come, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_S, Server, open_more, show_page

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S


def prepare(
    page: Page, *, labels: str, methods: tuple[str, ...] = ("Linear probe", "Full fine-tuning"), epochs: int = 1
) -> Locator:
    """A sweep of short runs on the digits, about to be started."""
    open_more(page)
    page.get_by_label("Epochs").fill(str(epochs))
    sweeps = page.locator("#sweeps")
    sweeps.scroll_into_view_if_needed()
    expect(sweeps.locator(".sweep-about")).to_contain_text(f"{epochs} epoch")
    for box in sweeps.locator(".sweep-methods label").all():
        box.locator("input").set_checked(box.inner_text().strip() in methods)
    sweeps.get_by_label("Numbers of labels").fill(labels)
    sweeps.get_by_label("Seeds").fill("1")
    return sweeps


def test_a_sweep_is_cancelled_resumed_and_read(open_page: OpenPage) -> None:
    page = open_page()
    sweeps = prepare(page, labels="ten, 20", epochs=4)  # the last of its runs takes a while
    expect(sweeps.locator(".sweep-problem")).to_contain_text("'ten' is no number of labels")
    expect(sweeps.get_by_role("button", name="Start the sweep")).to_be_disabled()
    sweeps.get_by_label("Numbers of labels").fill("10, 500")
    expect(sweeps.locator(".sweep-estimate")).to_contain_text("4 runs")
    sweeps.get_by_role("button", name="Start the sweep").focus()
    page.keyboard.press("Enter")
    cancel = sweeps.get_by_role("button", name="Cancel")
    expect(cancel).to_be_focused()
    expect(sweeps.locator(".sweep-progress")).to_contain_text(re.compile("[123] of 4 runs"), timeout=PATIENCE_MS)
    cancel.click()
    expect(sweeps.locator(".sweep-progress")).to_contain_text("Cancelled")
    expect(sweeps.locator(".sweep-chart.wide")).to_be_visible()
    sweeps.get_by_role("button", name="Resume").click()
    expect(sweeps.locator(".sweep-progress")).to_contain_text("Finished: 4 of 4 runs", timeout=PATIENCE_MS)
    expect(sweeps.locator(".sweep-reading")).to_contain_text("With 10 labels")
    assert sweeps.locator(".sweep-chart.wide circle.mark").count() == 2
    sweeps.get_by_text("All numbers as tables").click()
    expect(sweeps.get_by_role("region", name="Test accuracy: mean")).to_be_visible()
    expect(sweeps.locator(".sweep-estimate")).to_contain_text("all known already")
    with page.expect_download() as fetching:
        sweeps.get_by_role("button", name="Download: CSV").click()
    assert fetching.value.suggested_filename.startswith("sweep-labels-handwritten-digits-")


@pytest.mark.thorough
def test_a_reload_finds_it_two_tabs_do_no_harm_and_nobody_else_sees_it(open_page: OpenPage, server: Server) -> None:
    page, stranger = open_page(), open_page()
    methods = ("Linear probe", "Full fine-tuning", "From scratch")
    sweeps = prepare(page, labels="10, 20, 500, all", methods=methods, epochs=30)
    expect(sweeps.locator(".sweep-estimate")).to_contain_text("12 runs")
    sweeps.get_by_role("button", name="Start the sweep").dblclick()
    expect(sweeps.get_by_role("button", name="Cancel")).to_be_visible()
    other = page.context.new_page()
    for tab in (page, other):
        show_page(tab, server.url)
        tab.locator("#sweeps").scroll_into_view_if_needed()
        expect(tab.locator("#sweeps").get_by_role("button", name="Cancel")).to_be_visible()
        expect(tab.locator("#sweeps").get_by_label("Numbers of labels")).to_have_value("10, 20, 500, all")
    page.bring_to_front()
    expect(sweeps.locator(".sweep-progress")).to_contain_text(re.compile(r"\b[2-9] of 12 runs"), timeout=PATIENCE_MS)
    sweeps.get_by_role("button", name="Cancel").click()
    expect(sweeps.locator(".sweep-progress")).to_contain_text("Cancelled")
    other.bring_to_front()
    expect(other.locator("#sweeps .sweep-progress")).to_contain_text("Cancelled")
    stranger.bring_to_front()
    stranger.locator("#sweeps").scroll_into_view_if_needed()
    stranger.get_by_text("Earlier sweeps").click()
    expect(stranger.locator("#sweeps .sweep-none")).to_be_visible()
    page.bring_to_front()
    page.get_by_text("Earlier sweeps").click()
    sweeps.locator("[data-delete]").first.click()
    expect(sweeps.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sweeps.locator("[data-delete]").first).to_be_focused()
    page.keyboard.press("Enter")
    sweeps.get_by_role("button", name="Delete for good").click()
    expect(sweeps.locator(".sweep-said")).to_have_text("Deleted.")
    expect(page.locator("#sweeps-heading")).to_be_focused()
    expect(sweeps.locator(".sweep-shown")).to_be_hidden()


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_depth_fits_on_a_phone(open_page: OpenPage, scheme: str) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    sweeps = prepare(page, labels="10", methods=("Linear probe",))
    sweeps.get_by_role("button", name="Freeze depth").click()
    sweeps.get_by_label("Labels", exact=True).fill("20")
    sweeps.get_by_label("Seeds").fill("1")
    expect(sweeps.locator(".sweep-estimate")).to_contain_text("10 runs")
    sweeps.get_by_role("button", name="Start the sweep").click()
    expect(sweeps.locator(".sweep-chart.small").first).to_be_visible(timeout=PATIENCE_MS)
    expect(sweeps.locator(".sweep-reading")).to_contain_text("frozen", timeout=PATIENCE_MS)
    for summary in sweeps.locator("summary").all():
        summary.click()
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    sweeps.get_by_role("button", name="Cancel").click()
    expect(sweeps.locator(".sweep-progress")).to_contain_text("Cancelled")
