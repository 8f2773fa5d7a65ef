"""In front of a room: large type and few controls, keys, a guess before the result, and recordings of real runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PATIENCE_S, Server, open_more, pick_story, point_counts, show_page, wait_for_points
from tests.conditions import wait_until

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S
PROJECTOR = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
LABEL = re.compile(r"Recording made on \d+ \w+ \d{4} on .+ cores?: nothing is trained now")


def present(page: Page) -> None:
    page.keyboard.press("p")
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))


def play(page: Page) -> None:
    page.keyboard.press("l")
    expect(page.locator("#replay .recording-badge")).to_have_text(LABEL)


def to_the_end(page: Page) -> None:
    page.get_by_role("button", name="To the end").click()
    expect(page.locator("#replay .replay-clock")).to_have_text(re.compile(r"^(\S+) of \1 s$"))


def is_in_view(page: Page, selector: str) -> bool:
    """Whether all of it is on the screen, and nothing of it under the bar at the foot."""
    seen: bool = page.evaluate(
        "(selector) => { const box = document.querySelector(selector).getBoundingClientRect();"
        " const bar = document.querySelector('#launch-bar').getBoundingClientRect();"
        " return box.height > 0 && box.top >= 0 && box.bottom <= bar.top + 1; }",
        selector,
    )
    return seen


def overflow(page: Page) -> int:
    wide: int = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    return wide


def hands(page: Page) -> list[str]:
    return [page.locator(f"#room [data-hands={choice}]").input_value() for choice in ("left", "tie", "right")]


def test_presenter_mode_is_large_and_plain_and_kept(open_page: OpenPage, server: Server) -> None:
    page = open_page(viewport=PROJECTOR)
    button = page.locator("[data-presenter]")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))
    expect(button).to_have_attribute("aria-pressed", "true")
    size = "() => parseFloat(getComputedStyle(document.querySelector('.gradio-container')).fontSize)"
    assert page.evaluate(size) >= 20
    shown = page.locator("#stories .story-question").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
    zoom = page.evaluate("() => document.querySelector('#columns').currentCSSZoom ?? 1.25")
    assert shown * zoom >= 20
    for hidden in ("#history", "#more", "#stories"):
        expect(page.locator(hidden)).to_be_hidden()
    for selector in (".step-words", "#columns .left .rungs", "#columns .right .rungs"):
        assert is_in_view(page, selector), selector
    expect(page.get_by_role("button", name="Train both")).to_be_in_viewport()
    assert overflow(page) == 0
    page.reload()
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))
    show_page(page, server.url)
    page.keyboard.press("Escape")
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bpresenting\b"))
    expect(page.locator("#history")).to_be_visible()
    show_page(page, f"{server.url}?presenter")
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))
    page.get_by_role("button", name="Leave").click()
    page.reload()
    expect(page.locator("#history")).to_be_visible()
    assert "presenter" not in page.url


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [pytest.param(PROJECTOR, "light", marks=pytest.mark.thorough), (PHONE, "dark")],
    ids=["projector", "phone"],
)
def test_nothing_stands_over_the_edge(open_page: OpenPage, viewport: dict[str, int], scheme: str) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    present(page)
    assert overflow(page) == 0
    page.keyboard.press("?")
    expect(page.locator(".keys-list")).to_be_visible()
    play(page)
    to_the_end(page)
    page.keyboard.press("r")
    expect(page.locator("#replay-outcome .replay-statement")).to_be_visible()
    assert overflow(page) == 0
    page.keyboard.press("Escape")  # the list of keys first
    expect(page.locator(".keys-list")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bpresenting\b"))
    assert overflow(page) == 0


def test_the_stories_are_steps(open_page: OpenPage) -> None:
    page = open_page(viewport=PROJECTOR)
    present(page)
    words = page.locator(".step-words")
    expect(words).to_contain_text("1 of 9: Digits from 50 labels")
    expect(page.get_by_role("button", name="The story before")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(words).to_contain_text("3 of 9: Sentiment The same language model judges", timeout=PATIENCE_MS)
    expect(page.locator("#stories [data-story=book-reviews]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowLeft")
    expect(words).to_contain_text("2 of 9: Book genres A language model", timeout=PATIENCE_MS)


@pytest.mark.thorough
def test_a_finished_comparison_leaves_no_sentence_at_the_foot(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained, viewport=PHONE)
    note = page.locator("#launch-bar:has(.is-final) .launch-note")
    expect(note).to_be_visible()
    present(page)
    expect(note).to_be_hidden()
    expect(page.locator("#launch-bar .launch-note")).to_have_count(1)


@pytest.mark.thorough
def test_keys_leave_fields_and_buttons_alone(open_page: OpenPage) -> None:
    page = open_page(viewport=PROJECTOR)
    present(page)
    field = page.get_by_label("Hands for tie")
    field.fill("")
    for key in ("p", "3", "r", "l", "ArrowRight", "Escape"):
        field.press(key)
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))
    expect(page.locator(".step-words")).to_contain_text("1 of 9")
    assert hands(page) == ["0", "3", "0"]
    vote = page.locator("[data-vote=tie]")
    vote.focus()
    vote.press("Space")
    assert hands(page) == ["0", "4", "0"]
    page.locator(".room-question").click()  # out of the button
    page.keyboard.press("ArrowRight")
    expect(page.locator(".step-words")).to_contain_text("2 of 9: Book genres A language model", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Train both")).to_have_count(1)
    expect(page.locator("#history [data-comparison]")).to_have_count(0)


def test_the_room_guesses_and_sees_it_revealed(open_page: OpenPage) -> None:
    page = open_page(viewport=PROJECTOR)
    present(page)
    page.keyboard.press("1")
    page.locator("[data-vote=right]").click(click_count=2)
    page.get_by_label("Hands for tie").fill("7")
    assert hands(page) == ["1", "7", "2"]
    page.locator(".room-question").click()  # out of the field
    expect(page.get_by_role("button", name="Reveal")).to_be_disabled()
    play(page)
    assert hands(page) == ["1", "7", "2"]
    wait_until(lambda: page.wait_for_timeout(50) or is_in_view(page, "#curves .plots"), timeout_s=PATIENCE_S)
    assert is_in_view(page, "#replay .progress")
    to_the_end(page)
    score = page.locator(".plot[data-chart=score] .svg-container")
    for hidden in (score, page.locator("#replay-in-words"), page.locator("#replay-outcome .replay-statement")):
        expect(hidden).to_be_hidden()
    expect(page.locator("#cover")).to_be_visible()
    expect(page.locator(".plot[data-chart=loss] .svg-container")).to_be_visible()
    page.keyboard.press("r")
    statement = page.locator("#replay-outcome .replay-statement")
    expect(statement).to_be_visible()
    expect(score).to_be_visible()
    expect(page.locator("#cover")).to_be_hidden()
    was_tie = (statement.text_content() or "").startswith("Too close to call")
    told = "The room said Tie (7 of 10): it was " + ("right." if was_tie else "wrong, the verdict is")
    expect(page.locator(".room-told")).to_contain_text(told)
    page.get_by_role("button", name="Ask again").click()
    assert hands(page) == ["0", "0", "0"]


@pytest.mark.thorough
def test_a_recording_that_was_never_revealed_leaves_nothing_hidden(open_page: OpenPage, server: Server) -> None:
    page = open_page(viewport=PROJECTOR)
    present(page)
    play(page)
    expect(page.locator("body")).to_have_class(re.compile(r"\bis-covered\b"))
    page.get_by_role("button", name="Stop playing").click()
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bis-covered\b"))
    play(page)
    show_page(page, server.url)
    expect(page.locator("body")).to_have_class(re.compile(r"\bpresenting\b"))
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bis-covered\b"))


@pytest.mark.thorough
def test_hiding_can_be_turned_off(open_page: OpenPage) -> None:
    page = open_page(viewport=PROJECTOR)
    present(page)
    page.get_by_label("Hide until revealed").uncheck()
    play(page)
    to_the_end(page)
    expect(page.locator("#replay-outcome .replay-statement")).to_be_visible()
    expect(page.locator(".plot[data-chart=score] .svg-container")).to_be_visible()
    expect(page.locator(".room-told")).to_contain_text("The room made no guess: the verdict is")


@pytest.mark.thorough
def test_what_is_hidden_while_it_trains_stays_so_over_a_reload(open_page: OpenPage) -> None:
    page = open_page(viewport=PROJECTOR)
    open_more(page)
    page.get_by_label("Epochs").fill("500")
    page.get_by_label("Epochs").blur()
    present(page)
    page.keyboard.press("3")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_have_count(1)
    wait_for_points(page)
    wait_until(lambda: page.wait_for_timeout(50) or is_in_view(page, "#curves .plots"), timeout_s=PATIENCE_S)
    expect(page.locator("[data-play]")).to_be_disabled()  # a recording says that nothing is trained
    score = page.locator(".plot[data-chart=score]")
    page.reload()
    wait_for_points(page)
    expect(score.locator(".svg-container")).to_be_hidden()
    expect(page.locator("#results")).to_be_hidden()
    assert hands(page) == ["0", "0", "1"]
    page.keyboard.press("r")
    expect(score.locator(".svg-container")).to_be_visible()
    expect(page.locator(".room-told")).to_have_text("The room said Fine-tuning (1 of 1): the verdict is still to come.")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".room-told")).to_contain_text("there is no verdict this time")


def test_a_recording_plays_and_the_live_page_comes_back_unharmed(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    wait_for_points(page)
    expect(page.locator("#verdict")).to_be_visible()
    before, live = point_counts(page), page.locator("#verdict").text_content()
    kept = page.locator("#history [data-comparison]").count()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/tlvsft/" in request.url:
            asked.append(request.url)

    page.on("request", note)
    pick_story(page, "Digits from 50 labels")
    page.get_by_role("button", name="Play a recording").click()
    expect(page.locator("#replay .recording-badge")).to_have_text(LABEL)
    for hidden in ("#verdict", "#race-heading", "#race-progress", "#answers", "#columns .ladder.left .rungs"):
        expect(page.locator(hidden)).to_be_hidden()
    wait_until(lambda: page.wait_for_timeout(50) or moved(page) > 0, timeout_s=PATIENCE_S)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Go on")).to_have_count(1)
    page.get_by_role("button", name="Play at 4 times the speed").click()
    stands = page.locator(".replay-clock").text_content()
    page.evaluate("() => new Promise((done) => setTimeout(done, 500))")
    assert page.locator(".replay-clock").text_content() == stands
    to_the_end(page)
    expect(page.locator("#replay-outcome .recording-badge")).to_have_text(LABEL)
    expect(page.locator("#replay-outcome .numbers")).to_contain_text("Test accuracy")
    expect(page.locator("#replay-in-words")).to_contain_text("Validation accuracy")
    assert point_counts(page)["loss left smooth"] > before["loss left smooth"]  # more epochs than the live one had
    page.get_by_role("button", name="From the start").click()
    expect(page.locator("#replay-outcome .replay-statement")).to_have_count(0)
    page.get_by_role("button", name="Stop playing").click()
    expect(page.locator("#verdict")).to_have_text(live or "")
    assert len([url for url in asked if "/replays/" in url]) == 1
    wait_until(lambda: page.wait_for_timeout(50) or point_counts(page) == before, timeout_s=PATIENCE_S)
    expect(page.locator("#history [data-comparison]")).to_have_count(kept)
    expect(page.get_by_label("Labels", exact=True)).to_be_editable()
    expect(page.locator(".replay-ladder")).to_have_count(0)


def moved(page: Page) -> int:
    return int(page.locator("#replay .progress-row.left .bar").get_attribute("aria-valuenow") or 0)


@pytest.mark.thorough
def test_another_story_or_another_comparison_ends_the_recording(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    pick_story(page, "Digits from 50 labels")
    page.get_by_role("button", name="Play a recording").click()
    expect(page.locator("#replay .recording-badge")).to_be_visible()
    page.locator("#history [data-comparison]").click()
    expect(page.locator("#replay")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("[data-play]")).to_be_disabled()  # that comparison was of no story: it had fewer epochs
    pick_story(page, "Digits from 50 labels")
    page.get_by_role("button", name="Play a recording").click()
    expect(page.locator("#replay .recording-badge")).to_be_visible()
    page.get_by_role("button", name="Sentiment", exact=True).click()
    expect(page.locator("#replay")).to_be_hidden(timeout=PATIENCE_MS)


@pytest.mark.thorough
def test_a_damaged_recording_is_a_line_not_a_broken_page(open_page: OpenPage) -> None:
    page = open_page()
    body = json.dumps({"error": "The recording 'digits' is damaged (a time): install the app again."})
    page.route("**/tlvsft/replays/*", lambda route: route.fulfill(status=200, body="no JSON"))
    page.get_by_role("button", name="Play a recording").click()
    expect(page.locator("[data-why]")).to_contain_text("didn't come")
    page.unroute("**/tlvsft/replays/*")
    page.route("**/tlvsft/replays/*", lambda route: route.fulfill(status=202, body=body))
    page.get_by_role("button", name="Play a recording").click()
    expect(page.locator("[data-why]")).to_contain_text("is damaged")
    expect(page.locator("#replay")).to_be_hidden()
