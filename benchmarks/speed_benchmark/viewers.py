"""What it costs when many look on: 50 clients poll a running comparison over the page's own route."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request

from benchmarks.speed_benchmark.serving import PATIENCE_S, ROOT, Served, open_chromium, serve_page, show_page
from tlvsft.events import StepTaken
from tlvsft.runs.store import Store

EPOCHS = 400
"""Of the default story: half a minute on two cores."""
EVERY_S = 0.5
_LOOK_AGAIN_S = 0.2
_PATIENCE_MS = 1000 * PATIENCE_S


@dataclass(frozen=True)
class _Trained:
    """One comparison.

    Attributes:
        train_s: From the first step to the last, mean of both sides.
        waits_ms: How long each answer to a viewer took.
    """

    train_s: float
    waits_ms: list[float]


def measure_viewers(*, repeats: int = 3, clients: int = 50) -> dict[str, Any]:
    """Trains the same comparison with and without viewers in turn, `repeats` times.

    Clients, server and the two workers share the machine's cores. No browser looks on meanwhile.

    Returns:
        `viewers_p50_ms` and `viewers_p95_ms`, how long an answer takes, and `viewers_slowdown`, by how much training
        takes longer with viewers than without (medians; 0.1 is a tenth), with what they come from.
    """
    alone, watched = [], []
    with serve_page() as served, open_chromium() as browser:
        _train(served, browser, clients=0)  # warms everything
        for number in range(repeats):
            alone.append(_train(served, browser, clients=0))
            watched.append(_train(served, browser, clients=clients))
            print(
                f"pair {number + 1} of {repeats}: {alone[-1].train_s:.1f} s alone, {watched[-1].train_s:.1f} s with "
                f"{clients} viewers, median answer {statistics.median(watched[-1].waits_ms):.1f} ms",
                file=sys.stderr,
                flush=True,
            )
    waits = sorted(wait for trained in watched for wait in trained.waits_ms)
    alone_s, watched_s = ([trained.train_s for trained in group] for group in (alone, watched))
    return {
        "viewers_p50_ms": waits[len(waits) // 2],
        "viewers_p95_ms": waits[int(0.95 * len(waits))],
        "viewers_max_ms": waits[-1],
        "viewers_slowdown": statistics.median(watched_s) / statistics.median(alone_s) - 1,
        "viewers_clients": clients,
        "viewers_answers": len(waits),
        "viewers_train_alone_s": alone_s,
        "viewers_train_watched_s": watched_s,
    }


def _train(served: Served, browser: Browser, *, clients: int) -> _Trained:
    """Trains once; the page that started it is closed, and what it polled is what the clients poll."""
    path, key = _start(served, browser)
    waits_ms = _watch(served, path, key, clients) if clients else []
    comparison_id = path.rpartition("/")[2]
    store = Store(served.home)
    while not store.comparison(comparison_id).is_over:
        time.sleep(_LOOK_AGAIN_S)
    times = [_train_time(store, run.id) for run in store.comparison(comparison_id).runs]
    store.close()
    return _Trained(train_s=statistics.fmean(times), waits_ms=waits_ms)


def _train_time(store: Store, run_id: str) -> float:
    elapsed = [event.elapsed_s for _, event in store.events(run_id) if isinstance(event, StepTaken)]
    return elapsed[-1] - elapsed[0]


def _start(served: Served, browser: Browser) -> tuple[str, str]:
    """Clicks "Train both"; the path that the page then polls, and the key that it sends."""
    page = show_page(browser, served.url)
    page.get_by_role("button", name="More").click()
    page.get_by_label("Epochs").wait_for()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.get_by_label("Epochs").fill(str(EPOCHS))
    with page.expect_request(_is_poll, timeout=_PATIENCE_MS) as polled:
        page.get_by_role("button", name="Train both").click()
    request = polled.value
    page.wait_for_function(
        "() => [...document.querySelectorAll('.js-plotly-plot')].some((plot) => plot.data.some((t) => t.x.length > 3))",
        timeout=_PATIENCE_MS,
    )
    page.close()
    return urlsplit(request.url).path, request.headers["x-tlvsft-key"]


def _is_poll(request: Request) -> bool:
    return "/tlvsft/news/" in request.url


def _watch(served: Served, path: str, key: str, clients: int) -> list[float]:
    address = urlsplit(served.url)
    asked = {"host": address.hostname, "port": address.port, "path": path, "key": key, "clients": clients}
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed_benchmark.viewing"],
        cwd=ROOT,
        input=json.dumps(asked | {"every_s": EVERY_S}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    waits: list[float] = json.loads(process.stdout)
    return waits
