"""Where sweeps stand on the page. The script `sweeps.js` asks for everything in it, and keeps what was typed."""

from __future__ import annotations

import gradio as gr

from tlvsft.catalog.presets import DEFAULT_PRESET
from tlvsft.report.sweeps import TITLES
from tlvsft.sweeps import KINDS
from tlvsft.ui.markup import Markup, element
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.sweep_asking import choices_of_form
from tlvsft.ui.sweep_panel import INTRODUCTIONS, NONE_YET, choices_html, launch_html
from tlvsft.ui.theme import SWEEP_SCRIPTS, script_tags


def build_sweeps() -> gr.HTML:
    """The section."""
    return gr.HTML(
        None,
        html_template=_template(),
        js_on_load="tlvsft.sweeps(element, props, watch, trigger);",
        head=script_tags(*SWEEP_SCRIPTS),
        apply_default_css=False,
        elem_id="sweeps",
    )


def _template() -> Markup:
    """As for the first story, until its script has asked; constant, since gradio runs a template as JavaScript."""
    first = KINDS[0]
    kinds = [
        element(
            "button",
            TITLES[kind],
            type="button",
            class_="chip",
            data_kind=kind,
            aria_pressed=str(kind == first).lower(),
        )
        for kind in KINDS
    ]
    choices = choices_html(choices_of_form(first, setup_of_story(DEFAULT_PRESET)))
    launch = launch_html(None, same=False, idle=True)
    shown = element(
        "div",
        element("div", element("h3", class_="sweep-title"), element("div", class_="sweep-take"), class_="sweep-head"),
        element("div", class_="sweep-progress"),
        element("p", class_="sweep-reading reading"),
        element("div", class_="sweep-figure"),
        class_="sweep-shown",
        hidden=True,
    )
    line = element(
        "details", element("summary", "The same on the command line"), element("div", class_="sweep-line"),
        class_="sweep-command",
    )  # fmt: skip
    return element(
        "section",
        element("h2", "How many labels? How deep to freeze?", id="sweeps-heading", tabindex="-1"),
        element("div", *kinds, class_="chips", role="group", aria_label="What is varied"),
        element("p", INTRODUCTIONS[first], class_="facts sweep-introduction"),
        element("div", choices, class_="sweep-choices"),
        element("p", class_="sweep-problem", role="status"),
        element(
            "div",
            element("div", launch, class_="sweep-launch"),
            element("p", class_="sweep-estimate"),
            class_="sweep-start",
        ),
        line,
        element("p", class_="sweep-said", role="status", hidden=True),
        shown,
        element("p", class_="reader-only sweep-aloud", role="status"),
        element("div", class_="history-question sweep-question"),
        element(
            "details", element("summary", "Earlier sweeps"), element("p", NONE_YET, class_="facts sweep-none"),
            element("ol", class_="history-list"), class_="sweep-earlier",
        ),
        class_="card sweeps history",
        aria_labelledby="sweeps-heading",
    )  # fmt: skip
