"""Takes the pictures of the page: `python -m tests.browser.screenshots [FOLDER]`.

Without a folder only the README's picture is written, to `assets/pictures/page.png`; with one, every size in light and
dark, before and after a comparison, for people to look at.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser.conftest import (
    CHROMIUM_ARGUMENTS,
    PATIENCE_S,
    answers,
    draw_seven,
    free_port,
    pick_story,
    show_page,
    start_server,
    train_quickly,
)
from tests.conditions import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
README_PICTURE = REPOSITORY / "assets" / "pictures" / "page.png"
SIZES = [(1440, 900), (1024, 768), (390, 844)]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    port = free_port()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        process = start_server(REPOSITORY, Path(home), port=port, log=None)
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_until(lambda: answers(url), timeout_s=90)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
            if folder is None:
                take_readme_picture(browser, url)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                take_all(browser, url, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def take_readme_picture(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1320, "height": 900}, color_scheme="light")
    show_page(page, url)
    train_quickly(page)
    draw_seven(page)
    settle(page)
    results = page.locator("#results").bounding_box()
    assert results is not None
    bottom = results["y"] + results["height"] + 16
    page.screenshot(path=README_PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": 1320, "height": bottom})


def take_all(browser: Browser, url: str, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    show_page(page, url)
    train_quickly(page)
    trained = context.storage_state()
    chained = run_chain(browser, url)
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            for state, storage in (("new", None), ("done", trained), ("chain", chained)):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme=scheme, storage_state=storage
                )
                page = context.new_page()
                show_page(page, url)
                if storage is trained:
                    draw_seven(page)
                settle(page)
                page.screenshot(path=folder / f"{state}-{width}-{scheme}.png", full_page=bool(storage))
                context.close()


def run_chain(browser: Browser, url: str) -> StorageState:
    """Runs the three tasks, and returns the browser's storage with the adaptation on the screen."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    show_page(page, url)
    pick_story(page, "Three tasks")
    page.get_by_role("button", name="Train both").click()
    expect(page.locator(".chain-where")).to_have_text("All 3 steps are done.", timeout=2000 * PATIENCE_S)
    page.get_by_role("button", name="Look at step 2").click()
    expect(page.locator("#next-words .word-list")).to_have_count(3)
    return context.storage_state()


def settle(page: Page) -> None:
    """Lets fonts, bars and charts come to rest."""
    page.mouse.move(0, 0)
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); return document.fonts.ready; }")
    page.wait_for_timeout(700)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)


if __name__ == "__main__":
    main()
