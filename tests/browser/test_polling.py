"""How the page follows a run: by its own route, asking gradio seldom, however long the run and after a restart."""

from __future__ import annotations

import math
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import (
    PATIENCE_S,
    Server,
    answers,
    free_port,
    point_counts,
    show_page,
    start_long,
    start_server,
    wait_for_points,
)
from tests.conditions import wait_until
from tlvsft.catalog.presets import PRESETS
from tlvsft.events import Evaluated, Event, RunStarted, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S
LONG, SPIKE_AT, SPIKE = 100_000, 54_321, 9.0
MOST_POINTS = 2_000


def steps(first: int, last: int) -> Iterator[StepTaken]:
    """A loss that falls, with waves, and one spike."""
    for number in range(first, last + 1):
        loss = SPIKE if number == SPIKE_AT else 1 + math.exp(-number / 20_000) + 0.1 * math.sin(number)
        yield StepTaken(step=number, epoch=number / 100, elapsed_s=number / 50, train_loss=loss, examples=8 * number)


def long_run(last: int) -> Iterator[Event]:
    yield RunStarted(
        trainable_parameters=10,
        total_parameters=100,
        blocks=(),
        total_steps=LONG,
        epochs=1_000,
        train_examples=50,
        class_names=tuple("0123456789"),
    )
    yield from steps(1, last)
    yield Evaluated(step=last, epoch=1.0, elapsed_s=last / 50, val_loss=1.5, val_accuracy=0.75, examples=8 * last)


@pytest.fixture
def long_comparison(server: Server) -> Iterator[tuple[Store, str]]:
    """A comparison of the command line that has taken 99,000 steps of 100,000 and goes on training, on paper."""
    store = Store(server.home)
    comparison_id = store.add_comparison(PRESETS["digits"].comparison_config(), owner=None)
    runs = [run.id for run in store.comparison(comparison_id).runs]
    for run in runs:
        store.begin_run(run, ProcessIdentity.own())
        store.append_events(run, long_run(LONG - 1_000))
    yield store, comparison_id
    with store.database.writing() as connection:  # every browser sees it: other tests count what they see
        for run in runs:
            connection.execute("DELETE FROM events WHERE run_id = ?", (run,))
        connection.execute("DELETE FROM runs WHERE comparison_id = ?", (comparison_id,))
        connection.execute("DELETE FROM comparisons WHERE id = ?", (comparison_id,))
    store.close()


def trace(page: Page, kind: str) -> dict[str, list[float]]:
    """The left side's points in the loss chart."""
    shown: dict[str, list[float]] = page.evaluate(
        "(kind) => { const found = document.querySelector('[data-chart=loss]').data.find((trace) =>"
        " trace.meta.side === 'left' && trace.meta.kind === kind);"
        " return { x: [...found.x], y: [...found.y] }; }",
        kind,
    )
    return shown


def test_points_come_by_the_route_and_handlers_are_asked_seldom(open_page: OpenPage) -> None:
    page = open_page()
    start_long(page)
    wait_for_points(page)
    polls: list[Request] = []
    events: list[str] = []

    def note(request: Request) -> None:
        if "/tlvsft/news/" in request.url:
            polls.append(request)
        elif "gradio_api" in request.url:
            events.append(request.url)

    page.on("request", note)
    wait_for_points(page, kind="score {} validation")
    before = point_counts(page)
    first, asked = len(polls), len(events)
    wait_until(lambda: page.wait_for_timeout(100) or len(polls) >= first + 8, timeout_s=PATIENCE_S)
    assert point_counts(page)["loss right smooth"] > before["loss right smooth"]  # the left run may be over by then
    assert len(events) - asked <= 2  # news of another kind than points, and then the list of comparisons
    key = polls[-1].headers["x-tlvsft-key"]
    assert not any(key in request.url for request in polls)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
    asked_last = len(polls)
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise((done) => setTimeout(done, 1500))")
    assert len(polls) <= asked_last + 2  # it is over: nobody asks any more


@pytest.mark.thorough
def test_a_long_run_shows_few_points_and_every_peak(long_comparison: tuple[Store, str], open_page: OpenPage) -> None:
    store, comparison_id = long_comparison
    page = open_page()
    page.locator(f"#history button[data-comparison='{comparison_id}']").click()
    page.wait_for_function(
        "(last) => document.querySelector('[data-chart=loss]').data.some((trace) =>"
        " trace.meta.kind === 'raw' && trace.x.at(-1) === last)",
        arg=LONG - 1_000,
        timeout=PATIENCE_MS,
    )
    shown = trace(page, "raw")
    assert MOST_POINTS / 2 < len(shown["x"]) <= 2 * MOST_POINTS
    assert (shown["x"][0], shown["x"][-1]) == (1, LONG - 1_000)
    assert shown["x"] == sorted(shown["x"])
    assert shown["y"][shown["x"].index(SPIKE_AT)] == SPIKE
    smooth = trace(page, "smooth")
    assert len(smooth["x"]) <= 2 * MOST_POINTS
    assert max(smooth["y"]) > 2.0  # the spike is in the average, too
    page.evaluate("() => Plotly.relayout(document.querySelector('[data-chart=loss]'), {'xaxis.range': [5e4, 6e4]})")
    for run in store.comparison(comparison_id).runs:
        store.append_events(run.id, steps(LONG - 999, LONG))
    page.wait_for_function(
        "(last) => document.querySelector('[data-chart=loss]').data.every((trace) =>"
        " trace.meta.kind === 'validation' || trace.x.at(-1) === last)",
        arg=LONG,
        timeout=PATIENCE_MS,
    )
    assert page.evaluate("() => document.querySelector('[data-chart=loss]').layout.xaxis.range") == [50_000, 60_000]
    page.get_by_role("radio", name="examples").check()
    page.wait_for_function(
        "(last) => document.querySelector('[data-chart=loss]').data[0].x.at(-1) === last", arg=8 * LONG
    )
    by_examples = trace(page, "raw")
    assert by_examples["y"][by_examples["x"].index(8 * SPIKE_AT)] == SPIKE


def decimate(page: Page, heights: list[float | None], most: int) -> list[int]:
    kept: list[int] = page.evaluate("([heights, most]) => tlvsft.decimate(heights, most)", [heights, most])
    return kept


def test_decimation_keeps_the_ends_and_the_peaks(open_page: OpenPage) -> None:
    page = open_page()
    heights: list[float | None] = [math.sin(place / 7) for place in range(10_001)]
    heights[4_444], heights[7_777] = 50.0, -50.0
    for most in (10, 101, 2_000):
        kept = decimate(page, heights, most)
        assert len(kept) <= most
        assert kept == sorted(set(kept))
        assert {0, 4_444, 7_777, 10_000} <= set(kept)
    assert decimate(page, heights, 10_001) == list(range(10_001))
    assert decimate(page, [], 10) == []
    gaps: list[float | None] = [None] * 500
    gaps[250] = 1.0
    assert decimate(page, gaps, 10) == [0, 250, 499]


@pytest.mark.thorough
def test_after_a_restart_the_page_goes_on_by_itself(chromium: Browser, repository: Path, tmp_path: Path) -> None:
    port, home = free_port(), tmp_path / "home"
    url = f"http://127.0.0.1:{port}/"
    keys: set[str] = set()

    def note(request: Request) -> None:
        if "/tlvsft/news/" in request.url:
            keys.add(request.headers["x-tlvsft-key"])

    with tempfile.TemporaryFile() as log:
        server: Any = start_server(repository, home, port=port, log=log)
        context = chromium.new_context()
        try:
            wait_until(lambda: answers(url), timeout_s=90)
            page = context.new_page()
            page.on("request", note)
            show_page(page, url)
            start_long(page)
            wait_for_points(page)
            assert len(keys) == 1
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)
            server = start_server(repository, home, port=port, log=log)
            wait_until(lambda: answers(url), timeout_s=90)
            expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
            expect(page.locator("#outcome")).to_contain_text("interrupted")
            assert len(keys) == 2
            before = point_counts(page)
            page.get_by_role("button", name="Train both").click()
            expect(page.get_by_role("button", name="Stop")).to_have_count(1)
            wait_for_points(page)
            assert point_counts(page) != before
        finally:
            context.close()
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)
        log.seek(0)
        words = log.read().decode(errors="replace")
    assert "Traceback" not in words, words
    assert not any(key in words for key in keys)
