"""The page in German: nothing of it stays English, the choice is kept, and English comes back as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, show_page, train_quickly
from tests.browser.untranslated import gaps, more_states, quick_states, show_in
from tests.browser.untranslated_panels import panel_states

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
WORDS = "() => document.body.innerText"


def _settled_words(page: Page) -> str:
    """All that an English page says, when its last part (what a sweep would take) has come."""
    expect(page.locator("#sweeps")).to_contain_text("84 runs: about")
    words: str = page.evaluate(WORDS)
    return words


def test_nothing_of_the_page_stays_english(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    show_in(page, server.url, "de")
    expect(page.get_by_role("button", name="Beide trainieren")).to_be_visible()
    found = {piece: state for state in quick_states(page) for piece in gaps(page)}
    assert found == {}


@pytest.mark.thorough
def test_nothing_of_the_panels_stays_english(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    train_quickly(page, epochs=1, labels=10)
    show_in(page, server.url, "de")
    expect(page.locator("#verdict")).to_be_visible()
    found = {piece: state for state in panel_states(page) for piece in gaps(page)}
    assert found == {}


@pytest.mark.thorough
def test_nothing_of_what_is_seldom_seen_stays_english(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    show_in(page, server.url, "de")
    found = {piece: state for state in more_states(page) for piece in gaps(page)}
    assert found == {}


def test_the_language_is_chosen_kept_and_left_again(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    english, method = _settled_words(page), page.get_by_label("Method, left")
    expect(method).to_have_value("Linear probe")

    page.get_by_label("Language").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_title("Transfer-Lernen oder Feinabstimmung?")
    expect(page.get_by_label("Methode, links")).to_have_value("Lineare Sonde")
    expect(page.locator(".variant.left .count")).to_have_text("trainiert 2.570 von 1.229.674 Parametern (0,21 %)")
    assert page.evaluate("() => document.querySelector('[data-chart=loss]').layout.xaxis.title.text") == "Schritte"

    show_page(page, server.url)
    expect(page.get_by_role("button", name="Beide trainieren")).to_be_visible()
    expect(page.get_by_label("Methode, links")).to_have_value("Lineare Sonde")

    page.get_by_label("Sprache").select_option("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(method).to_have_value("Linear probe")
    assert _settled_words(page) == english
    assert page.get_by_test_id("status-tracker").filter(visible=True).count() == 0


@pytest.mark.thorough
def test_the_browser_is_asked_first_and_the_address_before_it(open_page: OpenPage, server: Server) -> None:
    page = open_page(locale="de-AT")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    show_page(page, f"{server.url}?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Train both")).to_be_visible()
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("button", name="Beide trainieren")).to_be_visible()
    assert page.url.endswith("?lang=de")


@pytest.mark.thorough
def test_data_are_never_translated(open_page: OpenPage, server: Server) -> None:
    page = open_page()
    show_in(page, server.url, "de")
    page.evaluate(
        "() => document.querySelector('.gradio-container').insertAdjacentHTML('beforeend',"
        " '<p id=data translate=no>Stop</p><p id=words>Stop</p>')"
    )
    expect(page.locator("#words")).to_have_text("Stopp")
    expect(page.locator("#data")).to_have_text("Stop")
