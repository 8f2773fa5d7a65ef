"""Out of distribution and calibration on the page: opened by a click, drawn, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
HEIGHTS = "bars => new Set(bars.map(bar => bar.getBoundingClientRect().height)).size"


def test_both_open_and_fit_a_phone(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained, viewport={"width": 390, "height": 844})
    shifted, calibration = page.locator("#evidence-shifted"), page.locator("#evidence-calibration")
    expect(shifted).to_contain_text("of the same ones rotated, noisy and thick")
    for part in (shifted, calibration):
        part.locator("> summary").click()
        expect(part.locator("svg.drawn")).to_be_visible()
    pictures = shifted.locator("img")
    expect(pictures).to_have_count(4)
    assert pictures.evaluate_all("pictures => pictures.every(picture => picture.naturalWidth === 32)")
    assert calibration.locator(".count-bar").evaluate_all(HEIGHTS) > 1  # no style of the page's makes them all alike
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
