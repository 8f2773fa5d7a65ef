"""What moves, live and after a reload; what differs, once both have been tested or stopped."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_S, start_long

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S
DRAWN = "() => document.querySelector('#moves [data-block=\"2\"] svg path.right')?.getAttribute('d') ?? ''"


def test_what_moves_is_drawn_live_and_again_after_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    moves = page.locator("#moves")
    expect(moves.locator(".moves-grid li")).to_have_count(6)
    height = page.evaluate("() => document.querySelector('#moves').offsetHeight")
    start_long(page)
    page.wait_for_function(f"() => ({DRAWN})().includes('L')", timeout=PATIENCE_MS)
    first = page.evaluate(DRAWN)
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=first, timeout=PATIENCE_MS)
    expect(page.locator("#moves-in-words")).to_contain_text(re.compile(r"Full fine-tuning moved .* most, by [\d.]+ %"))
    assert page.evaluate("() => document.querySelector('#moves').offsetHeight") == height  # nothing has jumped
    block = moves.locator("[data-block='2']")
    expect(block.locator(".move-now.left")).to_contain_text("0 %")
    expect(block.locator(".move-now.left .sign")).to_contain_text("❄")
    expect(block.locator(".move-now.right .sign")).to_contain_text("▲")
    flat = page.evaluate("() => document.querySelector('#moves [data-block=\"2\"] svg path.left').getAttribute('d')")
    assert {place.split(" ")[1] for place in flat.removeprefix("M").split("L")} == {"40.00"}
    page.reload()
    page.wait_for_function(f"(before) => ({DRAWN})().length >= before.length", arg=first, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
    differences = page.locator("#differences")
    expect(differences).to_contain_text("Validation accuracy (not tested)")
    expect(differences).to_contain_text("Measured time, peak memory, steps and counted FLOPs.")


@pytest.mark.thorough
def test_the_measure_can_be_switched_with_the_keyboard(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    page.wait_for_function(f"() => ({DRAWN})().includes('L')")
    head = page.locator("#moves [data-block='head']")
    expect(head.locator(".move-now.left b")).to_contain_text("%")
    page.get_by_role("radio", name="weight change").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="gradient norm")).to_be_checked()
    expect(head.locator(".move-now.left b")).to_have_text(re.compile(r"^[\d.]+$"))
    expect(head.locator("svg")).to_have_attribute("aria-label", re.compile("Gradient norm of head: Linear probe"))


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [pytest.param(1440, 900, "light", marks=pytest.mark.thorough), (390, 844, "dark")]
)
def test_claims_stand_beside_their_evidence_at_any_size(
    open_page: OpenPage, trained: dict[str, Any], width: int, height: int, scheme: str
) -> None:
    page = open_page(storage_state=trained, viewport={"width": width, "height": height}, color_scheme=scheme)
    table = page.locator(".differences-table")
    expect(table.locator("tbody tr")).to_have_count(6)
    expect(table.locator(".empty")).to_have_count(0)
    expect(table).to_contain_text("none of 5 backbone blocks changed; its head did; what is frozen is bit for bit")
    expect(table).to_contain_text("5 of 5 backbone blocks changed")
    expect(page.locator(".differences-summary")).to_contain_text(re.compile(r"claims that could be checked here"))
    expect(page.locator("#differences")).to_contain_text("cross-entropy over 10 classes")
    assert page.locator("#differences a").evaluate_all("links => links.every(({ href }) => href.includes('arxiv.org'))")
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    for part in ("#moves li", "#differences td"):
        overflow = "(nodes) => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).length"
        assert page.locator(part).evaluate_all(overflow) == 0, part


def test_opened_pictures_get_their_tsne_without_a_reload(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained, viewport={"width": 390, "height": 844})
    part = page.locator("#evidence-projection")
    part.locator("summary").first.click()
    expect(part.locator("svg")).to_have_count(6)
    height = part.evaluate("part => part.offsetHeight")
    expect(part.locator(".tsne-missing")).to_have_count(0, timeout=PATIENCE_MS)
    expect(part.locator("svg text.point")).to_have_count(6 * 10)
    assert (
        abs(part.evaluate("part => part.offsetHeight") - height) < 150
    )  # a sentence more; the pictures had their room
    assert part.evaluate("part => part.open")
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("radio", name="representation (CKA)").check()
    expect(page.locator("#moves-in-words")).to_contain_text("differs most from the pretrained backbone in block")
    expect(page.locator("#moves [data-block='3'] .move-now.left b")).to_have_text("1")
    expect(page.locator("#moves [data-block='3'] .move-scale")).to_have_text("0.9 – 1")
