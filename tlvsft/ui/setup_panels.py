"""The setup's own HTML: stories, column headings, the layer ladder, the button, complaints."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.datasets import BundledDataset
from tlvsft.catalog.methods import Method, get_method
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import block_states, trainable_parameters
from tlvsft.config import HEAD_BLOCK, Side
from tlvsft.events import BlockStatus
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.setup import Setup
from tlvsft.ui.texts import QUESTION, STATE_SIGNS, TITLE, block_title, class_title, describe_training


def header_html() -> Markup:
    """Title, question and the switch between light and dark."""
    words = element("div", element("h1", TITLE), element("p", QUESTION, class_="question"))
    switch = element(
        "button", element("span", "◐", aria_hidden="true"), type="button", class_="theme-switch",
        data_theme_switch=True, aria_label="Switch between light and dark", title="Light / dark",
    )  # fmt: skip
    return element("header", words, switch, class_="masthead")


def stories_html(chosen: str | None) -> Markup:
    """The stories as chips; the chosen one's question below."""
    chips = [
        element(
            "button", preset.title, type="button", class_="chip", data_story=name, aria_pressed=_truth(name == chosen)
        )
        for name, preset in PRESETS.items()
    ]
    question = PRESETS[chosen].question if chosen else "Your own setup: choose data and methods, then train both."
    return join(
        [
            element("div", element("span", "Story", class_="caption", id="story-caption"), *chips,
                    class_="chips", role="group", aria_labelledby="story-caption"),
            element("p", question, class_="story-question"),
        ]
    )  # fmt: skip


def data_html(data: BundledDataset) -> Markup:
    """What the chosen dataset is: size, classes, who made it."""
    train, validation, test = data.sizes
    names = ", ".join(map(class_title, data.classes))
    examples = f"{train:,} training, {validation:,} validation and {test:,} test examples"
    facts = f" · {len(data.classes)} classes ({names}) · {examples}. {data.origin}"
    return element("p", element("b", data.title), facts, class_="data-facts")


def labels_range_html(setup: Setup) -> Markup:
    """A slider over the numbers of labels that the dataset allows."""
    low, high = len(setup.data.classes), setup.data.train_size
    share = 100 * (min(max(setup.labels, low), high) - low) / max(high - low, 1)
    slider = element(
        "input", type="range", min=low, max=high, step=1, value=setup.labels, aria_label="Labels, as a slider",
        style=f"--done: {share:.1f}%",
    )  # fmt: skip
    ends = element("div", element("span", f"{low:,}"), element("span", f"all {high:,}"), class_="ends")
    return element("div", slider, ends, class_="labels-range")


def column_heading_html(side: Side, method: Method) -> Markup:
    """Whose column this is: the popular name first."""
    title = element("h2", element("span", class_="dot", aria_hidden="true"), method.popular_name)
    return element("div", title, element("span", side, class_="side-tag"), class_=f"column-heading {side}")


def ladder_html(setup: Setup, side: Side, *, stamp: int) -> Markup:
    """One side's ladder, head on top, and how much of the model it trains.

    Args:
        setup: What is chosen.
        side: Whose ladder.
        stamp: Differs each time, so that the script hears of every answer, also of one that changes nothing.
    """
    blocks = block_states(setup.summary, setup.variant(side), num_classes=len(setup.data.classes))
    trained, total, share = describe_training(blocks, trainable_parameters(blocks))
    rungs = [element("li", _rung(block, side)) for block in reversed(blocks)]
    count = element(
        "p",
        "training ",
        element("b", trained),
        f" of {total} parameters ",
        element("span", f"({share})", class_="nowrap"),
        class_="count",
        role="status",
    )
    return join(
        [
            element("p", get_method(setup.variant(side).method).summary, class_="method-summary"),
            element("ol", *rungs, class_="rungs", aria_label=f"Layers of the {side} variant, output on top"),
            count,
            element("i", hidden=True, data_stamp=stamp),
        ]
    )


def _rung(block: BlockStatus, side: Side) -> Markup:
    words = {"frozen": "frozen", "trains": "trains", "new": "new"}[block.state]
    parts = [
        sign(STATE_SIGNS[block.state]),
        element("span", block_title(block.name), class_="name"),
        " ",
        element("span", f"{block.parameters:,}", class_="size"),
        " ",
        element("span", words, class_="state"),
    ]
    if block.name == HEAD_BLOCK:
        return element("div", *parts, class_="rung is-head is-new", title="The head is always new.")
    hint = f"Click to {'thaw' if block.state == 'frozen' else 'freeze'} it; with Shift, everything below it too."
    return element(
        "button", *parts, type="button", class_=f"rung is-{block.state}", data_block=block.name, data_side=side,
        aria_pressed=_truth(block.state == "frozen"), title=hint,
    )  # fmt: skip


def launcher_html(*, running: bool, note: str = "") -> Markup:
    """The one button: Train both, or Stop in its place; what it waits for beside it."""
    label, action, symbol = ("Stop", "stop", "■") if running else ("Train both", "train", "▶\ufe0e")
    button = element("button", sign(symbol), label, type="button", class_=f"launch {action}", data_action=action)
    return join([button, element("p", note, class_="launch-note", role="status")])


def complaint_html(message: str) -> Markup:
    """What is wrong, in one line; nothing while all is well."""
    line = None if not message else element("span", sign("!"), message[0].upper() + message[1:], class_="complaint")
    return element("div", line, role="alert", class_="complaints")


def block_names(names: Sequence[str]) -> str:
    """Frozen blocks as the page keeps them between two clicks."""
    return ",".join(names)


def _truth(value: bool) -> str:  # noqa: FBT001  the attribute's value
    return "true" if value else "false"
