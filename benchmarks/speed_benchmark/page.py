"""How long somebody waits: for the page after `python app.py`, and for the first point after "Train both"."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from playwright.sync_api import Page

from benchmarks.speed_benchmark.serving import PATIENCE_S, open_chromium, serve_page, show_page

_PATIENCE_MS = 1000 * PATIENCE_S
_WATCH_FOR_THE_FIRST_POINT = """() => {
  const button = document.querySelector("#launcher button.train");
  const plots = [...document.querySelectorAll(".js-plotly-plot")];
  const old = new Set(plots.flatMap((plot) => (plot.data || []).map((trace) => trace.meta.run)));
  const isNew = (trace) => trace.x.length > 0 && !old.has(trace.meta.run);
  const isDrawn = (plot) => (plot.data || []).some(isNew) && plot.querySelector("path.point, path.js-line") !== null;
  window.firstPointMs = null;
  let clicked = null;
  button.addEventListener("click", () => { clicked = performance.now(); }, { capture: true, once: true });
  const look = () => {
    if (clicked === null || !plots.some(isDrawn)) requestAnimationFrame(look);
    else requestAnimationFrame((now) => { window.firstPointMs = now - clicked; });
  };
  look();
}"""
"""Looks before each frame whether a new run's point has been drawn; the next frame shows it."""


def measure_page(*, repeats: int = 5) -> dict[str, Any]:
    """Starts the program `repeats` times, and trains the default story as often on a warm page.

    Returns:
        `start_to_page_s`, from `python app.py` to an answering page, and `click_to_point_s`, from the click on "Train
        both" to the first point on the screen: medians, in seconds, with all values beside them.
    """
    starts = [_measure_start() for _ in range(repeats - 1)]
    clicks = []
    with serve_page() as served, open_chromium() as browser:
        starts.append(served.start_s)
        page = show_page(browser, served.url)
        _measure_click(page)  # warms everything
        for number in range(repeats):
            clicks.append(_measure_click(page))
            _say(f"click to first point {number + 1} of {repeats}: {clicks[-1]:.2f} s")
    return {
        "start_to_page_s": statistics.median(starts),
        "start_to_page_all_s": starts,
        "click_to_point_s": statistics.median(clicks),
        "click_to_point_all_s": clicks,
    }


def _measure_start() -> float:
    with serve_page() as served:
        _say(f"start to page: {served.start_s:.2f} s")
        return served.start_s


def _measure_click(page: Page) -> float:
    page.evaluate(_WATCH_FOR_THE_FIRST_POINT)
    page.get_by_role("button", name="Train both").click()
    page.wait_for_function("() => window.firstPointMs !== null", polling=200, timeout=_PATIENCE_MS)
    page.get_by_role("button", name="Train both").wait_for(timeout=_PATIENCE_MS)  # it is over
    page.wait_for_load_state("networkidle")
    return float(page.evaluate("() => window.firstPointMs")) / 1000


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
