"""States of the page that everybody must be able to use: a new part of the page adds its own to `STATES`.

Each begins with a page that has just been opened, by a new visitor or by one who has trained the digits story.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import PATIENCE_S, open_more, pick_story, show_page, start_long, wait_for_points
from tests.unit.ui.collected import photo

PATIENCE_MS = 1000 * PATIENCE_S
_NEW_EPOCHS = itertools.count(30)
"""A sweep of as many epochs as another one has all its runs already, and is over at once."""


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
    sweep = page.locator("#sweeps [data-do=stop]")
    if sweep.count():
        sweep.click()
        expect(sweep).to_have_count(0, timeout=PATIENCE_MS)
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


def _own_data(page: Page) -> None:
    """A small file has been read: columns to confirm, classes, a preview."""
    lines = [f"a {mood} film number {number},{mood}" for number in range(12) for mood in ("dull", "fine")]
    table: FilePayload = {
        "name": "films.csv",
        "mimeType": "text/csv",
        "buffer": "\n".join(["review,mood", *lines]).encode(),
    }
    page.get_by_role("button", name="Your own data").click()
    expect(page.locator("#own-kept")).to_be_visible()
    page.locator("#own-data input[type=file]").set_input_files(table)
    expect(page.locator("#own-data .own-summary")).to_be_visible(timeout=PATIENCE_MS)


def _own_data_refused(page: Page) -> None:
    page.get_by_role("button", name="Your own data").click()
    expect(page.locator("#own-kept")).to_be_visible()
    pickled: FilePayload = {"name": "model.csv", "mimeType": "text/csv", "buffer": b"\x80\x04\x95\x05\x00]\x94K\x01a."}
    page.locator("#own-data input[type=file]").set_input_files(pickled)
    expect(page.locator("#own-status .complaint")).to_be_visible(timeout=PATIENCE_MS)


def _own_data_kept(page: Page) -> None:
    """In the list of what is kept, with the question before it is deleted."""
    _own_data(page)
    page.get_by_role("button", name="Use this data").click()
    expect(page.locator("#own-status")).to_contain_text("is kept", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Delete: films").click()
    expect(page.get_by_role("button", name="Delete for good")).to_be_visible()


def _collecting(page: Page) -> None:
    """Two classes with some pictures, and what can't be trained on yet."""
    panel = page.locator("#collect details")
    panel.locator("summary").click()
    for place, name in enumerate(("Cups", "Mugs")):
        card = panel.locator(".collect-class").nth(place)
        card.get_by_label(f"Name of class {place + 1}").fill(name)
        pictures: list[FilePayload] = [
            {"name": f"{number}.png", "mimeType": "image/png", "buffer": photo(number)}
            for number in range(12 * place, 12 * place + 3 + 8 * place)
        ]
        card.locator("input[type=file]").set_input_files(pictures)
        expect(card.locator("img")).to_have_count(len(pictures))
    panel.get_by_role("button", name="Train on these").click()
    expect(panel.locator(".collect-words.is-problem")).to_be_visible()


def _command_line(page: Page) -> None:
    page.get_by_role("button", name="Command line").click()
    expect(page.locator("#form-line code")).to_be_visible()


def _history(page: Page) -> None:
    """Two comparisons that were stopped, their setups beside each other, and the question before one is deleted."""
    for seed in ("1", "2"):
        page.get_by_label("Seed", exact=True).fill(seed)
        page.get_by_role("button", name="Train both").click()
        expect(page.locator("#launcher [data-action=stop]")).to_be_visible()
        leave(page)
    listed = page.locator("#history .history-open")
    expect(listed).to_have_count(2)
    for choice in page.locator("[data-choose]").all():
        choice.check()
    expect(page.locator(".history-setups .is-different").first).to_be_visible()
    page.locator("[data-delete]").first.click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()


def _edited(page: Page) -> None:
    """The form isn't that of the comparison on the screen anymore."""
    _finished(page)
    page.get_by_label("Labels", exact=True).fill("80")
    own = page.locator("#own-setup")
    expect(own.locator(".own-words")).to_contain_text("was changed since")
    own.locator("summary").click()
    own.get_by_label("Differences only").uncheck()


def _taken_home(page: Page) -> None:
    _finished(page)
    card = page.locator("#take-home")
    with page.expect_download():
        card.get_by_role("button", name="Download: report").click()
    expect(card.get_by_role("status")).to_contain_text("The report is ready")


def _evidence(page: Page) -> None:
    """Every part of the evidence and its tables, and how the verdict was decided."""
    _finished(page)
    page.locator("#evidence").scroll_into_view_if_needed()
    expect(page.locator(".evidence-part").first).to_be_visible(timeout=PATIENCE_MS)
    page.evaluate("() => document.querySelectorAll('#evidence details, .decided').forEach((one) => (one.open = true))")
    expect(page.locator("#evidence-projection svg text").first).to_be_visible()


def _sweep_running(page: Page) -> None:
    """A sweep on its way, with a figure of what has finished so far."""
    _prepare_sweep(page, labels="10, 20, 500, all", epochs=next(_NEW_EPOCHS), seeds=5)
    page.locator("#sweeps [data-do=start]").click()
    expect(page.locator("#sweeps [data-do=stop]")).to_be_visible()
    expect(page.locator("#sweeps .sweep-chart").first).to_be_attached(timeout=PATIENCE_MS)


def _sweep_stopped(page: Page) -> None:
    _sweep_running(page)
    page.locator("#sweeps [data-do=stop]").click()
    expect(page.locator("#sweeps .sweep-progress")).to_contain_text("Cancelled", timeout=PATIENCE_MS)


def _sweep_refused(page: Page) -> None:
    _prepare_sweep(page, labels="ten", epochs=1, runs="")
    expect(page.locator("#sweeps .sweep-problem")).to_contain_text("no number of labels")


def _prepare_sweep(page: Page, *, labels: str, epochs: int, seeds: int = 1, runs: str = "runs") -> None:
    """Fills in a sweep of the linear probe on the digits."""
    open_more(page)
    page.get_by_label("Epochs").fill(str(epochs))
    sweeps = page.locator("#sweeps")
    sweeps.scroll_into_view_if_needed()
    expect(sweeps.locator(".sweep-about")).to_contain_text(f"{epochs} epoch")
    sweeps.get_by_label("Numbers of labels").fill(labels)
    sweeps.get_by_label("Seeds").fill(str(seeds))
    for method in ("From scratch", "Random features", "Full fine-tuning"):
        sweeps.get_by_label(method).uncheck()
    expect(sweeps.locator(".sweep-estimate")).to_contain_text(runs)


def _sweep(page: Page) -> None:
    """One that has finished, its tables, its command line, and the question before it is deleted."""
    _prepare_sweep(page, labels="10, 20", epochs=1, runs="2 runs")
    sweeps = page.locator("#sweeps")
    sweeps.locator("[data-do=start]").click()
    expect(sweeps.locator(".sweep-progress")).to_contain_text("Finished", timeout=PATIENCE_MS)
    for summary in sweeps.locator("summary").all():
        summary.click()
    sweeps.locator("[data-delete]").first.click()
    expect(sweeps.get_by_role("button", name="Keep it")).to_be_focused()


def _at(query: str, shown: str) -> Callable[[Page], None]:
    """The page by a link."""

    def reach(page: Page) -> None:
        show_page(page, page.url.partition("?")[0] + query)
        expect(page.get_by_text(shown).locator("visible=true").first).to_be_visible()

    return reach


def _german(page: Page) -> None:
    """Longer words, in the results and the new panels, too."""
    show_page(page, page.url.partition("?")[0] + "?lang=de")
    expect(page.get_by_role("button", name="Beide trainieren")).to_be_visible()
    _finished(page)
    for summary in page.locator("#own-data > button, #own-setup summary, [data-line]").all():
        summary.click()
    expect(page.locator("#own-kept")).to_be_visible()


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
    State(name="own-data", reach=_own_data),
    State(name="own-data-refused", reach=_own_data_refused),
    State(name="own-data-kept", reach=_own_data_kept),
    State(name="collecting", reach=_collecting),
    State(name="command-line", reach=_command_line),
    State(name="history", reach=_history),
    State(name="edited", reach=_edited, is_trained=True),
    State(name="taken-home", reach=_taken_home, is_trained=True),
    State(name="evidence", reach=_evidence, is_trained=True),
    State(name="sweep", reach=_sweep),
    State(name="sweep-running", reach=_sweep_running),
    State(name="sweep-stopped", reach=_sweep_stopped),
    State(name="sweep-refused", reach=_sweep_refused),
    State(name="link-with-problems", reach=_at("?story=nope&seed=x", "Unknown story")),
    State(name="german", reach=_german, is_trained=True),
]
