"""What of the page stays English in another language: `python -m tests.browser.untranslated [LANGUAGE]`.

Goes through the page's states in that language (`de` unless another is named), and prints every text and accessible
name that is neither in its file under `assets/locales/` nor data. Ends with 1 if there is any.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import (
    CHROMIUM_ARGUMENTS,
    PATIENCE_S,
    draw_seven,
    running,
    show_page,
    wait_for_points,
)
from tests.browser.untranslated_panels import OWN_NAMES, panel_states
from tests.conditions import wait_until
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_MS = 1000 * PATIENCE_S
NAMES = OWN_NAMES | {"glyphs-resnet", "photos-resnet", "wiki-gpt", "L", "P", "R", "English", "Deutsch"}
"""What is called the same in every language: names, and the letters on keys."""
WRONG_LABELS, SOME_EPOCHS = "3", "12"


def gaps(page: Page) -> list[str]:
    """Everything to be read or heard on the page by now that stays English."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return [piece for piece in page.evaluate("() => tlvsft.language.gaps()") if piece not in NAMES]


def show_in(page: Page, url: str, language: str) -> None:
    """Opens the page in a language."""
    show_page(page, f"{url}?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)


def quick_states(page: Page) -> Iterator[str]:
    """Brings the page from one state to the next, and says which it is: all that one short training needs."""
    yield "start"
    for name in ("three-tasks", "drifting-batchnorm", "digits"):
        _pick(page, name)
        yield f"story {name}"
    page.locator("#more > button").click()
    page.locator("#more input, #more textarea").first.wait_for()
    yield "more"
    labels = page.locator("#labels input[type=number]")
    labels.fill(WRONG_LABELS)
    page.locator(".complaint").wait_for()
    yield "error"
    _pick(page, "digits")
    expect(page.locator(".complaint")).to_have_count(0)
    page.locator("#more textarea, #more input[type=text]").first.fill(SOME_EPOCHS)
    page.locator("#launcher button").click()
    wait_for_points(page)
    yield "training"
    page.locator("#verdict").wait_for(timeout=PATIENCE_MS)
    yield "finished"
    page.locator("#evidence").scroll_into_view_if_needed()
    page.locator("#evidence-projection svg text").first.wait_for(state="attached", timeout=PATIENCE_MS)
    page.evaluate("() => document.querySelectorAll('#evidence details, .decided').forEach((one) => (one.open = true))")
    yield "evidence"
    draw_seven(page)
    page.locator("#confidences button[data-why]").click()
    page.locator("#why .why-words").first.wait_for(timeout=PATIENCE_MS)
    yield "why"
    page.locator("[data-older]").click()
    page.locator(".older-menu").wait_for()
    yield "older runs"
    page.keyboard.press("Escape")
    page.locator("[data-presenter]").click()
    page.locator("[data-keys]").click()
    yield "presenter"
    page.locator("[data-presenter]").click()


def more_states(page: Page) -> Iterator[str]:
    """The states that take longer: every method, every recording, the language model and the three tasks."""
    for name in PRESETS:
        _pick(page, name)
        yield f"story {name}"
    _pick(page, "digits")
    for place, name in list(enumerate(METHODS))[1:]:  # the first is chosen
        _choose_method(page, place)
        yield f"method {name}"
    for name in page.locator("[data-play]").get_attribute("data-recordings").split():  # type: ignore[union-attr]
        _pick(page, name)
        page.locator("[data-play]:enabled").click()
        page.locator("[data-end]").click()
        page.locator("#replay-outcome .badge").wait_for(timeout=PATIENCE_MS)
        yield f"recording {name}"
        page.locator("[data-leave]").click()
    for name in ("rate-too-high", "noisy-labels"):
        _train(page, name)
        yield f"finished {name}"
    _train(page, "three-tasks")
    page.locator(".chain.is-viewed button[data-comparison]:enabled").first.click()
    page.locator("#next-words .word-list").first.wait_for(timeout=PATIENCE_MS)
    yield "the three tasks"


def _pick(page: Page, story: str) -> None:
    chip = page.locator(f"[data-story={story}]")

    def is_chosen() -> bool:  # while the server answers one click, the page drops others
        if chip.get_attribute("aria-pressed") == "true":
            return True
        chip.click()
        page.wait_for_timeout(500)
        return False

    wait_until(is_chosen, timeout_s=PATIENCE_S)


def _choose_method(page: Page, place: int) -> None:
    summary = page.locator(".variant.left .method-summary")
    before = summary.inner_text()
    page.locator(".variant.left .variant-head input").last.click()
    page.locator("li[role=option]").nth(place).click()
    expect(summary).not_to_have_text(before)


def _train(page: Page, story: str) -> None:
    _pick(page, story)
    page.locator("#launcher [data-action=train]").click()
    page.locator("#launcher [data-action=stop]").wait_for()
    page.locator("#launcher [data-action=train]").wait_for(timeout=6 * PATIENCE_MS)


def main() -> int:
    language = sys.argv[1] if len(sys.argv) > 1 else "de"
    found = dict[str, str]()
    with (
        tempfile.TemporaryDirectory() as home,
        running(REPOSITORY, Path(home)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        show_in(page, server.url, language)
        for states in _STATES:
            for state in states(page):
                found = dict.fromkeys(gaps(page), state) | found
    for piece, state in found.items():
        sys.stdout.write(f"{state}: {piece}\n")
    return 1 if found else 0


_STATES: tuple[Callable[[Page], Iterator[str]], ...] = (quick_states, panel_states, more_states)

if __name__ == "__main__":
    sys.exit(main())
