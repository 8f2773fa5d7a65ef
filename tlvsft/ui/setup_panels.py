"""The setup's own HTML: stories, facts, column headings, what to start from, the button, complaints."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.methods import Method
from tlvsft.catalog.presets import BREAK_IT, PRESETS, STORIES
from tlvsft.config import Side
from tlvsft.ui.language_switch import language_switch_html
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.presenter_panels import presenter_bar_html, presenter_switch_html
from tlvsft.ui.setup import Setup
from tlvsft.ui.starts import Starts
from tlvsft.ui.texts import QUESTION, TITLE, class_title

_CLASSES_NAMED = 12


def header_html() -> Markup:
    """Title, question, presenter mode, and the switches between languages and between light and dark."""
    words = element("div", element("h1", TITLE), element("p", QUESTION, class_="question"))
    switch = element(
        "button", element("span", "◐", aria_hidden="true"), type="button", class_="theme-switch",
        data_theme_switch=True, aria_label="Switch between light and dark", title="Light / dark",
    )  # fmt: skip
    buttons = element("div", presenter_switch_html(), language_switch_html(), switch, class_="masthead-buttons")
    return join([element("header", words, buttons, class_="masthead"), presenter_bar_html()])


def stories_html(chosen: str | None) -> Markup:
    """The stories as chips; the chosen one's question below."""
    rows = [_stories_row(group, chosen) for group in (STORIES, BREAK_IT)]
    question = PRESETS[chosen].question if chosen else "Your own setup: choose data and methods, then train both."
    return join([*rows, element("p", question, class_="story-question")])


def _stories_row(group: str, chosen: str | None) -> Markup:
    chips = [
        element(
            "button", preset.title, type="button", class_="chip", data_story=name, aria_pressed=_truth(name == chosen)
        )
        for name, preset in PRESETS.items()
        if preset.group == group
    ]
    key = group.lower().replace(" ", "-")
    caption = element("span", group, class_="caption", id=f"{key}-caption")
    return element("div", caption, *chips, class_=f"chips {key}", role="group", aria_labelledby=f"{key}-caption")


def data_html(setup: Setup) -> Markup:
    """What the chosen dataset is: size, classes (where they are read), who made it."""
    data = setup.data
    train, validation, test = data.sizes
    unit = "texts" if setup.predicts_words else "examples"
    sizes = f"{train:,} training, {validation:,} validation and {test:,} test {unit}"
    names = ", ".join(map(class_title, data.classes[:_CLASSES_NAMED]))
    names += " …" if len(data.classes) > _CLASSES_NAMED else ""
    labels = "read without their labels" if setup.predicts_words else f"{len(data.classes)} classes ({names})"
    return element("p", element("b", data.title), f" · {labels} · {sizes}. {data.origin}", class_="data-facts")


def count_label(setup: Setup) -> str:
    """What the number of training examples is called."""
    return "Texts" if setup.predicts_words else "Labels"


def labels_range_html(setup: Setup) -> Markup:
    """A slider over the numbers of labels, or of texts, that the dataset allows."""
    low, high = setup.fewest_labels, setup.data.train_size
    share = 100 * (min(max(setup.labels, low), high) - low) / max(high - low, 1)
    slider = element(
        "input", type="range", min=low, max=high, step=1, value=setup.labels,
        aria_label=f"{count_label(setup)}, as a slider", style=f"--done: {share:.1f}%",
    )  # fmt: skip
    ends = element("div", element("span", f"{low:,}"), element("span", f"all {high:,}"), class_="ends")
    return element("div", slider, ends, class_="labels-range")


def start_html(starts: Starts, side: Side, *, chosen: str) -> Markup:
    """The choice of what a column starts from."""
    options = [
        element("option", option.title, value=option.value, selected=option.value == chosen)
        for option in starts.options
    ]
    select = element("select", *options, aria_label=f"Start from, {side}")
    dot = element("span", class_="dot", aria_hidden="true")
    caption = element("span", dot, f"Start from, {side}", class_="select-caption", aria_hidden="true")
    return element("div", caption, select, class_="select")


def column_heading_html(side: Side, method: Method) -> Markup:
    """Whose column this is: the popular name first."""
    title = element("h2", element("span", class_="dot", aria_hidden="true"), method.popular_name)
    return element("div", title, element("span", side, class_="side-tag"), class_=f"column-heading {side}")


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
