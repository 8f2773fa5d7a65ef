"""What the page says of links, and the equivalent command line as a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tlvsft.catalog.own import is_own
from tlvsft.comparison import command_line
from tlvsft.comparison.command_line import DATA_PLACEHOLDER
from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.errors import TlvsftError
from tlvsft.ui.links import link_of
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.setup import Setup, as_asked, is_to_come

FORM_CAPTION = "The setup in the form, on the command line"
SCREEN_CAPTION = "This comparison, on the command line"
PROBLEMS_SAID = 3
_OTHER_ON_SCREEN = "The form has the setup of this page's link. Below is another comparison{}."
OWN_DATA_NOTE = (
    f"Write the path of your file or folder in the place of {DATA_PLACEHOLDER}. Columns that aren't called text (or "
    "image) and label are named with --text-column (or --image-column) and --label-column."
)
_EARLIER_RUN = (
    "It starts from an earlier run, so it works only where that run is: on this machine, with the same store."
)


def link_value(setup: Setup) -> dict[str, Any]:
    """What the page's script needs to write the link of a setup, or to say why there is none."""
    try:
        link = link_of(setup)
    except TlvsftError as error:
        return no_link(str(error))
    return {"query": link.query, "left_out": list(link.left_out), "problem": ""}


def no_link(problem: str) -> dict[str, Any]:
    """The same for a form that can't be read."""
    return {"query": "", "left_out": [], "problem": f"No link for now. {problem}"}


def link_note_html(problems: Sequence[str] = (), *, other: bool = False, running: bool = False) -> Markup:
    """What has to be said of a link that was opened; nothing where all is well.

    Args:
        problems: What in it can't be used, one sentence each.
        other: Whether the comparison on the screen isn't that of the link.
        running: Whether it is on its way.
    """
    lines: list[Markup | str] = [_describe_problems(problems)] if problems else []
    if other:
        lines.append(_OTHER_ON_SCREEN.format(", which goes on" if running else ""))
    said = [element("p", line, class_="link-note") for line in lines]
    return element("div", *said, role="status", class_="link-notes")


def _describe_problems(problems: Sequence[str]) -> Markup:
    """Each in an element of its own: some begin with a small letter, so as sentences they can't be told apart."""
    more = len(problems) - PROBLEMS_SAID
    told = [*problems[:PROBLEMS_SAID], *([f"And {more} more."] if more > 0 else [])]
    spans = [piece for problem in told for piece in (" ", element("span", problem))]
    return join(["Part of this link can't be used; the usual stands in its place.", *spans])


def form_line_html(setup: Setup) -> Markup:
    """The command line of the setup in the form."""
    try:
        return command_line_html(setup.config(), FORM_CAPTION)
    except TlvsftError as error:
        return no_line_html(str(error))


def no_line_html(problem: str) -> Markup:
    """The same card for a form that can't be read."""
    return element(
        "section", element("h2", FORM_CAPTION), element("p", problem, class_="facts"), class_="card command-line"
    )


def command_line_html(config: ComparisonConfig | None, caption: str = SCREEN_CAPTION) -> Markup:
    """The line that starts a comparison without the page, to copy; nothing where there is none."""
    if config is None:
        return Markup("")
    return line_html(command_line(config), caption, notes=_notes(config))


def line_html(line: str, caption: str, *, notes: Sequence[str] = ()) -> Markup:
    """A line to copy as a card, and what has to be known to use it."""
    code = element("code", *_breakable(line), translate="no")
    shown = element("pre", code, tabindex=0, role="region", aria_label=caption)
    button = element(
        "button", "Copy", type="button", class_="quiet", data_copy=True, aria_label="Copy the command line"
    )
    said = element("span", "", role="status", class_="facts", data_said=True)
    said_of_it = [element("p", note, class_="facts") for note in notes]
    row = element("div", button, said, class_="copy-row")
    return element("section", element("h2", caption), shown, row, *said_of_it, class_="card command-line")


def _breakable(line: str) -> list[Markup]:
    """A line in pieces of which none is broken: browsers would break it after any hyphen."""
    first, *options = line.split(" --")
    return [element("span", first, class_="option"), *(_option(option) for option in options)]


def _option(option: str) -> Markup:
    return join([" ", element("span", f"--{option}", class_="option")])


def _notes(config: ComparisonConfig) -> list[str]:
    """What has to be known to use the line."""
    asked = as_asked(config)
    starts = [asked.variant(side).start for side in SIDES]
    notes = [OWN_DATA_NOTE] if is_own(config.dataset.name) else []
    if any(start is not None and not is_to_come(start) for start in starts):
        notes.append(_EARLIER_RUN)
    return notes
