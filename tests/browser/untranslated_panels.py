"""The states of the panels for own data, links, history and downloads, for those who look for what stays English.

Begins with a page on which a comparison is over. Nothing is found by its words, which are in another language.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import PATIENCE_S, show_page
from tests.unit.ui.collected import photo

PATIENCE_MS = 1000 * PATIENCE_S
OWN_NAMES = frozenset({"review", "mood", "Filme", "Ameisen", "Bienen", "Ameisen, Bienen"})
"""What columns, data and classes are called here: data, which is seen in fields and sentences, too."""
_ROWS = [f"{'dull and slow' if number % 2 else 'great fun'} film number {number},{number % 2}" for number in range(60)]
_CSV = "\n".join(["review,mood", *_ROWS, ",1"]).encode()


def panel_states(page: Page) -> Iterator[str]:
    """Brings the page from one state to the next, and says which it is."""
    yield from _own_data(page)
    yield from _collecting(page)
    yield from _links(page)
    yield from _history(page)
    yield from _taking_home(page)
    yield from _sweeping(page)
    yield from _deleting(page)


def _own_data(page: Page) -> Iterator[str]:
    box = page.locator("#own-data")
    box.locator("button").first.click()
    box.locator("#own-kept").wait_for()
    yield "own data"
    trick = io.BytesIO()
    with zipfile.ZipFile(trick, "w") as archive:
        archive.writestr("../../cat/1.png", b"x")
    columns = b"review\nfilm\n"
    pickled = b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94K\x01a."
    for name, content in (("a.zip", trick.getvalue()), ("b.csv", columns), ("c.csv", pickled), ("d.csv", b"")):
        _upload(box, name, content)
        expect(box.locator("#own-status .complaint")).to_contain_text(name, timeout=PATIENCE_MS)
        yield f"own data refused: {name}"
    _upload(box, "films.csv", _CSV)
    box.locator(".own-summary").wait_for(timeout=PATIENCE_MS)
    yield "own data read"
    for place in (0, 1):
        box.locator("#own-found input").nth(1).click()
        page.locator("li[role=option]").nth(place).click()
        expect(box.locator(".complaint")).to_have_count(1 - place, timeout=PATIENCE_MS)
        yield "own data, two columns"
    box.locator(".own-confirm textarea, .own-confirm input").first.fill("Filme")
    box.locator(".own-confirm button.ask").click()
    box.locator(".own-list li").wait_for(timeout=PATIENCE_MS)
    yield "own data kept"
    box.locator("[data-action=ask]").click()
    box.locator("[data-action=keep]").wait_for()
    yield "own data to be deleted"
    box.locator("[data-action=keep]").click()


def _upload(box: Locator, name: str, content: bytes) -> None:
    box.locator("input[type=file]").set_input_files(FilePayload(name=name, mimeType="text/csv", buffer=content))


def _collecting(page: Page) -> Iterator[str]:
    panel = page.locator("#collect details")
    panel.locator("summary").click()
    yield "collecting"
    cards, use = panel.locator(".collect-class"), panel.locator("[data-use]")
    panel.locator("[data-add]").click()
    use.click()
    yield "a class without a name"
    cards.nth(2).locator(".collect-tools button").nth(2).click()
    yield "a class removed"
    for place, name in enumerate(("Ameisen", "Bienen")):
        _add(cards.nth(place), 9, start=20 * place)
        yield "pictures of a class without a name" if not place else "pictures"
        cards.nth(place).locator("input[type=text]").fill(name)
    use.click()
    yield "too few pictures"
    cards.nth(0).locator(".collect-remove").first.click()
    yield "a picture removed"
    cards.nth(0).locator(".collect-tools button").nth(1).click()
    page.wait_for_timeout(1000)
    yield "camera"
    cards.nth(0).locator(".collect-tools button").nth(1).click()
    for place in (0, 1):
        _add(cards.nth(place), 10, start=20 * place)
    yield "pictures twice"
    use.click()
    panel.locator("[data-saved]").wait_for(timeout=PATIENCE_MS)
    yield "collected"
    panel.locator("[data-more]").click()
    yield "collected, going on"
    panel.locator("[data-discard]").click()
    yield "draft discarded"


def _add(card: Locator, count: int, *, start: int) -> None:
    """Adds pictures and waits until so many are there."""
    files = [
        FilePayload(name=f"{number}.png", mimeType="image/png", buffer=photo(number))
        for number in range(start, start + count)
    ]
    card.locator("input[type=file]").set_input_files(files)
    expect(card.locator(".collect-pictures li")).to_have_count(count, timeout=PATIENCE_MS)


def _links(page: Page) -> Iterator[str]:
    copy, said = page.locator("[data-link]"), page.locator(".link-said [role=status]")
    copy.click()
    expect(said).not_to_be_empty()
    yield "link of own data"
    page.locator("[data-line]").click()
    page.locator("#form-line code").wait_for()
    yield "command line of own data"
    page.locator("#form-line [data-copy]").click()
    expect(page.locator("#form-line [data-said]")).not_to_be_empty()
    yield "command line copied"
    address = page.url.partition("?")[0]
    for query in ("story=digits&seed=7", "story=digts&seed=x&sed=1&left=no&epochs=0", "label-noise=3&right=lora"):
        show_page(page, f"{address}?lang=de&{query}")
        page.locator("#link-note .link-note").first.wait_for()
        yield f"link {query}"
    page.locator("[data-story=digits]").click()


def _history(page: Page) -> Iterator[str]:
    panel, own = page.locator("#history"), page.locator("#own-setup")
    rows, search = panel.locator(".history-open"), panel.locator("input[type=search]")
    panel.scroll_into_view_if_needed()
    yield "history"
    search.fill("no such thing")
    expect(rows).to_have_count(0)
    yield "search without a hit"
    search.fill("labels")
    rows.first.wait_for()
    yield "search"
    rows.first.click()
    expect(own.locator(".own-words")).not_to_be_empty()
    yield "own setup"
    page.locator("#labels input[type=number]").fill("80")
    own.locator(".own-setups summary").wait_for()
    own.locator(".own-setups summary").click()
    yield "own setup, changed"
    before = rows.count()
    own.locator("[data-rerun]").click()
    expect(rows).to_have_count(before + 1)
    yield "run again"
    expect(own.locator("[data-rerun]")).to_have_count(0)
    expect(own.locator("[data-rerun]")).to_have_count(1, timeout=PATIENCE_MS)
    expect(own.locator(".own-repeat")).not_to_be_empty(timeout=PATIENCE_MS)
    page.wait_for_timeout(1500)
    yield "the same again"
    boxes = panel.locator("[data-choose]")
    boxes.nth(0).check()
    expect(panel.locator(".history-setups h3")).not_to_be_empty()
    yield "one setup chosen"
    boxes.nth(1).check()
    panel.locator(".history-setups tbody tr").first.wait_for(state="attached")
    panel.locator(".history-setups input[type=checkbox]").uncheck()
    yield "two setups compared"


def _taking_home(page: Page) -> Iterator[str]:
    card = page.locator("#take-home")
    yield "take it home"
    for kind in ("report", "numbers", "model"):
        card.locator(f"[data-kind={kind}]").first.click()
        expect(card.locator(".take-home-status.ready")).to_have_count(1, timeout=PATIENCE_MS)
        yield f"taken home: {kind}"
        page.wait_for_timeout(500)


def _sweeping(page: Page) -> Iterator[str]:
    box = page.locator("#sweeps")
    box.scroll_into_view_if_needed()
    for kind in ("depth", "labels"):
        box.locator(f"[data-kind={kind}]").click()
        expect(box.locator(".sweep-estimate")).not_to_be_empty()
        yield f"sweep: {kind}"
    labels = box.locator("[name=sweep-labels]")
    labels.fill("zehn")
    expect(box.locator(".sweep-problem")).not_to_be_empty()
    yield "sweep that can't be"
    for field in box.locator("[name=sweep-method]").all():
        field.set_checked(field.get_attribute("value") in {"linear_probe", "random_features"})
    box.locator("[name=sweep-seeds]").fill("1")
    labels.fill("10, 20")
    box.locator("[data-do=start]:enabled").click()
    box.locator("[data-do=stop]").wait_for()
    yield "sweep on its way"
    box.locator("[data-do=stop]").click()
    box.locator("[data-do=resume]").wait_for(timeout=PATIENCE_MS)
    yield "sweep cancelled"
    box.locator("[data-do=resume]").click()
    box.locator("[data-do=stop]").wait_for()
    expect(box.locator("[data-do=stop]")).to_have_count(0, timeout=PATIENCE_MS)
    page.evaluate("() => document.querySelectorAll('#sweeps details').forEach((one) => (one.open = true))")
    yield "sweep"
    box.locator("[data-download=csv]").click()
    expect(box.locator(".sweep-said a")).to_have_count(1, timeout=PATIENCE_MS)
    yield "sweep taken home"
    box.locator("[data-delete]").first.click()
    box.locator("[data-keep]").wait_for()
    yield "sweep to be deleted?"
    box.locator("[data-keep]").click()


def _deleting(page: Page) -> Iterator[str]:
    panel = page.locator("#history")
    for doomed in ("[data-delete]", "[data-delete-all]"):
        panel.locator(doomed).first.click()
        panel.locator("[data-keep]").wait_for()
        yield "to be deleted?"
        panel.locator("[data-confirm]").click()
        expect(panel.locator("[data-keep]")).to_have_count(0)
        page.wait_for_timeout(1000)
        yield "deleted"
