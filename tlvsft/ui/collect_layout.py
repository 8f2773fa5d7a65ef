"""Where photos are collected, and the camera where trained variants are asked, as parts of the page."""

from __future__ import annotations

import gradio as gr

from tlvsft.ui.collect_panel import ask_camera_html, collect_html
from tlvsft.ui.theme import COLLECT_SCRIPTS, script_tags


def build_collect() -> gr.HTML:
    """The panel. Its value is the server's last answer, for the script alone."""
    return gr.HTML(
        None,
        html_template=collect_html(),
        js_on_load="tlvsft.collect(element, props, trigger, upload, watch);",
        head=script_tags(*COLLECT_SCRIPTS),
        apply_default_css=False,
        elem_id="collect",
    )


def build_ask_camera() -> gr.HTML:
    """A camera beside the field for an image of one's own; its photos go the way that files go."""
    return gr.HTML(
        ask_camera_html(),
        js_on_load="tlvsft.askCamera(element);",
        head=script_tags(*COLLECT_SCRIPTS),
        apply_default_css=False,
        elem_id="ask-camera",
    )
