"""Where links stand on the page: what is said of one that was opened, the buttons, the command line of the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from tlvsft.ui.link_panel import form_line_html, link_note_html, link_value, no_line_html, no_link
from tlvsft.ui.setup import Setup
from tlvsft.ui.theme import LINK_SCRIPT, script_tags

_BAR_TEMPLATE = """
<div class="link-bar">
  <button type="button" class="quiet" data-line aria-expanded="false" aria-controls="form-line">Command line</button>
  <button type="button" class="quiet" data-link>Copy link</button>
  <div class="link-said" hidden>
    <p role="status"></p>
    <label hidden>The link, to copy by hand <input type="text" readonly translate="no"></label>
  </div>
</div>
"""


@dataclass(frozen=True, kw_only=True)
class LinkParts:
    """What belongs to links.

    Attributes:
        note: What is said of a link that was opened.
        bar: The buttons; its value is what `tlvsft.ui.link_panel.link_value` makes.
        line: The command line of the form.
    """

    note: gr.HTML
    bar: gr.HTML
    line: gr.HTML

    def outputs(self) -> list[Any]:
        """All of it."""
        return [self.note, self.bar, self.line]


def show_link(parts: LinkParts, setup: Setup) -> dict[Any, Any]:
    """The link and the command line of what is in the form."""
    return {parts.bar: link_value(setup), parts.line: form_line_html(setup)}


def show_no_link(parts: LinkParts, problem: str) -> dict[Any, Any]:
    """The same for a form that can't be read."""
    return {parts.bar: no_link(problem), parts.line: no_line_html(problem)}


def build_link_note() -> gr.HTML:
    """Above the form."""
    return gr.HTML(link_note_html(), apply_default_css=False, elem_id="link-note")


def build_link_bar() -> gr.HTML:
    """On the line of "More", at its other end."""
    return gr.HTML(
        {},
        html_template=_BAR_TEMPLATE,
        js_on_load="tlvsft.link(element, props, watch, trigger, 'click');",
        head=script_tags(LINK_SCRIPT),
        apply_default_css=False,
        elem_id="link-bar",
    )


def build_form_line(setup: Setup) -> gr.HTML:
    """Below the form; its button shows it."""
    return line_panel(form_line_html(setup), elem_id="form-line")


def line_panel(value: str, **options: Any) -> gr.HTML:
    """A card with a command line; its button copies it."""
    head = script_tags(LINK_SCRIPT)
    return gr.HTML(value, js_on_load="tlvsft.copyLine(element);", head=head, apply_default_css=False, **options)
