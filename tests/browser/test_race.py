"""The race: scale, smoothing, hover, zoom, older runs, words and tables, and what Stop leaves."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import (
    PATIENCE_S,
    Server,
    draw_seven,
    start_long,
    wait_for_points,
)
from tests.conditions import wait_until
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import ComparisonConfig
from tlvsft.events import Evaluated, Event, RunStarted, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
PATIENCE_MS = 1000 * PATIENCE_S
STEPS, LONG = 40, 50_000
DIGITS = PRESETS["digits"].comparison_config()
LAYOUT = "(chart) => { const { xaxis, yaxis } = document.querySelector(`[data-chart=${chart}]`).layout;"


def steps(first: int, last: int, *, pace: float) -> Iterator[StepTaken]:
    for number in range(first, last + 1):
        loss = 0.01 + 2 * math.exp(-number / 10) * (1 + 0.3 * math.sin(2 * number))
        yield StepTaken(
            step=number, epoch=number / 4, elapsed_s=1 + pace * number, train_loss=loss, examples=10 * number
        )


def validation(step: int, *, pace: float, accuracy: float, loss: float) -> Evaluated:
    return Evaluated(
        step=step, epoch=step / 4, elapsed_s=1 + pace * step, val_loss=loss, val_accuracy=accuracy, examples=10 * step
    )


def history(side: str, last: int, *, total: int) -> Iterator[Event]:
    """The right side takes three times as long, gets ahead after 20 steps and begins to overfit."""
    pace, is_right = (0.3, True) if side == "right" else (0.1, False)
    yield RunStarted(
        trainable_parameters=10,
        total_parameters=100,
        blocks=(),
        total_steps=total,
        epochs=10,
        train_examples=40,
        class_names=tuple("0123456789"),
    )
    yield validation(0, pace=pace, accuracy=0.1, loss=2.3)
    yield from steps(1, last, pace=pace)
    for step, left, right, risen in ((10, 0.8, 0.7, 0.6), (20, 0.85, 0.9, 0.4), (40, 0.86, 0.95, 0.5)):
        loss = risen if is_right else 1 / step
        yield validation(step, pace=pace, accuracy=right if is_right else left, loss=loss)


class Paper:
    """Comparisons of the command line that train on paper; every browser sees them, so they go at the end.

    A test asks for them before it asks for a page: then they go when no page polls them any more.
    """

    def __init__(self, home: Any) -> None:
        self.store = Store(home)
        self.ids: list[str] = []

    def train(
        self, config: ComparisonConfig = DIGITS, *, last: int = STEPS, total: int = STEPS, over: bool = True
    ) -> str:
        comparison_id = self.store.add_comparison(config, owner=None)
        self.ids.append(comparison_id)
        for run in self.store.comparison(comparison_id).runs:
            self.store.begin_run(run.id, ProcessIdentity.own())
            self.store.append_events(run.id, history(run.side, last, total=total))
            if over:
                self.store.end_run(run.id, "stopped")
        return comparison_id

    def go_on(self, comparison_id: str, first: int, last: int) -> None:
        for run in self.store.comparison(comparison_id).runs:
            self.store.append_events(run.id, steps(first, last, pace=0.1))

    def close(self) -> None:
        with self.store.database.writing() as connection:
            for comparison_id in self.ids:
                connection.execute(
                    "DELETE FROM events WHERE run_id IN (SELECT id FROM runs WHERE comparison_id = ?)", (comparison_id,)
                )
                connection.execute("DELETE FROM runs WHERE comparison_id = ?", (comparison_id,))
                connection.execute("DELETE FROM comparisons WHERE id = ?", (comparison_id,))
        self.store.close()


@pytest.fixture
def paper(server: Server) -> Iterator[Paper]:
    opened = Paper(server.home)
    yield opened
    opened.close()


def show(page: Page, comparison_id: str, *, last: int = STEPS, by_touch: bool = False) -> None:
    """Opens a comparison and waits until its curves are there."""
    line = page.locator(f"#history button[data-comparison='{comparison_id}']")
    if by_touch:
        line.tap()
    else:
        line.click()
    wait_for_last(page, last)


def wait_for_last(page: Page, last: int) -> None:
    page.wait_for_function(
        "(last) => { const own = document.querySelector('[data-chart=loss]').data.filter((trace) =>"
        " trace.meta.kind === 'smooth' && !trace.meta.isOlder);"
        " return own.length && own.every((trace) => trace.x.at(-1) === last); }",
        arg=last,
        timeout=PATIENCE_MS,
    )


def axes(page: Page, chart: str = "loss") -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        f"{LAYOUT} return {{ x: xaxis.range, isAll: xaxis.autorange !== false, y: yaxis.type }}; }}", chart
    )
    return found


def heights(page: Page, kind: str, side: str = "left") -> list[float]:
    found: list[float] = page.evaluate(
        "([kind, side]) => [...document.querySelector('[data-chart=loss]').data.find(({ meta }) =>"
        " meta.kind === kind && meta.side === side).y]",
        [kind, side],
    )
    return found


def roughness(values: list[float]) -> float:
    return sum(abs(one - other) for one, other in itertools.pairwise(values))


def middle_of(chart: Locator, *, across: float = 0.5) -> tuple[float, float]:
    chart.evaluate("(node) => node.scrollIntoView({ block: 'center' })")
    box = chart.bounding_box()
    assert box is not None
    return box["x"] + across * box["width"], box["y"] + 0.5 * box["height"]


@pytest.mark.thorough
def test_log_scale_and_smoothing_outlive_points_the_dark_and_another_comparison(
    paper: Paper, open_page: OpenPage
) -> None:
    other, running = paper.train(), paper.train(last=STEPS, total=100, over=False)
    page = open_page()
    show(page, running)
    assert axes(page)["y"] == "linear"
    raw, smooth = heights(page, "raw"), heights(page, "smooth")
    assert roughness(smooth) < roughness(raw)
    page.get_by_label("log scale").check()
    page.get_by_label("smoothing").fill("0")
    expect(page.locator(".smoothing output")).to_have_text("none")
    page.wait_for_function("() => document.querySelector('[data-chart=loss]').layout.yaxis.type === 'log'")
    wait_until(lambda: page.wait_for_timeout(50) or heights(page, "smooth") == heights(page, "raw"))
    page.get_by_label("smoothing").fill("0.98")
    expect(page.locator("[data-smoothing]")).to_have_text("bold: moving average over about the last 50 steps")
    wait_until(lambda: page.wait_for_timeout(50) or roughness(heights(page, "smooth")) < roughness(smooth))
    assert heights(page, "raw") == raw
    paper.go_on(running, STEPS + 1, STEPS + 5)
    wait_for_last(page, STEPS + 5)
    page.locator("[data-theme-switch]").click()
    show(page, other)
    assert axes(page)["y"] == "log"
    assert axes(page, "score")["y"] != "log"  # accuracy is a share
    assert roughness(heights(page, "smooth")) < roughness(smooth)


@pytest.mark.thorough
def test_the_average_has_no_slow_start_and_is_what_it_says(open_page: OpenPage) -> None:
    page = open_page()
    smooth = page.evaluate(
        "() => { const run = new tlvsft.RunPoints(0.5);"
        " run.take({ after: 0, cursor: 4, evaluations: [], steps: [[1, 1, 1, 4], [2, 2, 2, 4], [3, 3, 3, null],"
        " [4, 4, 4, 1, 'a column of the future']] }); const first = [...run.steps.smooth]; run.smoothBy(0);"
        " return [first, run.steps.smooth]; }"
    )
    assert smooth[0] == pytest.approx([4, 4, 4, (0.125 * 4 + 0.25 * 4 + 0.5 * 1) / 0.875])
    assert smooth[1] == [4, 4, 4, 1]


@pytest.mark.parametrize(
    ("axis", "scheme"), [pytest.param("seconds", "dark", marks=pytest.mark.thorough), ("examples", "light")]
)
def test_hover_shows_both_sides_on_every_axis(paper: Paper, open_page: OpenPage, axis: str, scheme: str) -> None:
    known = paper.train()
    page = open_page(color_scheme=scheme)
    show(page, known)
    page.get_by_role("radio", name=axis).check()
    for chart, kinds in (("loss", ["smoothed", "validation"]), ("score", ["validation"])):
        plot = page.locator(f"[data-chart={chart}]")
        x, y = middle_of(plot, across=0.45)
        page.mouse.move(x - 20, y)
        page.mouse.move(x, y, steps=4)
        label = plot.locator(".hoverlayer .legend")
        for kind in kinds:
            for name in ("Linear probe", "Full fine-tuning"):
                value = r"0\.\d{3}" if chart == "loss" else r"\d+\.\d%"
                expect(label).to_contain_text(re.compile(rf"{name}, {kind}: {value} at [\d.,]+"))
        ground = label.locator(".bg").evaluate("(node) => getComputedStyle(node).fill")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 30, 38)")
        page.mouse.move(0, 0)


@pytest.mark.thorough
def test_a_tap_shows_both_on_a_phone(paper: Paper, open_page: OpenPage) -> None:
    known = paper.train()
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    show(page, known, by_touch=True)  # a mouse left somewhere would take the label away
    plot = page.locator("[data-chart=loss]")
    label = plot.locator(".hoverlayer .legend")

    def tap() -> bool:
        page.touchscreen.tap(*middle_of(plot, across=0.6))
        page.wait_for_timeout(200)
        return label.count() == 1

    wait_until(tap)  # what is below may still move the page
    expect(label).to_contain_text("Linear probe, smoothed")
    expect(label).to_contain_text("Full fine-tuning, smoothed")


def seen_between(page: Page, low: int, high: int) -> int:
    """How many points of the left side's raw loss lie between two steps."""
    found: int = page.evaluate(
        "([low, high]) => document.querySelector('[data-chart=loss]').data.find(({ meta }) =>"
        " meta.kind === 'raw' && meta.side === 'left').x.filter((step) => step >= low && step <= high).length",
        [low, high],
    )
    return found


def test_a_zoom_brings_finer_points_and_survives_until_the_whole_is_asked_for(
    paper: Paper, open_page: OpenPage
) -> None:
    known = paper.train(last=LONG, total=LONG + 100, over=False)
    page = open_page()
    show(page, known, last=LONG)
    whole = page.get_by_role("button", name="Whole run")
    expect(whole).to_be_disabled()
    coarse = seen_between(page, 20_000, 20_999)
    assert 0 < coarse < 200
    plot = page.locator("[data-chart=loss]")
    plot.evaluate("(plot) => Plotly.relayout(plot, { 'xaxis.range': [20000, 20999] })")
    wait_until(lambda: page.wait_for_timeout(50) or seen_between(page, 20_000, 20_999) == 1_000)
    paper.go_on(known, LONG + 1, LONG + 100)
    wait_for_last(page, LONG + 100)
    assert axes(page)["x"] == [20_000, 20_999]
    assert seen_between(page, 20_000, 20_999) == 1_000
    plot.evaluate("(plot) => Plotly.relayout(plot, { 'xaxis.range': [30000, 30999] })")
    wait_until(lambda: page.wait_for_timeout(50) or seen_between(page, 30_000, 30_999) == 1_000)
    assert seen_between(page, 20_000, 20_999) == 0
    whole.click()
    wait_until(lambda: page.wait_for_timeout(50) or 0 < seen_between(page, 20_000, 20_999) < 200)
    assert axes(page)["isAll"]
    expect(whole).to_be_disabled()


@pytest.mark.thorough
def test_a_dragged_zoom_goes_with_a_double_click(paper: Paper, open_page: OpenPage) -> None:
    known = paper.train()
    page = open_page()
    show(page, known)
    x, y = middle_of(page.locator("[data-chart=loss]"))
    page.mouse.move(x - 80, y - 40)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=6)
    page.mouse.up()
    expect(page.get_by_role("button", name="Whole run")).to_be_enabled()
    assert not axes(page)["isAll"]
    zoomed = axes(page)["x"]
    page.get_by_label("log scale").check()
    page.wait_for_function("() => document.querySelector('[data-chart=loss]').layout.yaxis.type === 'log'")
    assert axes(page)["x"] == zoomed
    page.mouse.dblclick(x, y)
    expect(page.get_by_role("button", name="Whole run")).to_be_disabled()
    assert axes(page)["isAll"]


def older_traces(page: Page) -> list[tuple[str, str, str]]:
    """Each older trace of the loss chart: its side's colour, how it is drawn, and its kind."""
    found: list[list[str]] = page.evaluate(
        "() => document.querySelector('[data-chart=loss]').data.filter(({ meta }) => meta.isOlder)"
        ".map(({ line, meta, x }) => [line.color, line.dash, x.length ? meta.kind : 'empty'])"
    )
    return [(color, dash, kind) for color, dash, kind in found]


@pytest.mark.thorough
def test_older_runs_are_laid_over_named_and_cleared(paper: Paper, open_page: OpenPage) -> None:
    few, many = paper.train(replace(DIGITS, labels=20)), paper.train(replace(DIGITS, seeds=2))
    running, other = paper.train(total=100, over=False), paper.train(PRESETS["book-genres"].comparison_config())
    page = open_page()
    show(page, running)
    button, menu = page.get_by_role("button", name="Older runs"), page.locator(".older-menu")
    button.focus()
    page.keyboard.press("Enter")
    expect(menu.locator(f"input[value='{few}']")).to_be_visible()
    expect(menu.locator(f"input[value='{other}']")).to_have_count(0)
    expect(menu.locator("label").filter(has=page.locator(f"input[value='{few}']"))).to_contain_text("here 20 labels")
    menu.locator(f"input[value='{few}']").check()
    menu.locator(f"input[value='{many}']").check()
    key = page.locator(".older-key")
    expect(key.locator("li")).to_have_count(3)
    expect(key).to_contain_text("Linear probe vs Full fine-tuning, seed 0")
    wait_until(lambda: page.wait_for_timeout(50) or len(older_traces(page)) == 8)
    assert set(older_traces(page)) == {
        (color, dash, kind)
        for color in ("#0072b2", "#d55e00")
        for dash in ("dash", "dot")
        for kind in ("smooth", "validation")
    }
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    paper.go_on(running, STEPS + 1, STEPS + 5)
    wait_for_last(page, STEPS + 5)
    assert len(older_traces(page)) == 8
    page.get_by_role("radio", name="seconds").check()
    page.get_by_label("smoothing").fill("0.5")
    key.get_by_role("button", name=re.compile("Take away .*seed 0")).click()
    expect(key.locator("li")).to_have_count(1)
    wait_until(lambda: page.wait_for_timeout(50) or len(older_traces(page)) == 4)
    page.get_by_role("radio", name="steps").check()
    show(page, other)
    expect(key.locator("li")).to_have_count(0)
    assert older_traces(page) == []
    button.click()
    expect(menu.locator("p")).to_contain_text("No older runs on this data with this backbone yet")


@pytest.mark.thorough
def test_before_anything_was_trained_the_menu_says_what_to_do(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Older runs").click()
    expect(page.locator(".older-menu")).to_contain_text("Train both, or open a comparison")
    page.locator("h1").click()
    expect(page.locator(".older-menu")).to_be_hidden()
    expect(page.locator("[data-reading=loss] figcaption")).to_contain_text("will say in words")


def test_each_chart_says_in_words_and_in_a_table_what_it_shows(paper: Paper, open_page: OpenPage) -> None:
    known = paper.train()
    page = open_page()
    show(page, known)
    expect(page.locator("[data-reading=loss] figcaption")).to_have_text(
        "Validation loss: Linear probe 0.025 at step 40, its lowest so far; Full fine-tuning 0.500 at step 40, "
        "up from 0.400 at step 20 though its training loss fell: it overfits."
    )
    expect(page.locator("[data-reading=score] figcaption")).to_have_text(
        "Best so far: Linear probe 86.0 % (step 40), Full fine-tuning 95.0 % (step 40). "
        "At equal steps Full fine-tuning is ahead since step 20."
    )
    page.locator("[data-reading=score] summary").focus()
    page.keyboard.press("Enter")
    rows = page.locator("[data-reading=score] table tr")
    expect(rows).to_have_count(5)
    assert rows.nth(0).locator("th").all_inner_texts() == ["step", "Linear probe", "Full fine-tuning"]
    assert rows.nth(3).locator("th, td").all_inner_texts() == ["20", "85.0 %", "90.0 %"]


@pytest.mark.thorough
def test_several_seeds_are_read_as_their_mean_and_told_apart_in_the_table(paper: Paper, open_page: OpenPage) -> None:
    known = paper.train(replace(DIGITS, seeds=2))
    page = open_page()
    show(page, known)
    expect(page.locator("[data-reading=loss] figcaption")).to_contain_text("Linear probe 0.025 at step 40")
    page.locator("[data-reading=loss] summary").click()
    heads = page.locator("[data-reading=loss] thead th")
    expect(heads).to_have_count(5)
    expect(heads.nth(3)).to_have_text("Linear probe, seed 1")
    expect(page.locator("#race-progress .when").first).to_contain_text("seed 1 (2 of 2) · stopped after 40 of 40 steps")
    series = page.evaluate(
        "() => tlvsft.meanSeries([{ steps: [0, 8], values: [1, 3] }, { steps: [0, 8], values: [2, null] },"
        " { steps: [0], values: [9] }])"
    )
    assert series == [{"step": 0, "value": 1.5}]


def test_the_row_of_controls_fits_a_phone_and_the_keyboard(paper: Paper, open_page: OpenPage) -> None:
    known = paper.train()
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    show(page, known)
    bar = page.locator(".curves-bar")
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] < 130
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    reached = []
    page.locator("input[name=x-axis]").first.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.name || document.activeElement.textContent.trim()"))
    assert reached == ["log", "smoothing", "Older runs"]
    page.get_by_role("button", name="Older runs").click()
    expect(page.locator(".older-menu")).to_be_visible()
    menu = page.locator(".older-menu").bounding_box()
    assert menu is not None
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= 390


def test_stop_keeps_what_was_learnt_and_lets_it_be_asked(open_page: OpenPage) -> None:
    page = open_page()
    start_long(page)
    wait_for_points(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#outcome")).to_contain_text("What was learnt is kept", timeout=PATIENCE_MS)
    expect(page.locator("#race-progress .when").first).to_contain_text(
        re.compile(r"stopped after [\d,]+ of [\d,]+ steps")
    )
    expect(page.locator("#try-hint")).to_contain_text(re.compile("Not trained to the end: .*was stopped after step"))
    draw_seven(page)
    expect(page.locator("#verdict")).to_have_count(0)
    expect(page.locator(".numbers")).to_have_count(0)
