"""Where the setup's parts stand: stories, data, the two columns. Nothing here knows what they do."""

from __future__ import annotations

import gradio as gr

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.methods import METHODS, get_method
from tlvsft.comparison import frozen_block_names
from tlvsft.config import LABEL_NOISE, LANGUAGE_HEADS, RATE_DECAY, RATE_FACTOR, SIDES, Side, Task
from tlvsft.ui.collect_layout import build_collect
from tlvsft.ui.components import choice_panel, html_panel, layer_ladder, open_dropdown
from tlvsft.ui.estimating import estimate_html
from tlvsft.ui.form import dataset_choices
from tlvsft.ui.ladder_panel import ladder_html, legend_html
from tlvsft.ui.link_layout import LinkParts, build_form_line, build_link_bar, build_link_note
from tlvsft.ui.own_data_layout import build_own_data
from tlvsft.ui.parts import ColumnParts, SetupParts
from tlvsft.ui.setup import Setup, usual_head
from tlvsft.ui.setup_panels import (
    block_names,
    column_heading_html,
    count_label,
    data_html,
    labels_range_html,
    start_html,
    stories_html,
)
from tlvsft.ui.starts import StartOption, Starts

TASK_CHOICES: list[tuple[str, Task]] = [("Classes", "classification"), ("Next words", "language_modeling")]
SCHEDULE_CHOICES = [("the method's own", ""), ("cosine", "cosine"), ("slanted triangular", "slanted_triangular")]
BATCH_NORM_CHOICES = [("the method's own", ""), ("keeps its statistics", "eval"), ("left in train mode", "train")]


Details = tuple[gr.HTML, gr.Dropdown, gr.Textbox, gr.Textbox, gr.Dropdown]


def build_setup(setup: Setup) -> SetupParts:
    """Story, data and the two columns."""
    note = build_link_note()
    stories = html_panel(stories_html(setup.story()), elem_id="stories")
    with gr.Row(elem_id="setup"):
        backbone = gr.Dropdown(
            [(item.title, item.name) for item in BACKBONES.values()], value=setup.backbone, label="Backbone",
            filterable=False, scale=3, min_width=180,
        )  # fmt: skip
        dataset = open_dropdown(
            dataset_choices(setup.owner), value=setup.dataset, label="Dataset", filterable=False, scale=3,
            min_width=180,
        )  # fmt: skip
        task = gr.Dropdown(
            TASK_CHOICES, value=setup.task, label="Task", filterable=False, scale=1, min_width=145,
            interactive=setup.can_predict_words,
        )  # fmt: skip
        with gr.Row(elem_id="labels", scale=4):
            labels = gr.Number(value=setup.labels, label=count_label(setup), min_width=90, scale=1)
            script = "tlvsft.slider(element, trigger, 'input');"
            labels_range = html_panel(labels_range_html(setup), script=script, min_width=140)
        seed = gr.Number(value=setup.seed, label="Seed", min_width=80, scale=0)
    link_bar = build_link_bar()
    with gr.Row(elem_id="unfolding"):
        with gr.Accordion("More", open=False, elem_id="more"):
            with gr.Row():
                epochs = _optional_number("Epochs", placeholder="default", info="Empty: each method's own.")
                label_noise = _optional_number(
                    "Wrong labels, %",
                    placeholder="0",
                    info=f"Made wrong on purpose, for both: 0–{100 * LABEL_NOISE[1]:g}.",
                )
            with gr.Row(elem_id="details"):
                details = {side: _build_details(setup, side) for side in SIDES}
            facts = html_panel(data_html(setup), elem_id="facts")
        own_data = build_own_data()
        collect = build_collect()
    links = LinkParts(note=note, bar=link_bar, line=build_form_line(setup))
    html_panel(legend_html())
    with gr.Row(elem_id="columns"):
        columns = {side: _build_column(setup, side, details[side]) for side in SIDES}
    return SetupParts(
        stories=stories, backbone=backbone, dataset=dataset, task=task, labels=labels, labels_range=labels_range,
        epochs=epochs, seed=seed, label_noise=label_noise, facts=facts, columns=columns,
        own_data=own_data, collect=collect, links=links,
    )  # fmt: skip


def _build_details(setup: Setup, side: Side) -> Details:
    """What few visitors change: where the variant starts, and how its learning rates move."""
    straight = Starts(options=(StartOption(value="", title=f"the pretrained {setup.backbone}"),))
    low, high = RATE_DECAY
    with gr.Column(elem_classes=["details", side], min_width=280):
        starts = choice_panel(start_html(straight, side, chosen=""))
        with gr.Row():
            schedule = gr.Dropdown(
                SCHEDULE_CHOICES, value="", label=f"Schedule, {side}", filterable=False, min_width=120,
                info="How the learning rates move over the steps.",
            )  # fmt: skip
            rate_decay = _optional_number(
                f"Rate decay, {side}",
                placeholder="the method's own",
                info=f"From block to block, downwards: {low:g}–{high:g}.",
            )
        with gr.Row():
            low, high = RATE_FACTOR
            rate_factor = _optional_number(
                f"Rate factor, {side}",
                placeholder="1",
                info=f"The method's learning rates times this: {low:g}–{high:g}.",
            )
            batchnorm = gr.Dropdown(
                BATCH_NORM_CHOICES, value="", label=f"BatchNorm, {side}", filterable=False, min_width=120,
                info="Whether it measures each batch, frozen or not.",
            )  # fmt: skip
    return starts, schedule, rate_decay, rate_factor, batchnorm


def _optional_number(label: str, *, placeholder: str, info: str) -> gr.Textbox:
    """A number that may be left empty: gradio's own field for numbers shows an empty one as 0 when it is unfolded."""
    return gr.Textbox("", label=label, placeholder=placeholder, info=info, lines=1, max_lines=1, min_width=120)


def _build_column(setup: Setup, side: Side, details: Details) -> ColumnParts:
    variant = setup.variant(side)
    with gr.Column(elem_classes=["variant", side], min_width=300):
        with gr.Row(elem_classes=["variant-head"]):
            heading = html_panel(column_heading_html(side, get_method(variant.method)), min_width=150)
            head = gr.Dropdown(
                [(f"{name} head", name) for name in LANGUAGE_HEADS], value=usual_head(variant.method),
                label=f"Head, {side}", show_label=False, container=False, filterable=False, min_width=120, scale=0,
                visible=setup.predicts_words,
            )  # fmt: skip
            method = gr.Dropdown(
                [(item.title, item.name) for item in METHODS.values()], value=variant.method,
                label=f"Method, {side}", show_label=False, container=False, filterable=False, min_width=170,
            )  # fmt: skip
        ladder = layer_ladder(ladder_html(setup, side, stamp=0), elem_classes=["ladder", side])
        estimate = html_panel(estimate_html(None))
        chosen = frozen_block_names(setup.summary, variant)
        frozen = gr.Textbox(block_names(sorted(chosen)), visible=False)
        start = gr.Textbox(variant.start or "", visible=False)
    starts, schedule, rate_decay, rate_factor, batchnorm = details
    return ColumnParts(
        heading=heading, method=method, head=head, ladder=ladder, frozen=frozen, estimate=estimate, starts=starts,
        start=start, schedule=schedule, rate_decay=rate_decay, rate_factor=rate_factor, batchnorm=batchnorm,
    )  # fmt: skip
