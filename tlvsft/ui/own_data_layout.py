"""Where the parts of "Your own data" stand. Nothing here knows what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from tlvsft.catalog.own import MOST_TITLE_CHARACTERS
from tlvsft.runs.home import on_shared_host
from tlvsft.ui.components import html_panel, open_dropdown
from tlvsft.ui.own_data_panel import OWN_DATA_TITLE, invitation_html, kept_html, status_html


@dataclass(frozen=True, kw_only=True)
class OwnDataParts:
    """The panel's parts.

    Attributes:
        box: All of it; opens and closes.
        upload: The file.
        status: Whether it is being read, or was refused.
        found: What it turned out to be; seen once it was read.
        examined: Classes, splits and a preview.
        columns: The two columns; seen where there are any.
        inputs: The column of texts or images.
        label: The column of classes.
        kept: The visitor's datasets.
    """

    box: gr.Accordion
    upload: gr.File
    status: gr.HTML
    found: gr.Column
    examined: gr.HTML
    columns: gr.Row
    inputs: gr.Dropdown
    label: gr.Dropdown
    title: gr.Textbox
    use: gr.Button
    discard: gr.Button
    kept: gr.HTML

    def outputs(self) -> list[Any]:
        """All that handlers change."""
        found = [self.found, self.examined, self.columns, self.inputs, self.label, self.title]
        return [self.upload, self.status, *found, self.kept]


def build_own_data() -> OwnDataParts:
    """The file on the left, what is kept on the right; below them what was found in the file."""
    with gr.Accordion(OWN_DATA_TITLE, open=False, elem_id="own-data") as box:
        with gr.Row(elem_id="own-data-top"):
            with gr.Column(min_width=280, elem_classes=["own-upload"]):
                html_panel(invitation_html())
                upload = gr.File(label="A file of your own data", type="filepath", height=130)
                status = html_panel(status_html(), elem_id="own-status")
            kept = html_panel(kept_html([], shared_host=on_shared_host()), elem_id="own-kept", min_width=280)
        with gr.Column(visible=False, elem_id="own-found") as found:
            with gr.Row(visible=False) as columns:
                inputs = _column("Texts or images are in column")
                label = _column("Classes are in column")
            examined = html_panel("", elem_id="own-examined")
            with gr.Row(elem_classes=["own-confirm"]):
                title = gr.Textbox(
                    label="Call it", lines=1, max_lines=1, max_length=MOST_TITLE_CHARACTERS, scale=2, min_width=180
                )
                use = gr.Button("Use this data", elem_classes=["ask"], scale=0, min_width=150)
                discard = gr.Button("Not this", elem_classes=["quiet"], scale=0, min_width=110)
    return OwnDataParts(
        box=box, upload=upload, status=status, found=found, examined=examined, columns=columns, inputs=inputs,
        label=label, title=title, use=use, discard=discard, kept=kept,
    )  # fmt: skip


def _column(label: str) -> gr.Dropdown:
    return open_dropdown([], label=label, filterable=False, min_width=160)
