"""What is seen of a recording: its offer, its controls and bars, its ladders and how it ended. Each says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tlvsft.catalog.ladder import trainable_parameters
from tlvsft.comparison.recording_reader import recording_names
from tlvsft.comparison.recordings import RecordedExample, Recording
from tlvsft.config import SIDES, Side
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.answer_cards import Said, panel_classes, said_html, say_class
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.ladder_panel import rung_html
from tlvsft.ui.live_panels import ProgressRow, row_html
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.result_panels import decided_html, results_html
from tlvsft.ui.texts import (
    WINNER_WORDS,
    class_title,
    comparison_title,
    describe_comparison,
    describe_training,
    side_names,
)

SPEEDS = (1, 4)
EMPTY_OUTCOME = "At the end of the recording its verdict and its numbers will stand here."


def offer_html() -> Markup:
    """The quiet button beside Train both; its script knows which stories there is a recording of."""
    button = element(
        "button", sign("▶\ufe0e"), "Play a recording", type="button", class_="quiet", data_play=True,
        data_recordings=" ".join(recording_names()), disabled=True,
    )  # fmt: skip
    return element("div", button, element("span", class_="facts", data_why=True, role="status"), class_="replay-offer")


def badge_html(recording: Recording) -> Markup:
    """That this is a recording, of when and from where."""
    machine = recording.machine
    cores = f"{machine.cores} core{'' if machine.cores == 1 else 's'}"
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return element(
        "p",
        sign("●"),
        f"Recording made on {describe_day(recording.made_on)} on {machine.cpu or machine.system}, {cores}: "
        "nothing is trained now",
        class_="recording-badge",
        title=f"{machine.system}, {versions}",
    )


def describe_day(day: str) -> str:
    """A day as people write it, e.g. `26 November 2026`; as it is, if it is none."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.day} {found:%B %Y}"


def stage_html(recording: Recording) -> Markup:
    """Heading, controls, bars and sentence; the page's script moves them."""
    names = side_names(recording.config)
    heading = element("h2", comparison_title(recording.config))
    facts = element("p", describe_comparison(recording.config), class_="facts")
    begin = ProgressRow(done=0, words="")
    rows = [row_html(side, name=names[side], shown=begin, label="Recorded progress") for side in SIDES]
    return join(
        [
            element("div", element("div", heading, facts), _controls(), class_="replay-head"),
            badge_html(recording),
            element("div", *rows, class_="progress"),
            element("p", "", class_="summary", id="replay-in-words"),
        ]
    )


def outcome_html(comparison: ComparisonRecord, recording: Recording, progress: Mapping[str, RunProgress]) -> Markup:
    """The verdict, the numbers and a few test examples with both answers."""
    verdict = recording.verdict
    card = element(
        "section", element("h2", "Verdict"), badge_html(recording),
        element("span", WINNER_WORDS[verdict.winner], class_=f"badge {verdict.winner}"),
        element("p", verdict.statement, class_="replay-statement"), decided_html(verdict),
        class_=f"card verdict-card {verdict.winner}",
    )  # fmt: skip
    numbers = element("div", card, results_html(comparison, progress), class_="replay-column")
    return element("div", numbers, _examples(recording) if recording.examples else None, class_="replay-outcome")


def empty_outcome_html() -> Markup:
    """What stands there while a recording plays."""
    waiting = element("section", element("h2", "Verdict"), element("p", EMPTY_OUTCOME, class_="empty"),
                      class_="card verdict-card")  # fmt: skip
    return element("div", waiting, class_="replay-outcome")


def ladder_html(progress: RunProgress, side: Side) -> Markup:
    """A ladder as it was recorded: to be looked at, not clicked."""
    blocks = progress.blocks
    adapts = any(block.state == "adapts" for block in blocks)
    largest = max(block.parameters for block in blocks)
    rungs = [element("li", rung_html(block, largest=largest)) for block in reversed(blocks)]
    trained, total, share = describe_training(blocks, trainable_parameters(blocks))
    return join(
        [
            element("p", "As it was recorded: it can't be changed while the recording is on.", class_="method-summary"),
            element("ol", *rungs, class_="rungs has-adapters" if adapts else "rungs",
                    aria_label=f"Recorded layers of the {side} variant, output on top"),
            element("p", "trained ", element("b", trained), f" of {total} parameters ",
                    element("span", f"({share})", class_="nowrap"), class_="count"),
        ]
    )  # fmt: skip


def _controls() -> Markup:
    speeds = [
        element("button", f"{speed}×", type="button", class_="quiet", data_speed=speed,
                aria_pressed="true" if speed == SPEEDS[0] else "false",
                aria_label=f"{speed}×: play at {speed} times the speed")
        for speed in SPEEDS
    ]  # fmt: skip
    buttons = [
        element("button", "Pause", type="button", class_="quiet", data_pause=True),
        *speeds,
        element("button", "To the end", type="button", class_="quiet", data_end=True),
        element("button", "From the start", type="button", class_="quiet", data_restart=True),
        element("button", sign("■"), "Stop playing", type="button", class_="quiet", data_leave=True),
    ]
    clock = element("span", "0.0 s", class_="replay-clock", data_clock=True)
    return element("div", *buttons, clock, class_="replay-controls", role="group", aria_label="The recording")


def _examples(recording: Recording) -> Markup:
    names = side_names(recording.config)
    items = [element("li", *_describe_example(example, names), class_="answer") for example in recording.examples]
    told = "Some test examples with both recorded answers: at most three of each outcome, not the whole test."
    return element(
        "section",
        element("h2", "Same examples, both answers"),
        element("p", told, class_="facts"),
        element("ul", *items, class_="answer-list"),
        class_=panel_classes(recording.config, "answers"),
    )


def _describe_example(example: RecordedExample, names: Mapping[Side, str]) -> list[Markup]:
    truth = class_title(example.truth)
    if example.image is not None:
        shown = element("img", src=example.image, alt=f"a test example: {truth}", class_="example-image")
    else:
        shown = element("p", example.text or "", class_="example-text", translate="no")
    said: dict[Side, Said] = {
        "left": say_class(example.left_share, example.left, is_right=example.left == example.truth),
        "right": say_class(example.right_share, example.right, is_right=example.right == example.truth),
    }
    lines = [said_html(side, names[side], said[side]) for side in SIDES]
    return [shown, element("p", "true: ", element("b", truth, translate="no"), class_="truth"), *lines]
