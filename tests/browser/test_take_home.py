"""What is taken home, fetched by a real browser from the real program."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser


def test_report_and_model_are_fetched_and_belong_to_this_browser_alone(
    server: Server, trained: dict[str, Any], chromium: Browser, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_page(storage_state=trained, accept_downloads=True)
    card = page.locator("#take-home")
    with page.expect_download() as fetching:
        card.get_by_role("button", name="Download: report").click()
    fetching.value.save_as(tmp_path / "report.html")
    assert fetching.value.suggested_filename.endswith("report.html")
    expect(card.get_by_role("status")).to_contain_text("The report is ready")

    with page.expect_download() as fetching:
        button = card.get_by_role("button", name="Download: model of Linear probe")
        button.focus()
        page.keyboard.press("Enter")
    fetching.value.save_as(tmp_path / "model.zip")
    assert "model.safetensors" in " ".join(zipfile.ZipFile(tmp_path / "model.zip").namelist())
    assert page.evaluate("() => document.activeElement.closest('#take-home') !== null")  # not lost

    offline = chromium.new_context(offline=True, color_scheme="dark", java_script_enabled=False)
    report = offline.new_page()
    asked: list[str] = []
    report.on("request", lambda request: asked.append(request.url))
    report.goto((tmp_path / "report.html").as_uri())
    expect(report.get_by_role("heading", name="Verdict")).to_be_visible()
    expect(report.locator("section .figures > figure > svg.drawn").first).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert report.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(14, 20, 26)"
    offline.close()

    stranger = open_page()
    expect(stranger.locator("#take-home")).to_contain_text("When a comparison is over")
