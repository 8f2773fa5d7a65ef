"""What stands where. Each function builds one section and returns its parts; nothing here knows what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS, get_method
from tlvsft.comparison import frozen_block_names
from tlvsft.config import SIDES, Side
from tlvsft.ui.components import drawing_canvas, html_panel, layer_ladder, live_curves
from tlvsft.ui.live_panels import heading_html, progress_html
from tlvsft.ui.result_panels import answers_html, confidences_html, history_html, results_html, verdict_html
from tlvsft.ui.setup import Setup
from tlvsft.ui.setup_panels import (
    block_names,
    column_heading_html,
    complaint_html,
    data_html,
    header_html,
    labels_range_html,
    ladder_html,
    launcher_html,
    stories_html,
)

VERDICT_TO_COME = (
    "When both have been tested, this says which is better here, by how much, how surely and at what cost."
)


@dataclass(frozen=True, kw_only=True)
class ColumnParts:
    """One variant's column.

    Attributes:
        frozen: Its frozen blocks, kept in the browser between two clicks.
    """

    heading: gr.HTML
    method: gr.Dropdown
    ladder: gr.HTML
    frozen: gr.Textbox


@dataclass(frozen=True, kw_only=True)
class SetupParts:
    """Everything that is chosen before the start."""

    stories: gr.HTML
    backbone: gr.Dropdown
    dataset: gr.Dropdown
    labels: gr.Number
    labels_range: gr.HTML
    epochs: gr.Number
    seed: gr.Number
    facts: gr.HTML
    columns: dict[Side, ColumnParts]

    def inputs(self) -> list[Any]:
        """What `tlvsft.ui.setup_handlers.read_setup` reads, in its order."""
        choices = [self.backbone, self.dataset, self.labels, self.epochs, self.seed]
        return choices + [part for side in SIDES for part in (self.columns[side].method, self.columns[side].frozen)]


@dataclass(frozen=True, kw_only=True)
class RaceParts:
    """The button, and what is seen while it trains.

    Attributes:
        cursors: How far the curves on the screen have come, per run; kept in the browser.
    """

    launcher: gr.HTML
    complaint: gr.HTML
    heading: gr.HTML
    progress: gr.HTML
    curves: gr.HTML
    cursors: gr.JSON
    timer: gr.Timer


@dataclass(frozen=True, kw_only=True)
class ResultParts:
    """What is seen afterwards."""

    verdict: gr.HTML
    numbers: gr.HTML
    text_box: gr.Column
    text: gr.Textbox
    ask: gr.Button
    drawing_box: gr.Column
    drawing: gr.HTML
    upload_box: gr.Column
    upload: gr.File
    try_hint: gr.HTML
    confidences: gr.HTML
    answers: gr.HTML
    history: gr.HTML


def build_setup(setup: Setup) -> SetupParts:
    """Story, data and the two columns."""
    stories = html_panel(stories_html(setup.story()), elem_id="stories")
    with gr.Row(elem_id="setup"):
        backbone = gr.Dropdown(
            [(item.title, item.name) for item in BACKBONES.values()], value=setup.backbone, label="Backbone",
            filterable=False, scale=3, min_width=190,
        )  # fmt: skip
        dataset = gr.Dropdown(
            [(item.title, item.name) for item in DATASETS.values()], value=setup.dataset, label="Dataset",
            filterable=False, scale=3, min_width=190,
        )  # fmt: skip
        with gr.Row(elem_id="labels", scale=4):
            labels = gr.Number(value=setup.labels, label="Labels", min_width=90, scale=1)
            script = "tlvsft.slider(element, trigger, 'input');"
            labels_range = html_panel(labels_range_html(setup), script=script, min_width=140)
    with gr.Accordion("More", open=False, elem_id="more"):
        with gr.Row():
            epochs = gr.Number(value=None, label="Epochs", placeholder="default", info="Empty: each method's own.")
            seed = gr.Number(value=setup.seed, label="Seed", info="Draws the labels, the head's start and the batches.")
        facts = html_panel(data_html(setup.data), elem_id="facts")
    with gr.Row(elem_id="columns"):
        columns = {side: _build_column(setup, side) for side in SIDES}
    return SetupParts(
        stories=stories, backbone=backbone, dataset=dataset, labels=labels, labels_range=labels_range,
        epochs=epochs, seed=seed, facts=facts, columns=columns,
    )  # fmt: skip


def _build_column(setup: Setup, side: Side) -> ColumnParts:
    with gr.Column(elem_classes=["variant", side], min_width=300):
        with gr.Row(elem_classes=["variant-head"]):
            heading = html_panel(column_heading_html(side, get_method(setup.variant(side).method)), min_width=150)
            method = gr.Dropdown(
                [(item.title, item.name) for item in METHODS.values()], value=setup.variant(side).method,
                label=f"Method, {side}", show_label=False, container=False, filterable=False, min_width=170,
            )  # fmt: skip
        ladder = layer_ladder(ladder_html(setup, side, stamp=0), elem_classes=["ladder", side])
        chosen = frozen_block_names(setup.summary, setup.variant(side))
        frozen = gr.Textbox(block_names(sorted(chosen)), visible=False)
    return ColumnParts(heading=heading, method=method, ladder=ladder, frozen=frozen)


def build_race() -> RaceParts:
    """The button, progress and curves."""
    with gr.Column(elem_id="launch-bar"):
        complaint = html_panel(complaint_html(""))
        launcher = html_panel(
            launcher_html(running=False), script="tlvsft.launcher(element, trigger, 'click');", elem_id="launcher"
        )
    with gr.Column(elem_id="race", elem_classes=["card"]):
        heading = html_panel(heading_html(None), elem_id="race-heading")
        progress = html_panel(progress_html(None, {}), elem_id="race-progress")
        curves = live_curves(elem_id="curves")
    return RaceParts(
        launcher=launcher, complaint=complaint, heading=heading, progress=progress, curves=curves,
        cursors=gr.JSON({}, visible=False), timer=gr.Timer(0.4, active=False),
    )  # fmt: skip


def build_results() -> ResultParts:
    """Verdict, numbers, the visitor's own input, test examples, the list of comparisons."""
    with gr.Row(elem_id="results"):
        with gr.Column(min_width=320, scale=5, elem_id="outcome"):
            verdict = html_panel(verdict_html(None, waiting_for=VERDICT_TO_COME))
            numbers = html_panel(results_html(None, {}))
        with gr.Column(min_width=320, scale=6, elem_id="try-it", elem_classes=["card"]):
            tried = _build_try_it()
    answers = html_panel(answers_html(None, [], []), elem_id="answers")
    history = html_panel(
        history_html([], viewing="", now=0.0), script="tlvsft.history(element, trigger, 'click');", elem_id="history"
    )
    return ResultParts(verdict=verdict, numbers=numbers, **tried, answers=answers, history=history)


def _build_try_it() -> dict[str, Any]:
    try_hint = html_panel("", elem_id="try-hint")
    with gr.Column(visible=False, elem_classes=["try-input"]) as text_box:
        text = gr.Textbox(label="Type a text", placeholder="e.g. I couldn't put it down.", lines=3, max_lines=6)
        ask = gr.Button("Ask both", elem_classes=["ask"])
    with gr.Column(visible=False, elem_classes=["try-input"]) as drawing_box:
        drawing = drawing_canvas()
    with gr.Column(visible=False, elem_classes=["try-input"]) as upload_box:
        upload = gr.File(label="An image of your own", file_types=["image"], type="binary", height=120)
    confidences = html_panel(confidences_html(None, [], {}), elem_id="confidences")
    return {
        "text_box": text_box, "text": text, "ask": ask, "drawing_box": drawing_box, "drawing": drawing,
        "upload_box": upload_box, "upload": upload, "try_hint": try_hint, "confidences": confidences,
    }  # fmt: skip


def build_header() -> None:
    """Title, question, light and dark."""
    html_panel(header_html(), script="tlvsft.theme(element);", elem_id="header")
