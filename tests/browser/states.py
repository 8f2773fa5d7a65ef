"""States of the page that everybody must be able to use: a new part of the page adds its own to `STATES`.

Each begins with a page that has just been opened, by a new visitor or by one who has trained the digits story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_S, open_more, pick_story, start_long, wait_for_points

PATIENCE_MS = 1000 * PATIENCE_S


@dataclass(frozen=True, kw_only=True)
class State:
    """How the page comes to look like this.

    Attributes:
        name: Of the state; a test's id.
        reach: Brings an opened page there.
        is_trained: Whether the visitor has trained the digits story before.
    """

    name: str
    reach: Callable[[Page], None]
    is_trained: bool = False


def leave(page: Page) -> None:
    """Stops what still trains, or whatever is trained next would wait for it."""
    stop = page.locator("#launcher [data-action=stop]")
    if stop.count():
        stop.click()
        expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)


def _story(title: str) -> Callable[[Page], None]:
    return lambda page: pick_story(page, title)


def _nothing(_page: Page) -> None:
    """The page as it opens."""


def _training(page: Page) -> None:
    start_long(page)
    wait_for_points(page)


def _finished(page: Page) -> None:
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#answers .answer:not(.is-empty)").first).to_be_visible(timeout=PATIENCE_MS)


def _everything_open(page: Page) -> None:
    """Explanation, tables of the charts, older runs, More, glossary."""
    _finished(page)
    open_more(page)
    page.locator("#answers [data-why]").first.click()
    expect(page.locator("#why .why-both")).to_be_visible(timeout=PATIENCE_MS)
    for summary in page.locator("#curves summary, #glossary summary").all():
        summary.click()
    page.locator("[data-older]").click()
    expect(page.locator(".older-menu")).to_be_visible()


def _term(page: Page) -> None:
    page.locator(".legend .term").first.focus()
    expect(page.locator(".term-tip")).to_be_visible()


def _presenting(page: Page) -> None:
    page.get_by_role("button", name="Presenter").click()
    page.get_by_role("button", name="Keys").click()


def _recording(page: Page) -> None:
    page.get_by_role("button", name="Play a recording").click()
    page.get_by_role("button", name="To the end").click()
    expect(page.locator("#replay-outcome .numbers")).to_be_visible()


def _covered(page: Page) -> None:
    _presenting(page)
    page.keyboard.press("l")
    expect(page.locator("#cover")).to_be_visible()


def _error(page: Page) -> None:
    page.get_by_label("Labels", exact=True).fill("5")
    expect(page.get_by_role("alert").filter(has_text="10")).to_be_visible()


def _stopped(page: Page) -> None:
    _training(page)
    leave(page)


def _dropdown(page: Page) -> None:
    page.get_by_label("Method, left", exact=True).click()
    expect(page.get_by_role("option", name="Full fine-tuning", exact=True)).to_be_visible()


STATES: list[State] = [
    State(name="new", reach=_nothing),
    State(name="texts", reach=_story("Book genres")),
    State(name="next-words", reach=_story("Next words")),
    State(name="three-tasks", reach=_story("Three tasks")),
    State(name="more-open", reach=open_more),
    State(name="dropdown-open", reach=_dropdown),
    State(name="word-explained", reach=_term),
    State(name="error", reach=_error),
    State(name="training", reach=_training),
    State(name="stopped", reach=_stopped),
    State(name="finished", reach=_finished, is_trained=True),
    State(name="everything-open", reach=_everything_open, is_trained=True),
    State(name="presenting", reach=_presenting, is_trained=True),
    State(name="covered", reach=_covered),
    State(name="recording", reach=_recording),
]
