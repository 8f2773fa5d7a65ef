"""Progress on stderr: live lines on a terminal, few plain lines elsewhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.language_runs import ADAPTED, THAWED
from tlvsft.cli.progress import PLAIN_INTERVAL_S, Display, follow
from tlvsft.config import ComparisonConfig
from tlvsft.events import (
    BlocksChanged,
    Descended,
    Evaluated,
    Event,
    Noted,
    PrefixStored,
    RunFinished,
    RunStarted,
    StepTaken,
)
from tlvsft.runs.store import Store

STARTED = RunStarted(
    trainable_parameters=2_570,
    total_parameters=1_229_674,
    blocks=(),
    total_steps=40,
    epochs=10,
    train_examples=50,
    class_names=("0", "1"),
)
STEP = StepTaken(step=20, epoch=5.0, elapsed_s=1.0, train_loss=0.5, examples=250)
EVALUATED = Evaluated(step=20, epoch=5.0, elapsed_s=1.1, val_loss=0.6, val_accuracy=0.875, examples=250)
FINISHED = RunFinished(
    steps=40,
    frozen_intact=True,
    test_accuracy=0.9,
    test_macro_f1=0.9,
    confusion_matrix=((1,),),
    elapsed_s=2.5,
    train_s=1.0,
    examples_per_s=500.0,
    peak_memory_bytes=1,
)


STORED = PrefixStored(
    step=0,
    prefix_blocks=4,
    total_blocks=4,
    examples=50,
    total_examples=50,
    computed_s=1.25,
    reused=False,
    size_bytes=100,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def show(stream: io.StringIO, config: ComparisonConfig, *events: Event) -> str:
    display = Display(stream, config, clock=Clock())
    for event in events:
        display.take("left", 0, event)
        display.refresh()
    return stream.getvalue()


def test_plain_progress_is_a_line_at_the_start_and_one_at_the_end(digits_config: ComparisonConfig) -> None:
    lines = show(io.StringIO(), digits_config, STARTED, STEP, EVALUATED, FINISHED).splitlines()
    assert len(lines) == 2
    assert "training 2,570 of 1,229,674 parameters (0.21 %) on 50 examples" in lines[0]
    assert lines[1].endswith("test accuracy 90.0 %  2.5 s")


def test_plain_progress_speaks_up_now_and_then_and_only_with_news(digits_config: ComparisonConfig) -> None:
    stream, clock = io.StringIO(), Clock()
    display = Display(stream, digits_config, clock=clock)
    display.take("left", 0, STARTED)
    for seconds in (0.2, 1.2, 1.4, 2.6, 3.8):
        clock.now = seconds * PLAIN_INTERVAL_S
        display.take("left", 0, STEP)
        display.refresh()
    assert [("20/40" in line) for line in stream.getvalue().splitlines()] == [False, True]


def test_a_terminal_is_redrawn_in_place(digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    shown = show(Terminal(), digits_config, STARTED, STEP, EVALUATED)
    assert shown.count("\x1b[1F\x1b[2K") == 4
    last = shown.rsplit("\x1b[2K", 1)[1]
    assert "▓▓▓▓▓░░░░░  20/40  loss 0.500  val 87.5 %  1.1 s" in last
    assert len(last.splitlines()) == 2


def test_language_models_show_perplexities(digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    evaluated = replace(EVALUATED, val_accuracy=None, val_perplexity=81.45)
    assert "loss 0.500  val perplexity 81.5  1.1 s" in show(Terminal(), digits_config, STARTED, STEP, evaluated)
    finished = replace(FINISHED, test_accuracy=None, test_macro_f1=None, perplexity_before=141.62, perplexity=71.9)
    last = show(io.StringIO(), digits_config, STARTED, finished).splitlines()[-1]
    assert last.endswith("perplexity 141.6 → 71.9  2.5 s")


def test_blocks_that_are_computed_once_show_how_far_they_are(
    digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    shown = show(Terminal(), digits_config, STARTED, replace(STORED, examples=20))
    assert "frozen blocks 20/50\n" in shown
    assert "computed once" not in shown
    assert show(io.StringIO(), digits_config, STARTED, STORED).endswith("4 of 4 blocks computed once (1.2 s)\n")
    reused = show(io.StringIO(), digits_config, STARTED, replace(STORED, reused=True))
    assert reused.endswith("computed once (1.2 s, by an earlier run)\n")


def test_a_result_without_figures_is_still_an_end(digits_config: ComparisonConfig) -> None:
    nameless = replace(EVALUATED, val_accuracy=None)
    last = show(io.StringIO(), digits_config, STARTED, nameless, replace(FINISHED, test_accuracy=None)).splitlines()[-1]
    assert last.endswith("finished  2.5 s")


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_starts_and_thawed_blocks_are_lines_that_stay(stream: io.StringIO, digits_config: ComparisonConfig) -> None:
    shown = show(stream, digits_config, Descended(lineage=(ADAPTED,)), STARTED, BlocksChanged(step=20, blocks=THAWED))
    assert "seed 0  goes on from abcdefghijklmnop-left-0: adapting to book-reviews first\n" in shown
    assert "seed 0  now training 0, head\n" in shown


def test_a_plain_stream_gets_no_control_codes(digits_config: ComparisonConfig) -> None:
    assert "\x1b" not in show(io.StringIO(), digits_config, STARTED, STEP, FINISHED)


def test_a_note_is_shown_once(digits_config: ComparisonConfig) -> None:
    note = Noted(message="Long texts were cut.")
    assert show(io.StringIO(), digits_config, note, note).splitlines() == ["Note: Long texts were cut."]


@pytest.mark.parametrize("stream", [Terminal(), io.StringIO()])
def test_a_waiting_comparison_shows_its_place(stream: io.StringIO, digits_config: ComparisonConfig) -> None:
    clock = Clock()
    display = Display(stream, digits_config, clock=clock)
    clock.now = PLAIN_INTERVAL_S + 1
    display.refresh(queue_place=2)
    assert "place 2 in the queue" in stream.getvalue()


def test_follow_returns_when_all_runs_have_ended_and_shows_each_event_once(
    store: Store, digits_config: ComparisonConfig, finish_runs: Callable[..., None]
) -> None:
    comparison_id = store.add_comparison(digits_config, owner=None)
    stream = io.StringIO()
    waits: list[float] = []

    def work_meanwhile(seconds: float) -> None:
        waits.append(seconds)
        side = ("left", "right")[len(waits) - 1]
        finish_runs(store, comparison_id, {(side, 0): [True, False]})

    follow(store, comparison_id, Display(stream, digits_config), queue_place=lambda _: None, wait=work_meanwhile)
    assert len(waits) == 2
    assert stream.getvalue().count("training 10 of 100 parameters") == 2
    assert stream.getvalue().count("test accuracy 50.0 %") == 2
    assert stream.getvalue().count("Only a drill.") == 1


@pytest.mark.parametrize("event", [STEP, EVALUATED])
def test_the_next_seed_starts_from_zero(event: Event, digits_config: ComparisonConfig) -> None:
    stream = Terminal()
    display = Display(stream, digits_config)
    for seed in (0, 1):
        display.take("right", seed, STARTED)
        if seed == 0:
            display.take("right", seed, event)
    display.refresh()
    last = stream.getvalue().splitlines()[-1]
    assert "seed 1" in last
    assert "0/40" in last
    assert "loss" not in last
