"""What links do: the form's content as a link at each change and when it is to be copied; an opened one's content."""

from __future__ import annotations

from typing import Any

import gradio as gr

from tlvsft.config import ComparisonConfig
from tlvsft.errors import TlvsftError
from tlvsft.ui.form import Updates, read_setup
from tlvsft.ui.link_layout import LinkParts
from tlvsft.ui.link_panel import command_line_html, link_note_html, link_value, no_link
from tlvsft.ui.link_reading import OpenedLink, open_link
from tlvsft.ui.parts import ResultParts, SetupParts
from tlvsft.ui.setup import setup_of_config
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.views import View
from tlvsft.ui.visitor import read_visitor


def connect_link(parts: SetupParts, *, visitor: gr.BrowserState) -> None:
    """Makes the button answer: with the link of what is in the form now, whatever was on its way before."""
    filled_in = [visitor, *parts.inputs()]
    parts.links.bar.click(answer_link, filled_in, parts.links.bar, trigger_mode="multiple", **QUICK)


def answer_link(event: gr.EventData, kept: Any, *values: Any) -> dict[str, Any]:
    """The link of the form's content, with the number of the question."""
    asked = read_click(event).get("asked")
    try:
        value = link_value(read_setup(*values, owner=read_visitor(kept).owner))
    except TlvsftError as error:
        value = no_link(str(error))
    return value | {"asked": asked if isinstance(asked, int) else 0}


def read_request(request: gr.Request | None) -> OpenedLink:
    """What the address says with which the page was opened."""
    params = None if request is None else getattr(request, "query_params", None)
    said = [] if params is None else params.multi_items()
    return open_link((str(name), str(value)) for name, value in said)


def show_note(parts: LinkParts, opened: OpenedLink, view: View) -> Updates:
    """What has to be said of the link that was opened."""
    other = opened.setup is not None and view.comparison is not None and not _is_of(view.comparison.config, opened)
    return {parts.note: link_note_html(opened.problems, other=other, running=view.is_running)}


def show_command_line(parts: ResultParts, view: View) -> Updates:
    """The command line of the comparison on the screen."""
    return {parts.command: command_line_html(None if view.comparison is None else view.comparison.config)}


def _is_of(config: ComparisonConfig, opened: OpenedLink) -> bool:
    """Whether a comparison is one of the link's setup."""
    ran = setup_of_config(config)
    return ran is not None and opened.setup is not None and ran.usual() == opened.setup.usual()
