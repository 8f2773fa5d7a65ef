"""What the panels say, and that no data can become markup in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tlvsft.comparison import PairedPrediction, Verdict
from tlvsft.config import ComparisonConfig
from tlvsft.events import BlockStatus, Evaluated, PrefixStored, RunFinished, RunStarted, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import Example
from tlvsft.runs.store import Store
from tlvsft.ui.answer_panels import Selection, answers_html, confidences_html, select
from tlvsft.ui.feed import Feed
from tlvsft.ui.ladder_panel import ladder_html
from tlvsft.ui.live_panels import current_runs, curves_sentence, heading_html, progress_html
from tlvsft.ui.result_panels import results_html, verdict_html
from tlvsft.ui.settling import choose_frozen
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.setup_panels import complaint_html, launcher_html, stories_html
from tlvsft.ui.texts import side_names

NASTY = "<script>alert(1)</script>"
STARTED = RunStarted(
    trainable_parameters=10,
    total_parameters=100,
    blocks=tuple(BlockStatus(name=name, parameters=10, state="frozen") for name in ("embedding", *"0123", "head")),
    total_steps=40,
    epochs=10,
    train_examples=50,
    class_names=("0", "1"),
)
FINISHED = RunFinished(
    steps=40, frozen_intact=True, test_accuracy=0.9, test_macro_f1=0.9, confusion_matrix=((1,),), elapsed_s=2.5,
    train_s=1.0, examples_per_s=500.0, peak_memory_bytes=1,
)  # fmt: skip
RIGHT, WRONG = (0.9, 0.1), (0.2, 0.8)


def pair(index: int, *, left: bool, right: bool, text: str = "words") -> PairedPrediction:
    return PairedPrediction(
        index=index,
        example=Example(index=index, label=0, text=text),
        true_label=0,
        left_probabilities=np.array(RIGHT if left else WRONG, dtype=np.float32),
        right_probabilities=np.array(RIGHT if right else WRONG, dtype=np.float32),
    )


ROWS = [pair(0, left=True, right=True), pair(1, left=True, right=False), pair(2, left=False, right=False)]


def test_the_ladder_stands_head_first_and_says_what_trains() -> None:
    html = ladder_html(choose_frozen(setup_of_story("digits"), "left", ["embedding", "0"]), "left", stamp=1)
    assert re.findall(r'class="name">([^<]+)', html) == [
        "head",
        "block 3",
        "block 2",
        "block 1",
        "block 0",
        "embedding",
    ]
    assert re.findall(r'class="state">([^<]+)', html) == ["new", *["trains"] * 3, *["frozen"] * 2]
    assert html.count('aria-pressed="true"') == 2
    assert re.search(r"training <b>[\d,]+</b> of 1,229,674 parameters <span class=\"nowrap\">\([\d.]+ %\)", html)


def test_the_button_is_one_or_the_other() -> None:
    assert "Train both" in launcher_html(running=False)
    assert "Stop" not in launcher_html(running=False)
    assert "Train both" not in launcher_html(running=True)


def test_one_story_is_pressed() -> None:
    assert stories_html("digits").count('aria-pressed="true"') == 1
    assert stories_html(None).count('aria-pressed="true"') == 0


@pytest.mark.parametrize(
    ("chosen", "indices"), [("all", [0, 1, 2]), ("left", [1]), ("right", []), ("neither", [2]), ("both", [0])]
)
def test_filters(chosen: Any, indices: list[int]) -> None:
    assert [row.index for row in select(ROWS, Selection(outcome=chosen))] == indices


def test_data_never_becomes_markup(digits_config: ComparisonConfig) -> None:
    rows = [pair(0, left=True, right=False, text=NASTY)]
    for html in (
        answers_html(digits_config, rows, [NASTY, NASTY]),
        confidences_html(digits_config, [NASTY, "b"], {"left": [0.5, 0.5], "right": [0.1, 0.9]}),
        complaint_html(NASTY),
        verdict_html(None, waiting_for=NASTY),
    ):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_pages_stay_in_bounds(digits_config: ComparisonConfig) -> None:
    rows = [pair(index, left=True, right=True) for index in range(20)]
    assert "17–20 of 20" in answers_html(digits_config, rows, ["a", "b"], Selection(page=99))
    assert "0 of 0" in answers_html(digits_config, rows, ["a", "b"], Selection(outcome="neither"))


def test_the_verdict_has_its_id_only_when_there_is_one() -> None:
    verdict = Verdict(
        winner="tie",
        difference=0.0,
        ci95=(-0.1, 0.1),
        p_value=1.0,
        statement="Too close to call.",
        method="exact McNemar test",
        seeds=1,
        examples=100,
        cost_ratio=None,
    )
    html = verdict_html(verdict, waiting_for="")
    assert 'id="verdict"' in html
    assert (
        html.index('id="verdict"') < html.index("<summary>How this was decided</summary>") < html.index("McNemar 1947")
    )
    assert 'id="verdict"' not in verdict_html(None, waiting_for="It comes.")


def test_numbers_of_a_finished_comparison(
    store: Store, digits_config: ComparisonConfig, record_comparison: Callable[..., str]
) -> None:
    known = record_comparison(digits_config, {("left", 0): [True, True], ("right", 0): [True, False]})
    comparison, feed = store.comparison(known), Feed(store)
    progress = {run.id: feed.progress(run.id) for run in comparison.runs}
    html = results_html(comparison, progress)
    assert "100.0 %" in html
    assert "50.0 %" in html
    assert "✓ yes, bit for bit" in html
    assert "nothing frozen" in html
    assert "Validation accuracy: Linear probe 50.0 %" in curves_sentence(
        side_names(digits_config), current_runs(comparison, progress)
    )
    live = progress_html(comparison, current_runs(comparison, progress))
    assert "done in 1.0 s" in live
    assert "Only a drill." in live
    assert "from the command line" in heading_html(comparison)


def test_a_comparison_that_waits(store: Store, digits_config: ComparisonConfig) -> None:
    comparison, feed = store.comparison(store.add_comparison(digits_config, owner="me")), Feed(store)
    progress = {run.id: feed.progress(run.id) for run in comparison.runs}
    html = progress_html(comparison, current_runs(comparison, progress))
    assert html.count(">waiting<") == 2
    assert 'aria-valuenow="0"' in html
    assert "will stand here" in results_html(comparison, progress)


def test_blocks_that_are_computed_once_show_how_far_they_are_and_what_that_saved(
    store: Store, digits_config: ComparisonConfig, finish_runs: Callable[..., None]
) -> None:
    comparison_id = store.add_comparison(digits_config, owner="me")
    left = store.comparison(comparison_id).run("left")
    stored = PrefixStored(
        step=0, prefix_blocks=4, total_blocks=4, examples=20, total_examples=50, computed_s=1.5, reused=False,
        size_bytes=9,
    )  # fmt: skip

    def show() -> str:
        comparison, feed = store.comparison(comparison_id), Feed(store)
        progress = {run.id: feed.progress(run.id) for run in comparison.runs}
        return progress_html(comparison, current_runs(comparison, progress)) + results_html(comparison, progress)

    store.begin_run(left.id, ProcessIdentity.own())
    store.append_events(left.id, [STARTED, stored])
    assert "frozen blocks: 20 of 50 · " in show()
    assert "computed once" not in show()
    store.append_event(left.id, replace(stored, examples=50))
    assert "4 of 4 blocks computed once, in 1.5 s." in show()
    finish_runs(store, comparison_id, {("right", 0): [True, False]})
    store.end_run(left.id, "finished", event=replace(FINISHED, reused_s=1.5, prefix_blocks=4, prefix_speedup=31.25))
    shown = show()
    assert "4 of 4 blocks computed once, in 1.5 s: 31.2 × faster per epoch, measured." in shown
    assert "epochs 31.2 × faster</td><td>none</td>" in shown
    assert "<td>4.0 s</td>" in shown  # 2.5 s, and what it found
    assert "an earlier run had computed the same frozen blocks; its 1.5 s count here." in shown


def test_the_pace_is_that_of_the_steps_not_of_what_came_before(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(digits_config, owner="me")
    left = store.comparison(comparison_id).run("left")
    store.begin_run(left.id, ProcessIdentity.own())
    evaluated = Evaluated(step=0, epoch=0, elapsed_s=60.0, val_loss=2.0, val_accuracy=0.1, examples=0)
    step = StepTaken(step=10, epoch=1.0, elapsed_s=61.0, train_loss=1.0, examples=100)
    store.append_events(left.id, [STARTED, evaluated, step])
    comparison, feed = store.comparison(comparison_id), Feed(store)
    progress = {run.id: feed.progress(run.id) for run in comparison.runs}
    assert "step 10 of 40" in (html := progress_html(comparison, current_runs(comparison, progress)))
    assert re.search(r"· (about )?3 s left", html)
