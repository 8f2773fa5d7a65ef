"""What can be chosen, and what the page says before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import choose, open_more

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
SIZES = [(1440, 900), (1024, 768), (390, 844)]


def expect_ladder(page: Page, side: str, states: list[str]) -> None:
    """Waits until a side's blocks are in these states, from the head down: the server's answer settles them."""
    expect(page.locator(f".variant.{side} .rung .state")).to_have_text(states)


def count(page: Page, side: str) -> str:
    return page.locator(f".variant.{side} .count").inner_text()


def block(page: Page, side: str, name: str) -> object:
    return page.locator(f".variant.{side} button[data-block='{name}']")


def test_the_first_screen_has_everything_that_starts_a_race(open_page: OpenPage) -> None:
    page = open_page()
    train = page.get_by_role("button", name="Train both")
    expect(train).to_have_count(1)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.locator("#verdict")).to_have_count(0)
    box = train.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 900
    expect_ladder(page, "left", ["new", *["frozen"] * 5])
    expect_ladder(page, "right", ["new", *["trains"] * 5])
    expect(page.locator(".variant.left .count")).to_have_text("training 2,570 of 1,229,674 parameters (0.21 %)")


def test_the_mouse_freezes_and_thaws(open_page: OpenPage) -> None:
    page = open_page()
    before = count(page, "left")
    page.locator(".variant.left button[data-block='3']").click()
    expect(page.locator(".variant.left .count")).not_to_have_text(before)
    expect(page.get_by_label("Method, left")).to_have_value("Partly frozen")
    expect_ladder(page, "left", ["new", "trains", *["frozen"] * 4])
    page.locator(".variant.left button[data-block='3']").click()
    expect(page.locator(".variant.left .count")).to_have_text(before)
    expect(page.get_by_label("Method, left")).to_have_value("Linear probe")


@pytest.mark.thorough
def test_shift_click_takes_everything_below_along(open_page: OpenPage) -> None:
    page = open_page()
    page.locator(".variant.right button[data-block='1']").click(modifiers=["Shift"])
    expect(page.get_by_label("Method, right")).to_have_value("Partly frozen")
    expect_ladder(page, "right", ["new", "trains", "trains", "frozen", "frozen", "frozen"])
    page.locator(".variant.right button[data-block='3']").click(modifiers=["Shift"])
    expect(page.get_by_label("Method, right")).to_have_value("Linear probe")


@pytest.mark.parametrize("attempt", [0, pytest.param(1, marks=pytest.mark.thorough)])
def test_quick_clicks_all_count(open_page: OpenPage, attempt: int) -> None:
    page = open_page()
    page.evaluate(
        "() => ['0', '1', '2', '3'].forEach((name) =>"
        " document.querySelector(`.variant.left button[data-block='${name}']`).click())"
    )
    expect(page.get_by_label("Method, left")).to_have_value("Partly frozen")
    expect(page.locator(".variant.left button[aria-pressed='true']")).to_have_count(1)
    expect_ladder(page, "left", ["new", *["trains"] * 4, "frozen"])


def test_a_slider_that_is_dragged_quickly_ends_where_it_stands(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate(
        "async () => { const slider = document.querySelector('.labels-range input');"
        " for (const value of [100, 200, 300, 400]) {"
        " slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true }));"
        " await new Promise((done) => setTimeout(done, 30)); } }"
    )
    expect(page.get_by_label("Labels", exact=True)).to_have_value("400")


@pytest.mark.thorough
def test_the_keyboard_freezes_and_keeps_its_place(open_page: OpenPage) -> None:
    page = open_page()
    rung = page.locator(".variant.right button[data-block='2']")
    rung.focus()
    page.keyboard.press("Space")
    expect(rung).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Method, right")).to_have_value("Partly frozen")
    expect(rung).to_be_focused()
    page.keyboard.press("Enter")
    expect(rung).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_label("Method, right")).to_have_value("Full fine-tuning")


def test_a_dataset_brings_a_backbone_that_can_read_it(open_page: OpenPage) -> None:
    page = open_page()
    choose(page, "Dataset", "Book reviews: genre")
    expect(page.get_by_label("Backbone")).to_have_value("wiki-gpt · encyclopaedia and books")
    expect(page.get_by_label("Labels", exact=True)).to_have_value("1024")
    choose(page, "Backbone", "glyphs-resnet · handwritten characters")
    expect(page.get_by_label("Dataset")).to_have_value("Handwritten digits")
    expect(page.get_by_label("Labels", exact=True)).to_have_value("50")


def test_a_story_sets_everything_and_a_change_leaves_it(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Sentiment").click()
    expect(page.get_by_label("Dataset")).to_have_value("Book reviews: sentiment")
    expect(page.get_by_role("button", name="Sentiment")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Labels", exact=True).fill("100")
    expect(page.get_by_role("button", name="Sentiment")).to_have_attribute("aria-pressed", "false")


def test_a_bad_number_of_labels_gets_its_line_and_starts_nothing(open_page: OpenPage) -> None:
    page = open_page()
    for labels, words in (("5", "10"), ("0", "labels"), ("-3", "labels"), ("999999", "1,257")):
        page.get_by_label("Labels", exact=True).fill(labels)
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
        page.get_by_role("button", name="Train both").click()
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1)
    expect(page.locator("#history [data-comparison]")).to_have_count(0)
    page.get_by_label("Labels", exact=True).fill("50")
    expect(page.locator(".complaint")).to_have_count(0)


@pytest.mark.thorough
def test_other_bad_numbers_get_their_line(open_page: OpenPage) -> None:
    page = open_page()
    open_more(page)
    for label, value, words, good in (
        ("Epochs", "0", "Epochs must", "3"),
        ("Seed", "-1", "Seed must", "1"),
        ("Epochs", "1.5", "whole", "3"),
    ):
        page.get_by_label(label).fill(value)
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
        page.get_by_label(label).fill(good)
        expect(page.locator(".complaint")).to_have_count(0)


@pytest.mark.thorough
def test_what_was_left_empty_stays_empty(open_page: OpenPage) -> None:
    page = open_page()
    open_more(page)
    expect(page.get_by_label("Epochs")).to_have_value("")
    page.get_by_label("Seed", exact=True).fill("3")
    expect(page.get_by_role("button", name="Digits from 50 labels")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".complaint")).to_have_count(0)


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(SIZES[0], "light"), pytest.param(SIZES[1], "dark", marks=pytest.mark.thorough), (SIZES[2], "light")],
)
def test_nothing_is_wider_than_the_screen(open_page: OpenPage, size: tuple[int, int], scheme: str) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    train = page.get_by_role("button", name="Train both")
    expect(train).to_be_in_viewport(ratio=1)
    for opener in ("#more > button", "#own-data > button", "#collect summary", "[data-line]", "[data-link]"):
        page.locator(opener).click(trial=True)  # nothing lies over it
    assert page.evaluate("() => document.body.classList.contains('dark')") == (scheme == "dark")


def test_the_switch_turns_the_lights_and_remembers(open_page: OpenPage) -> None:
    page = open_page(color_scheme="light")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("body")).to_have_class("dark")
    page.reload()
    expect(page.locator("body")).to_have_class("dark")


def test_the_web_process_has_not_loaded_torch(open_page: OpenPage, server: object) -> None:
    open_page()
    maps = Path(f"/proc/{server.pid}/maps").read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert "libtorch" not in maps
