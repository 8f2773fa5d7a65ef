"""The page's parts, by section: what handlers read and change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from tlvsft.config import SIDES, Side
from tlvsft.ui.link_layout import LinkParts
from tlvsft.ui.own_data_layout import OwnDataParts


@dataclass(frozen=True, kw_only=True)
class ColumnParts:
    """One variant's column.

    Attributes:
        head: Which head a language model gets; only there to be seen when words are predicted.
        frozen: Its frozen blocks, kept in the browser between two clicks.
        starts: Where the visitor chooses what it starts from.
        start: What was chosen there, kept in the browser.
        estimate: What its run will take.
    """

    heading: gr.HTML
    method: gr.Dropdown
    head: gr.Dropdown
    ladder: gr.HTML
    frozen: gr.Textbox
    estimate: gr.HTML
    starts: gr.HTML
    start: gr.Textbox
    schedule: gr.Dropdown
    rate_decay: gr.Textbox
    rate_factor: gr.Textbox
    batchnorm: gr.Dropdown

    def inputs(self) -> list[Any]:
        """What says which variant this is, in the order of `tlvsft.ui.form.read_setup`."""
        rates = [self.schedule, self.rate_decay, self.rate_factor]
        return [self.method, self.frozen, self.head, self.start, *rates, self.batchnorm]

    def panels(self) -> list[Any]:
        """What is only shown."""
        return [self.heading, self.ladder, self.estimate, self.starts]


@dataclass(frozen=True, kw_only=True)
class SetupParts:
    """Everything that is chosen before the start.

    Attributes:
        collect: Where photos are collected.
    """

    stories: gr.HTML
    backbone: gr.Dropdown
    dataset: gr.Dropdown
    task: gr.Dropdown
    labels: gr.Number
    labels_range: gr.HTML
    epochs: gr.Textbox
    seed: gr.Number
    label_noise: gr.Textbox
    facts: gr.HTML
    columns: dict[Side, ColumnParts]
    own_data: OwnDataParts
    collect: gr.HTML
    links: LinkParts

    def inputs(self) -> list[Any]:
        """What `tlvsft.ui.form.read_setup` reads, in its order."""
        choices = [self.backbone, self.dataset, self.labels, self.epochs, self.seed, self.task, self.label_noise]
        return choices + [part for side in SIDES for part in self.columns[side].inputs()]

    def outputs(self) -> list[Any]:
        """All of it."""
        columns = [self.columns[side] for side in SIDES]
        panels = [part for column in columns for part in column.panels()]
        return [*self.inputs(), self.stories, self.labels_range, self.facts, *panels, *self.links.outputs()]


@dataclass(frozen=True, kw_only=True)
class RaceParts:
    """The button, and what is seen while it trains.

    Attributes:
        scoreboard: The outcome of both, on both sides of the button.
        curves: The curves; their script polls, and says when there are news for a handler.
        cursors: How far each run had come when the page was last renewed; kept in the browser.
        moves: What moves, block by block.
        older: Asks for older runs and brings them to the curves.
        own: That the comparison on the screen has a setup of its own, and what was changed above since.
    """

    launcher: gr.HTML
    complaint: gr.HTML
    scoreboard: gr.HTML
    heading: gr.HTML
    own: gr.HTML
    progress: gr.HTML
    curves: gr.HTML
    cursors: gr.JSON
    moves: gr.HTML
    older: gr.HTML

    def outputs(self) -> list[Any]:
        """All of it."""
        board = [self.launcher, self.complaint, self.scoreboard]
        return [*board, self.heading, self.progress, self.curves, self.cursors, self.moves]


@dataclass(frozen=True, kw_only=True)
class NextWordsParts:
    """How both language models, and the untouched one, go on with the visitor's prompt.

    Attributes:
        box: The section; seen where words are predicted.
        signal: Hears of newer checkpoints.
    """

    box: gr.Column
    prompt: gr.Textbox
    ask: gr.Button
    prompts: gr.HTML
    table: gr.HTML
    signal: gr.HTML


@dataclass(frozen=True, kw_only=True)
class ResultParts:
    """What is seen afterwards.

    Attributes:
        broke: What broke, and why; seen where a mistake is shown.
        tried: The column of the visitor's own input; seen where classes are told apart.
        chain: The three tasks.
        differences: What differs: claims beside evidence.
        evidence: What stands beside the verdict, each kind to be opened.
        command: The command line of the comparison on the screen.
        take_home: What can be taken home.
        sweeps: Label efficiency and freeze depth; its script asks for itself.
    """

    verdict: gr.HTML
    broke: gr.HTML
    numbers: gr.HTML
    tried: gr.Column
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
    explanation: gr.HTML
    history: gr.HTML
    next_words: NextWordsParts
    chain: gr.HTML
    differences: gr.HTML
    evidence: gr.HTML
    command: gr.HTML
    take_home: gr.HTML
    sweeps: gr.HTML

    def outputs(self) -> list[Any]:
        """All that changes with the comparison on the screen."""
        boxes = [self.tried, self.text_box, self.text, self.drawing_box, self.upload_box, self.try_hint]
        panels = [
            self.verdict,
            self.broke,
            self.numbers,
            self.confidences,
            self.answers,
            self.explanation,
            self.differences,
            self.evidence,
            self.history,
            self.chain,
            self.command,
        ]
        return [*panels, *boxes, self.next_words.box, self.next_words.table, self.take_home]
