"""Takes the pictures of the page: `python -m tests.browser.screenshots [readme|FOLDER]`.

Without an argument every size in light and dark is written to `docs/screenshots/`, before and after a comparison, with
all evidence opened, with a sweep and in presenter mode, and each is checked: nothing wider than the window, nothing in
the console. `readme` writes only the README's picture, `assets/pictures/page.png`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser.conftest import (
    CHROMIUM_ARGUMENTS,
    PATIENCE_S,
    draw_seven,
    pick_story,
    running,
    show_page,
    train_quickly,
)

REPOSITORY = Path(__file__).resolve().parents[2]
GALLERY = REPOSITORY / "docs" / "screenshots"
README_PICTURE = REPOSITORY / "assets" / "pictures" / "page.png"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_QUALITY = 60
SECTIONS = {"evidence": "#evidence", "sweep": "#sweeps"}
"""States of which one section is the picture."""
SIZES: list[tuple[int, int]] = [(1440, 900), (1024, 768), (390, 844)]


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else str(GALLERY)
    with (
        tempfile.TemporaryDirectory() as home,
        running(REPOSITORY, Path(home)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        if wanted == "readme":
            take_readme_picture(browser, server.url)
        else:
            Path(wanted).mkdir(parents=True, exist_ok=True)
            take_all(browser, server.url, Path(wanted))


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
    run_sweep(page)
    states = {
        "new": None,
        "done": trained,
        "evidence": trained,
        "sweep": trained,
        "presenter": trained,
        "chain": chained,
    }
    for (width, height), scheme in product(SIZES, SCHEMES):
        for state, storage in states.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, storage_state=storage
            )
            take_one(context.new_page(), url, state, folder / f"{state}-{width}-{scheme}.jpg")
            context.close()


def take_one(page: Page, url: str, state: str, file: Path) -> None:
    """One state of the page at one size.

    Raises:
        AssertionError: Something is wider than the window, or the console has an error.
    """
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    show_page(page, f"{url}?presenter" if state == "presenter" else url)
    if state == "done":
        draw_seven(page)
    if state == "chain":
        expect(page.locator("#next-words .word-list")).to_have_count(3, timeout=1000 * PATIENCE_S)
    if state == "evidence":
        open_evidence(page)
    if state == "sweep":
        page.locator("#sweeps").scroll_into_view_if_needed()
        expect(page.locator("#sweeps .sweep-chart:visible").first).to_be_visible()  # a phone has one of its own
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{file.name}: too wide"
    assert not errors, f"{file.name}: {errors}"
    if state in SECTIONS:
        page.locator(SECTIONS[state]).screenshot(path=file, type="jpeg", quality=_QUALITY)
        return
    page.screenshot(path=file, full_page=state in {"done", "chain"}, type="jpeg", quality=_QUALITY)


def open_evidence(page: Page) -> None:
    """Opens every part, and waits for the pictures that are computed then."""
    expect(page.locator("#evidence-frozen")).to_be_attached(timeout=1000 * PATIENCE_S)
    for summary in page.locator("#evidence .evidence-part > summary").all():
        summary.click()
    expect(page.locator("#evidence .tsne-missing")).to_have_count(0, timeout=1000 * PATIENCE_S)


def run_sweep(page: Page) -> None:
    """Trains four methods with five numbers of labels, two seeds each; the store keeps it for every browser state."""
    sweeps = page.locator("#sweeps")
    sweeps.scroll_into_view_if_needed()
    sweeps.get_by_label("Numbers of labels").fill("10, 20, 50, 100, 200")
    sweeps.get_by_label("Seeds").fill("2")
    sweeps.get_by_role("button", name="Start the sweep").click()
    expect(sweeps.locator(".sweep-progress")).to_contain_text("Finished", timeout=2000 * PATIENCE_S)


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
