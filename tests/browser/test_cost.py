"""What it cost, and cost against accuracy: opened with the keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]


def test_cost_is_shown_in_words_bars_and_points(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained, viewport={"width": 390, "height": 844})
    for kind in ("cost", "pareto"):
        page.locator(f"#evidence-{kind} > summary").focus()
        page.keyboard.press("Enter")
    costs = page.locator("#evidence-cost")
    expect(costs.locator(".reading")).to_contain_text(re.compile(r"Linear probe trained 2,570 parameters in [\d.]+ s"))
    flops = costs.locator("tr").filter(has_text="FLOPs of training")
    expect(flops.locator("svg.left .bar")).to_have_count(1)
    expect(flops).to_contain_text(re.compile(r"MFLOP.*GFLOP.* ×$"))
    front = page.locator("#evidence-pareto")
    expect(front.locator("svg .front")).to_have_count(2)
    expect(front.locator("svg g.left circle")).to_have_count(2)
    expect(front.locator("svg g.right path.mark")).to_have_count(2)
    front.locator("summary").filter(has_text="in numbers").click()
    expect(front.locator("tbody tr").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("table.numbers").first).to_contain_text("FLOPs of training")
