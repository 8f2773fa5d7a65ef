"""The words and the buttons of the section of sweeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.sweep_results import depth_config, labels_config, progress
from tlvsft.sweeps import SweepProgress
from tlvsft.ui.sweep_asking import choices_of_config
from tlvsft.ui.sweep_panel import (
    Estimate,
    choices_html,
    estimate_words,
    launch_html,
    list_html,
    progress_html,
    progress_words,
    question_html,
)


def some(**options: object) -> SweepProgress:
    return progress(labels_config(), finished=12, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate(total=84, known=0, seconds=300), "84 runs: about 5 min, in the background."),
        (
            Estimate(total=84, known=12, seconds=240),
            "84 runs, of which 12 known already: about 4 min, in the background.",
        ),
        (Estimate(total=1, known=1, seconds=None), "1 run, all known already: the figure is there at once."),
        (
            Estimate(total=9, known=0, seconds=None),
            "9 runs. How long they take is seen when the first have finished: nothing was measured before.",
        ),
    ],
)
def test_what_it_will_take(estimate: Estimate, words: str) -> None:
    assert estimate_words(estimate) == words


def test_what_is_on_the_screen_already_is_below() -> None:
    known = Estimate(total=84, known=84, seconds=None)
    assert estimate_words(known, is_shown=True) == "84 runs, all known already: the figure is below."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (some(), "12 of 96 runs · about 1 min left"),
        (some(state="queued", eta_s=None), "12 of 96 runs"),
        (
            some(state="queued", waits_for="comparison"),
            "12 of 96 runs · about 1 min left · waits: comparisons go first",
        ),
        (
            some(state="queued", eta_s=None, waits_for="sweep", place=2),
            "12 of 96 runs · waits for an earlier sweep, place 2",
        ),
        (some(state="stopped"), "Cancelled: 12 of 96 runs. What has finished is kept."),
        (
            some(state="interrupted"),
            "Interrupted, since the program that ran it has ended: 12 of 96 runs. What has finished is kept.",
        ),
        (progress(labels_config(), failed=2), "Finished: 94 of 96 runs, 2 failed."),
    ],
)
def test_how_far_it_is(found: SweepProgress, words: str) -> None:
    assert progress_words(found) == words


def test_a_bar_is_there_while_it_is_on_its_way() -> None:
    shown = progress_html(some(share=0.5))
    assert 'aria-valuenow="50"' in shown
    assert "width:50%" in shown
    assert "progressbar" not in progress_html(some(state="stopped"))


@pytest.mark.parametrize(
    ("found", "same", "idle", "action", "disabled"),
    [
        (None, False, False, "start", False),
        (None, False, True, "start", True),
        (some(), False, True, "stop", False),
        (some(state="stopped"), True, False, "resume", False),
        (some(state="interrupted"), True, False, "resume", False),
        (some(state="stopped"), False, False, "start", False),
        (progress(labels_config()), True, True, "start", True),
        (progress(labels_config()), True, False, "start", False),  # by another version of the program
        (progress(labels_config(), failed=1), True, False, "resume", False),
    ],
)
def test_one_button(found: SweepProgress | None, same: bool, idle: bool, action: str, disabled: bool) -> None:
    button = launch_html(found, same=same, idle=idle)
    assert f'data-do="{action}"' in button
    assert ("disabled" in button) == disabled


def test_the_list_says_what_each_one_varies() -> None:
    rows = list_html([(some(), True), (progress(depth_config()), False)], shown="abc123", now=1.8e9)
    assert "4 methods, 8 numbers of labels, 3 seeds" in rows
    assert "6 depths, 50 labels, 3 seeds" in rows
    assert rows.count("data-delete=") == 1
    assert rows.count('aria-current="true"') == 2


def test_the_question_names_it() -> None:
    assert "Delete Label efficiency (" in question_html(some(), now=1.8e9)


def test_data_is_not_translated() -> None:
    choices = choices_of_config(labels_config())
    assert "<b><span>Handwritten digits</span></b>" in choices_html(choices)
    assert '<b><span translate="no">reviews.csv</span></b>' in choices_html(replace(choices, dataset="/my/reviews.csv"))
