"""The real program on a free port with a home of its own, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
_LOOK_AGAIN_S = 0.01
_CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Served:
    """The running program.

    Attributes:
        home: Its store's folder.
        start_s: From its start to its first answer, in seconds.
    """

    url: str
    home: Path
    start_s: float


@contextmanager
def serve_page() -> Iterator[Served]:
    """`python app.py`, ended when it is no longer needed.

    Raises:
        RuntimeError: It ended by itself, or didn't answer.
    """
    port = _free_port()
    url = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory(prefix="tlvsft-speed-") as folder:
        environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "TLVSFT_HOME": folder, "HF_HUB_OFFLINE": "1"}
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait_until_it_answers(process, url)
            yield Served(url=url, home=Path(folder), start_s=time.perf_counter() - begun)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Chromium without a window.

    Raises:
        RuntimeError: It isn't installed.
    """
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def show_page(browser: Browser, url: str) -> Page:
    """Opens the page and waits until it can be used: charts are mounted, and the visitor has a token."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot').length === 2")
    page.wait_for_function("() => localStorage.getItem('tlvsft-visitor') !== null")
    return page


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"app.py ended with status {process.returncode}.")
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310  our own server
                reply.read()
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(_LOOK_AGAIN_S)
    raise RuntimeError(f"app.py didn't answer within {PATIENCE_S:g} s.")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
