"""For everyone: axe finds nothing, the keyboard does everything, what is shown is told, and the page can be installed.

`STATES` (`tests/browser/states.py`) are gone through at all sizes by the thorough tests; the others look at the two
that most visitors see.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.axe import audit
from tests.browser.conftest import PATIENCE_S, Server, Watcher, pick_story, show_page, start_long, wait_for_points
from tests.browser.states import STATES, State, leave
from tests.conditions import wait_until

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
WALKED = {"finished", "everything-open", "evidence"}
"""States in which the focus is followed."""
MOST_STOPS = 200
"""So many presses of Tab lead through the page, and more."""
_FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const target = node.type === 'checkbox' || node.type === 'radio' ? (node.closest('label') ?? node) : node;
  const shown = node.closest('.wrap:has(> .wrap-inner)') ?? node;
  const style = getComputedStyle(shown);
  const box = target.getBoundingClientRect();
  const bar = document.querySelector('#launch-bar');
  const isHeld = ['fixed', 'sticky'].includes(getComputedStyle(bar).position);
  const isFoot = isHeld && bar.getBoundingClientRect().bottom >= innerHeight - 1 && !bar.contains(node);
  const foot = isFoot ? Math.min(bar.getBoundingClientRect().top, innerHeight) : innerHeight;
  const words = (node.ariaLabel || node.textContent || node.id || '').trim().slice(0, 40);
  return {
    name: `${node.tagName.toLowerCase()}.${[...node.classList].slice(0, 2).join('.')} ${words}`,
    isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: Math.min(box.bottom, foot) - Math.max(box.top, 0),
    height: box.height, width: box.width,
  };
}"""


def stops(page: Page) -> list[dict[str, Any]]:
    """Everything that Tab stops at, from the skip link (a blur alone would go on where the focus was) to the end."""
    found: list[dict[str, Any]] = []
    page.evaluate("() => { document.querySelector('.skip-link').focus(); window.scrollTo(0, 0); }")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        if stop is None:
            break
        found.append(stop)
    return found


def badly_shown(page: Page) -> list[str]:
    """Stops of Tab without a mark of the focus, or hidden, at least for the most part, by the bar at the foot."""
    found = stops(page)
    assert len(found) > 15
    return [str(stop) for stop in found if not stop["isMarked"] or stop["seen"] < min(24, stop["height"] / 2)]


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses Tab until something has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"Tab never comes to {wanted}")


def use(page: Page, *, size: dict[str, int], is_dark: bool) -> None:
    """The same state at another size, in another light."""
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.evaluate("isDark => document.body.classList.toggle('dark', isDark)", is_dark)
    page.wait_for_timeout(300)  # transitions of gradio's own parts, and the charts


def test_a_story_from_choosing_to_verdict_without_a_mouse(open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the stories")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#stories")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Digits from 50 labels"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="More"))
    page.keyboard.press("Enter")
    page.get_by_label("Epochs").wait_for()
    tab_to(page, page.get_by_label("Epochs"))
    page.keyboard.type("12")
    tab_to(page, page.get_by_role("button", name="Train both"))
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile(r"^Training \d+ % · tlvsft$"))
    verdict = page.locator("#verdict")
    expect(verdict).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-told-aloud]")).to_have_text(verdict.text_content() or "")
    expect(page).to_have_title(re.compile(r"^Done · "))
    canvas = page.locator("#try-it canvas")
    expect(canvas).to_be_visible()
    tab_to(page, canvas)
    for key in ("Space", *["ArrowDown"] * 16, "Space"):
        page.keyboard.press(key)
    expect(page.locator("#try-it .headline")).to_have_count(2, timeout=PATIENCE_MS)
    tab_to(page, page.locator("#confidences [data-why]"))
    page.keyboard.press("Enter")
    expect(page.locator("#why .why-both")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#why h2")).to_be_focused()
    assert audit(page) == []


def test_a_new_visitors_phone_in_the_dark(open_page: OpenPage) -> None:
    page = open_page(viewport=PHONE, color_scheme="dark")
    assert audit(page) == []
    assert badly_shown(page) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]


def test_the_page_can_be_installed_and_asks_nobody_else(chromium: Browser, server: Server, watcher: Watcher) -> None:
    context = chromium.new_context(viewport=DESK, color_scheme="dark")  # type: ignore[arg-type]
    blocked: list[str] = []

    def refuse(route: Route) -> None:
        blocked.append(route.request.url)
        route.abort()

    context.route(lambda url: urlsplit(url).hostname != "127.0.0.1" and url.startswith("http"), refuse)
    page = context.new_page()
    watcher.watch(page)
    show_page(page, server.url)
    asked = context.new_cdp_session(page)
    manifest = asked.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{server.url}manifest.json"
    hindrances = asked.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in hindrances} <= {"in-incognito"}  # as all of a test's browsers are
    assert page.locator("html").get_attribute("lang") == "en"
    assert len(page.locator("meta[property='og:image']").all()) == 1
    social = page.locator("meta[property='og:image']").get_attribute("content") or ""
    icons = [link.get_attribute("href") or "" for link in page.locator("link[rel*=icon]").all()]
    for address in (social, *[server.url + icon for icon in icons], f"{server.url}favicon.ico"):
        reply = context.request.get(address)
        assert reply.ok, address
        assert reply.headers["content-type"].startswith("image/"), address
    expect(page.locator("meta[name='theme-color']").first).to_have_attribute("content", "#0e141a")
    assert blocked == []
    context.close()


@pytest.mark.thorough
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_axe_finds_nothing(open_page: OpenPage, state: State, request: pytest.FixtureRequest) -> None:
    storage = request.getfixturevalue("trained") if state.is_trained else None
    page = open_page(viewport=DESK, color_scheme="light", storage_state=storage)
    state.reach(page)
    found = []
    for size in (DESK, PHONE):
        for is_dark in (False, True):
            use(page, size=size, is_dark=is_dark)
            found += [f"{size['width']} {'dark' if is_dark else 'light'}: {line}" for line in audit(page)]
    leave(page)
    assert found == []


@pytest.mark.thorough
@pytest.mark.parametrize("size", [DESK, {"width": 1024, "height": 768}, PHONE], ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("state", [state for state in STATES if state.name in WALKED], ids=lambda state: state.name)
def test_the_focus_is_always_seen(
    open_page: OpenPage, trained: dict[str, Any], state: State, size: dict[str, int]
) -> None:
    page = open_page(viewport=size, storage_state=trained)
    state.reach(page)
    assert badly_shown(page) == []


@pytest.mark.thorough
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_the_page_is_never_wider_than_the_narrowest_screen(
    open_page: OpenPage, state: State, request: pytest.FixtureRequest
) -> None:
    """Source: WCAG 2.2, 1.4.10."""
    storage = request.getfixturevalue("trained") if state.is_trained else None
    page = open_page(viewport=DESK, storage_state=storage)
    state.reach(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.wait_for_timeout(300)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]


SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""Source: WCAG 2.2, 1.4.12."""
_CUT = """() => [...document.querySelectorAll('.gradio-container *')].filter((node) => {
  const style = getComputedStyle(node);
  const cuts = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
  const isText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const isUnseen = node.closest('.reader-only, .sr-only, svg, [hidden], [aria-hidden=true]');
  const isTold = !isUnseen && node.getClientRects().length;
  const isTooLarge = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1;
  return isText && cuts && isTold && isTooLarge;
}).map((node) => `${node.className}: ${node.textContent.trim().slice(0, 60)}`)"""


@pytest.mark.thorough
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_wider_spaced_text_loses_nothing(
    open_page: OpenPage, state: State, size: dict[str, int], request: pytest.FixtureRequest
) -> None:
    storage = request.getfixturevalue("trained") if state.is_trained else None
    page = open_page(viewport=size, storage_state=storage)
    state.reach(page)
    page.add_style_tag(content=SPACED)
    page.wait_for_timeout(300)
    assert page.evaluate(_CUT) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.thorough
def test_nothing_moves_for_whoever_wants_no_motion(open_page: OpenPage) -> None:
    page = open_page(reduced_motion="reduce")
    start_long(page)
    wait_for_points(page)
    moving = """() => document.getAnimations({ subtree: true }).filter((one) => {
      const { duration, iterations } = one.effect.getTiming();
      return duration > 1 || iterations > 1;
    }).map((one) => one.animationName ?? one.transitionProperty)"""
    assert page.evaluate(moving) == []
    assert page.evaluate("() => document.querySelector('.count.is-live') !== null")
    assert page.evaluate("() => [...document.querySelectorAll('.js-plotly-plot')].every((plot) =>"
                         " !plot.layout.transition?.duration)")  # fmt: skip
    leave(page)


@pytest.mark.thorough
def test_training_is_told_seldom(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate(
        "() => { window.told = []; const live = '[role=status], [role=alert], [aria-live]';"
        " new MutationObserver((changes) => changes.forEach(({ target }) => {"
        "   const node = (target.nodeType === 1 ? target : target.parentElement)?.closest(live);"
        "   if (node?.textContent.trim()) window.told.push(node.textContent.trim()); }))"
        " .observe(document.body, { subtree: true, childList: true, characterData: true }); }"
    )
    start_long(page)
    wait_for_points(page)
    page.evaluate("() => { window.told = []; }")
    page.wait_for_timeout(4000)
    told = page.evaluate("() => window.told")
    leave(page)
    assert len(told) <= 1


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_systems_own_colours_lose_nothing(open_page: OpenPage, trained: dict[str, Any], scheme: str) -> None:
    page = open_page(storage_state=trained, forced_colors="active", color_scheme=scheme)
    expect(page.locator("#verdict")).to_be_visible()
    differs = """([one, other]) => {
      const color = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
      return color(one) !== color(other);
    }"""
    for one, other in (
        (".progress-row.left .bar i", ".progress-row.right .bar i"),
        (".progress-row.left .bar i", ".progress-row.left .bar"),
        (".chip[aria-pressed=true]", ".chip[aria-pressed=false]"),
    ):
        assert page.evaluate(differs, [one, other]), (one, other)
    assert page.locator(".launch").evaluate("node => parseFloat(getComputedStyle(node).borderTopWidth)") >= 1


@pytest.mark.thorough
def test_escape_puts_away_what_pointing_brought(open_page: OpenPage) -> None:
    page = open_page()
    word = page.locator(".legend .term").first
    word.hover()
    tip = page.locator(".term-tip")
    expect(tip).to_be_visible()
    tip.hover()
    page.wait_for_timeout(300)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


@pytest.mark.thorough
def test_clicks_that_lines_join_draw_a_digit(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    canvas = page.locator("#try-it canvas")
    page.get_by_role("button", name="Lines by clicks").click()
    for x, y in ((50, 35), (130, 35), (85, 160)):
        canvas.click(position={"x": x, "y": y})
    expect(page.locator("#try-it .headline")).to_have_count(2, timeout=PATIENCE_MS)
    ink = "node => node.getContext('2d').getImageData(128, 52, 1, 1).data[0]"  # between the first two clicks
    assert canvas.evaluate(ink) == 255


@pytest.mark.thorough
def test_charts_and_pictures_have_words(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    expect(page.locator("#verdict")).to_be_visible()
    wait_for_points(page)
    for figure in page.locator("#curves figure").all():
        expect(figure.locator("figcaption")).to_contain_text(re.compile(r"\d"))
        expect(figure.locator("details table, details .chart-rows")).to_have_count(1)
    for chart in page.locator(".moves-grid svg").all():
        assert re.search(r": .*\d", chart.get_attribute("aria-label") or "")
    silent = "() => [...document.querySelectorAll('.gradio-container img')].filter((node) => !node.alt.trim()).length"
    assert page.evaluate(silent) == 0


@pytest.mark.thorough
def test_the_installed_app_says_that_its_server_is_away(chromium: Browser, server: Server) -> None:
    context = chromium.new_context()
    page = context.new_page()
    show_page(page, server.url)
    page.evaluate("() => tlvsft.keepOfflinePage().then(() => navigator.serviceWorker.ready)")
    wait_until(lambda: page.evaluate("async () => (await caches.keys()).length") == 1, timeout_s=20)
    page.reload()
    assert page.evaluate("() => Boolean(navigator.serviceWorker.controller)")
    kept = page.evaluate(
        "async () => { const [name] = await caches.keys(); const requests = await (await caches.open(name)).keys();"
        " return requests.map(({ url }) => new URL(url).pathname); }"
    )
    assert kept == ["/tlvsft/offline"]
    context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="tlvsft's server isn't there")).to_be_visible()
    assert audit(page) == []
    context.set_offline(False)
    expect(page.get_by_role("heading", name="Transfer learning vs fine-tuning")).to_be_visible(timeout=20_000)
    context.close()


@pytest.mark.thorough
def test_what_is_served_names_no_address_elsewhere_to_load(chromium: Browser, server: Server) -> None:
    context = chromium.new_context()
    page = context.new_page()
    texts: dict[str, str] = {}

    def keep(response: Any) -> None:
        kind = response.headers.get("content-type", "")
        if "css" in kind or "html" in kind or ("/file=" in response.url and "plotly" not in response.url):
            texts[response.url] = response.text()

    page.on("response", keep)
    show_page(page, server.url)
    loads = re.compile(
        r"""(?:\b(?:src|href)\s*=\s*["']?|url\(\s*["']?|(?:@import|\bimport)[\s("']+|fetch\(["'`])(https?:)?//"""
    )
    assert len(texts) > 10
    assert {url: found.group() for url, text in texts.items() if (found := loads.search(text))} == {}
    context.close()


@pytest.mark.thorough
def test_the_title_says_that_a_recording_is_on(open_page: OpenPage) -> None:
    page = open_page()
    pick_story(page, "Digits from 50 labels")
    page.get_by_role("button", name="Play a recording").click()
    expect(page).to_have_title("Recording · Transfer learning vs fine-tuning")
    page.get_by_role("button", name="Stop playing").click()
    expect(page).to_have_title("Transfer learning vs fine-tuning")
