"""Train both: two curves race, a verdict comes, both variants answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import (
    PATIENCE_S,
    Server,
    draw_seven,
    point_counts,
    show_page,
    start_long,
    train_quickly,
    wait_for_points,
)

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S


def test_both_curves_grow_on_the_same_charts_and_zoom_survives(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate("() => document.querySelectorAll('.js-plotly-plot').forEach((plot) => { plot.marked = true; })")
    start_long(page)
    expect(page.get_by_role("button", name="Stop")).to_have_count(1)
    expect(page.get_by_role("button", name="Train both")).to_have_count(0)
    wait_for_points(page)
    first = point_counts(page)
    page.evaluate("() => Plotly.relayout(document.querySelector('.js-plotly-plot'), {'xaxis.range': [1, 7]})")
    wait_for_points(page, more_than=first)
    wait_for_points(page, kind="score {} validation")
    ranges = page.evaluate("() => document.querySelector('.js-plotly-plot').layout.xaxis.range")
    assert ranges == [1, 7]
    assert page.evaluate("() => [...document.querySelectorAll('.js-plotly-plot')].every((plot) => plot.marked)")
    expect(page.locator("#curves-in-words")).to_contain_text("Validation accuracy")
    expect(page.locator("#history [data-comparison]")).to_have_count(1)  # the double click was one click
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator("#history")).to_contain_text("stopped")
    expect(page.locator("#outcome")).to_contain_text("No verdict")


def test_a_reload_midway_finds_the_run_again(open_page: OpenPage) -> None:
    page = open_page()
    start_long(page)
    wait_for_points(page)
    before = point_counts(page)
    page.reload()
    expect(page.get_by_role("button", name="Stop")).to_have_count(1)
    wait_for_points(page, more_than=before)
    steps = page.evaluate("() => document.querySelector('.js-plotly-plot').data[0].x")
    assert steps == list(range(1, len(steps) + 1))  # nothing lost, nothing twice
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Train both")).to_have_count(1, timeout=PATIENCE_MS)


def test_a_finished_comparison_comes_back_after_a_reload(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    expect(page.locator("#verdict")).to_contain_text(re.compile("better than|Too close to call"))
    expect(page.locator("#outcome .numbers")).to_contain_text("✓ yes, bit for bit")
    expect(page.locator("#history [data-comparison]")).to_have_count(1)
    assert set(point_counts(page)) >= {"loss left smooth", "loss right smooth", "score left validation"}


@pytest.mark.thorough
def test_the_x_axis_can_show_seconds_and_examples(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    wait_for_points(page)
    last = "() => document.querySelector('.js-plotly-plot').data[0].x.at(-1)"
    steps = page.evaluate(last)
    page.get_by_role("radio", name="examples").check()
    page.wait_for_function(f"(before) => ({last})() > before", arg=steps)
    page.get_by_role("radio", name="seconds").check()
    page.wait_for_function("() => document.querySelector('.js-plotly-plot .xtitle').textContent.includes('seconds')")


def test_the_filter_shows_where_they_disagree(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    answers = page.locator("#answers")
    expect(answers.locator(".answer")).to_have_count(8)
    both = answers.get_by_role("button", name=re.compile("^Both right"))
    right = int(both.locator("b").inner_text())
    both.click()
    expect(both).to_have_attribute("aria-pressed", "true")
    expect(answers.locator(".pager span")).to_have_text(f"1–{min(8, right)} of {right}")
    expect(answers.locator(".said.was-wrong")).to_have_count(0)
    answers.get_by_role("button", name="Next →").click()
    expect(answers.locator(".pager span")).to_contain_text("9–")
    every = [int(text) for text in answers.locator(".chips b").all_inner_texts()]
    assert every[0] == 270 == sum(every[1:])


def test_both_variants_read_a_drawn_digit(open_page: OpenPage, trained: dict[str, Any]) -> None:
    page = open_page(storage_state=trained)
    draw_seven(page)
    expect(page.locator("#try-it .headline").first).to_contain_text("says")
    expect(page.locator("#try-it .confidence-rows .cell")).to_have_count(20)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#try-it .headline")).to_have_count(0)
    with page.expect_request(lambda request: '"image":' in (request.post_data or "")) as asked:
        page.evaluate(  # a dot, cleared at once: nothing is asked of what isn't there any more
            "() => { const canvas = document.querySelector('#try-it canvas');"
            " for (let press = 0; press < 2; press += 1)"
            " canvas.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));"
            " document.querySelector('#try-it [data-clear]').click(); }"
        )
    assert '"image":""' in (asked.value.post_data or "").replace(" ", "")


def test_both_variants_answer_a_typed_text(open_page: OpenPage) -> None:
    page = open_page()
    train_quickly(page, epochs=1, story="Sentiment", labels=16)
    page.get_by_label("Type a text").fill("A warm and generous book that I did not want to end.")
    page.get_by_role("button", name="Ask both").click()
    expect(page.locator("#try-it .headline")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.locator("#try-it .headline").first).to_contain_text(re.compile("positive|negative"))
    page.get_by_label("Type a text").fill("word " * 20_000)
    page.get_by_role("button", name="Ask both").click()
    expect(page.locator("#try-it").get_by_role("alert")).to_contain_text("10,000")


def brings_a_comparison(reply: Response) -> bool:
    """Whether a handler has answered that renews the whole page, and not only the list."""
    return reply.url.endswith("/run/predict") and len(reply.json()["data"]) > 9


def test_another_browser_sees_nothing_of_it(open_page: OpenPage, trained: dict[str, Any]) -> None:
    mine, theirs = open_page(storage_state=trained), open_page()
    expect(mine.locator("#history [data-comparison]")).to_have_count(1)
    expect(theirs.locator("#history")).to_contain_text("will be listed here")
    expect(theirs.locator("#verdict")).to_have_count(0)
    known = mine.locator("#history [data-comparison]").get_attribute("data-comparison")
    with theirs.expect_response(brings_a_comparison) as reply:  # even with the id, which can't be guessed
        theirs.evaluate(
            "(id) => { const list = document.querySelector('#history .history-list');"
            " list.innerHTML = `<button data-comparison='${id}'>x</button>`; list.querySelector('button').click(); }",
            known,
        )
    assert "Digits from" not in str(reply.value.json()["data"][1:9])
    expect(theirs.locator("#race-heading")).to_contain_text("This comparison is gone")
    expect(theirs.locator("#verdict")).to_have_count(0)


@pytest.mark.thorough
def test_the_command_lines_comparisons_are_in_the_list(open_page: OpenPage, server: Server, repository: Path) -> None:
    page = open_page()
    command = [sys.executable, "-m", "tlvsft", "compare", "--labels", "20", "--epochs", "2", "--seeds", "2"]
    environment = os.environ | {"TLVSFT_HOME": str(server.home)}
    subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True, timeout=PATIENCE_S)
    show_page(page, server.url)
    line = page.locator("#history .history-open").filter(has_text="command line")
    expect(line).to_have_count(1)
    line.click()
    expect(page.locator("#verdict")).to_contain_text("2 seeds")
    expect(page.locator("#race-heading")).to_contain_text("seeds 0–1")
    assert len([name for name in point_counts(page) if name.startswith("loss")]) == 4


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.thorough), "dark"])
def test_results_fit_on_a_phone(open_page: OpenPage, trained: dict[str, Any], scheme: str) -> None:
    page = open_page(storage_state=trained, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    expect(page.locator("#verdict")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
