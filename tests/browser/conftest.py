"""The real program on a free port, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.conditions import wait_until

PATIENCE_S = 180.0
"""Both variants of a story train in well under a minute; a busy machine may take longer."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Server:
    """The running program."""

    url: str
    home: Path
    pid: int


@dataclass
class Watcher:
    """What must not happen on any page: console errors, requests to somewhere else."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self.check)

    def check(self, request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.strangers.append(request.url)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start_server(
    repository: Path, home: Path, *, port: int, log: Any, program: str = "app.py"
) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "TLVSFT_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return subprocess.Popen([sys.executable, program], cwd=repository, env=environment, stdout=log, stderr=log)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310  our own server
            return bool(reply.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="session")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python app.py`, for all tests of a process."""
    with running(repository, tmp_path_factory.mktemp("home")) as started:
        yield started


@contextmanager
def running(repository: Path, home: Path, *, program: str = "app.py") -> Iterator[Server]:
    """Runs the program until the block ends; if it dies, its own words are the failure's message."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = start_server(repository, home, port=port, log=log, program=program)

        def ready() -> bool:
            if process.poll() is not None:
                log.seek(0)
                pytest.fail(f"{program} ended with {process.returncode}:\n{log.read().decode(errors='replace')}")
            return answers(f"http://127.0.0.1:{port}/")

        try:
            wait_until(ready, timeout_s=90)
            yield Server(url=f"http://127.0.0.1:{port}/", home=home, pid=process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
        log.seek(0)
        words = log.read().decode(errors="replace")
        assert "Traceback" not in words, words
        assert process.returncode == 0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; its absence is a failure, never a skip."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    seen = Watcher()
    yield seen
    assert seen.errors == []
    assert seen.strangers == []


@pytest.fixture
def open_page(server: Server, chromium: Browser, watcher: Watcher) -> Iterator[Callable[..., Page]]:
    """Opens the page in a browser of its own; options are those of a Playwright context."""
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        watcher.watch(page)
        show_page(page, server.url)
        return page

    yield open_one
    for context in contexts:
        context.close()


def show_page(page: Page, url: str) -> None:
    """Goes to the page and waits until it answers: charts are mounted, and the visitor has a token."""
    page.goto(url)
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot').length === 2")
    page.wait_for_function("() => localStorage.getItem('tlvsft-visitor') !== null")


def point_counts(page: Page) -> dict[str, int]:
    """How many points each trace has, e.g. `loss left smooth`."""
    counted: dict[str, int] = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) =>"
        " plot.data.map((trace) => [`${plot.dataset.chart} ${trace.meta.side} ${trace.meta.kind}`, trace.x.length])))"
    )
    return counted


def wait_for_points(page: Page, *, more_than: dict[str, int] | None = None, kind: str = "loss {} smooth") -> None:
    """Waits until both variants' curves have more points than they had."""
    before = more_than or {}

    def grown() -> bool:
        page.wait_for_timeout(100)  # lets the page's own events in
        counts = point_counts(page)
        return all(counts.get(kind.format(side), 0) > before.get(kind.format(side), 0) for side in ("left", "right"))

    wait_until(grown, timeout_s=PATIENCE_S)


@pytest.fixture(scope="session")
def trained(server: Server, chromium: Browser) -> dict[str, Any]:
    """A browser's storage after it trained the digits story once, quickly."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    show_page(page, server.url)
    train_quickly(page, epochs=12)
    storage: dict[str, Any] = context.storage_state()
    context.close()
    return storage


def train_quickly(
    page: Page, *, epochs: int | None = None, story: str = "Digits from 50 labels", labels: int | None = None
) -> None:
    """Trains a story, with few epochs or few labels if asked, and waits for the verdict."""
    pick_story(page, story)
    fill_in(page, epochs=epochs, examples=None if labels is None else ("Labels", labels))
    page.get_by_role("button", name="Train both").click()
    expect(page.locator("#verdict")).to_be_visible(timeout=1000 * PATIENCE_S)


def pick_story(page: Page, story: str) -> None:
    """Clicks a story and waits until the form shows it."""
    page.get_by_role("button", name=story, exact=True).click()
    expect(page.get_by_role("button", name=story, exact=True)).to_have_attribute("aria-pressed", "true")


def open_more(page: Page) -> None:
    """Opens the panel "More"; gradio mounts it only now, and what is typed before it has been drawn is lost."""
    page.get_by_role("button", name="More").click()
    page.get_by_label("Epochs").wait_for()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def fill_in(page: Page, *, epochs: int | None = None, examples: tuple[str, int] | None = None) -> None:
    """Another number of epochs, or of labels or texts (whatever the field is called)."""
    if epochs is not None:
        open_more(page)
        page.get_by_label("Epochs").fill(str(epochs))
    if examples is not None:
        label, number = examples
        page.get_by_label(label, exact=True).fill(str(number))


def choose(page: Page, label: str, option: str) -> None:
    """Picks an option of a dropdown."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def start_long(page: Page) -> None:
    """Starts the digits story, by a double click, with epochs enough that it still runs whatever a test does next."""
    open_more(page)
    page.get_by_label("Epochs").fill("500")
    page.get_by_role("button", name="Train both").dblclick()


def draw_seven(page: Page) -> None:
    """Draws a seven in one stroke, and waits until both variants have read it."""
    canvas = page.locator("#try-it canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    strokes = [(0.3, 0.2), (0.68, 0.2), (0.45, 0.85)]
    for number, (x, y) in enumerate(strokes):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    expect(page.locator("#try-it .headline")).to_have_count(2, timeout=1000 * PATIENCE_S)
