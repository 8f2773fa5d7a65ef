"""What happens when something is chosen: one choice may pull others along, and what can't work is said at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from tlvsft.config import SIDES, Side
from tlvsft.errors import TlvsftError
from tlvsft.ui.estimating import estimates_html
from tlvsft.ui.form import Updates, read_setup, show_column, show_estimates, show_setup
from tlvsft.ui.link_layout import show_link, show_no_link
from tlvsft.ui.parts import RaceParts, SetupParts
from tlvsft.ui.services import Services
from tlvsft.ui.settling import (
    choose_frozen,
    choose_start,
    settle_backbone,
    settle_dataset,
    settle_method,
    settle_task,
)
from tlvsft.ui.setup import Setup, setup_of_story
from tlvsft.ui.setup_panels import complaint_html, labels_range_html, stories_html
from tlvsft.ui.starts import column_starts
from tlvsft.ui.submitting import find_problem
from tlvsft.ui.visitor import Visitor, read_visitor

QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""For every handler: answered at once beside the others, without gradio's spinner, not part of a public API."""
Change = Callable[[Setup], Setup]
_WHEN_FILLED_IN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done([]))))"
"""A story changes texts, too, and gradio tells of each while the rest of the form still shows the story before."""


@dataclass(frozen=True, kw_only=True)
class SetupHandlers:
    """The answers to what a visitor chooses; holds the page's parts, and nothing about any visitor."""

    services: Services
    visitor: gr.BrowserState
    setup: SetupParts
    race: RaceParts

    def connect(self) -> None:
        """Makes the form answer."""
        parts, inputs = self.setup, self._inputs()
        outputs = [*parts.outputs(), self.race.complaint]
        settled = ((parts.backbone, settle_backbone), (parts.dataset, settle_dataset), (parts.task, settle_task))
        parts.stories.click(self.on_story, inputs, outputs, **QUICK)
        for choice, settle in settled:
            choice.input(partial(self._answer, settle), inputs, outputs, **QUICK)
        for side in SIDES:
            self._connect_column(side)
        self._connect_numbers()

    def on_story(self, event: gr.EventData, kept: Any, *values: Any) -> Updates:
        """A story was clicked."""
        return self._answer(lambda _: setup_of_story(str(read_click(event).get("story"))), kept, *values)

    def _inputs(self) -> list[Any]:
        return [self.visitor, *self.setup.inputs()]

    def _answer(self, change: Change, kept: Any, *values: Any) -> Updates:
        try:
            visitor = read_visitor(kept)
            setup = replace(change(read_setup(*values, owner=visitor.owner)), owner=visitor.owner)
            starts = column_starts(self.services, visitor, setup)
            return show_setup(self.setup, setup, starts) | self._show_consequences(visitor, setup)
        except TlvsftError as error:
            return self._refuse(error)

    def _answer_column(self, side: Side, change: Change, kept: Any, *values: Any) -> Updates:
        try:
            visitor = read_visitor(kept)
            setup = change(read_setup(*values, owner=visitor.owner))
            starts = column_starts(self.services, visitor, setup)
            column = show_column(self.setup.columns[side], setup, side, starts[side])
            return column | self._show_consequences(visitor, setup)
        except TlvsftError as error:
            return self._refuse(error)

    def _connect_column(self, side: Side) -> None:
        column, inputs = self.setup.columns[side], self._inputs()
        outputs = [*column.inputs(), *column.panels(), *self._told()]

        def on_block(event: gr.EventData, kept: Any, *values: Any) -> Updates:
            names = read_click(event).get("frozen")
            frozen = [str(name) for name in names] if isinstance(names, list) else []
            return self._answer_column(side, partial(choose_frozen, side=side, names=frozen), kept, *values)

        def on_start(event: gr.EventData, kept: Any, *values: Any) -> Updates:
            chosen = str(read_click(event).get("value", ""))
            return self._answer_column(side, partial(choose_start, side=side, start=chosen), kept, *values)

        def on_method(kept: Any, *values: Any) -> Updates:
            return self._answer_column(side, partial(settle_method, side=side), kept, *values)

        def on_detail(kept: Any, *values: Any) -> Updates:
            return self._answer_column(side, lambda setup: setup, kept, *values)

        column.method.input(on_method, inputs, outputs, **QUICK)
        column.head.input(on_detail, inputs, outputs, **QUICK)
        column.schedule.input(on_detail, inputs, outputs, **QUICK)
        column.batchnorm.input(on_detail, inputs, outputs, **QUICK)
        column.starts.input(on_start, inputs, outputs, **QUICK)
        column.ladder.click(on_block, inputs, outputs, trigger_mode="multiple", **QUICK)

    def _connect_numbers(self) -> None:
        """Numbers pull nothing along; they may only stop being a story, or not work."""
        parts = self.setup
        told = [*self._told(), parts.labels_range]

        def on_number(kept: Any, *values: Any) -> Updates:
            try:
                visitor = read_visitor(kept)
                setup = read_setup(*values, owner=visitor.owner)
                slider = {parts.labels_range: labels_range_html(setup)}
                return slider | self._show_consequences(visitor, setup)
            except TlvsftError as error:
                return self._refuse(error)

        def on_slider(event: gr.EventData, kept: Any, *values: Any) -> Updates:
            chosen = read_click(event).get("value")
            if not isinstance(chosen, int):
                return {}
            labels = parts.inputs().index(parts.labels)
            return {parts.labels: chosen} | on_number(kept, *values[:labels], chosen, *values[labels + 1 :])

        latest = QUICK | {"trigger_mode": "always_last"}
        for number in (parts.labels, parts.seed):
            number.input(on_number, self._inputs(), told, **latest)
        columns = [parts.columns[side] for side in SIDES]
        rates = [text for column in columns for text in (column.rate_decay, column.rate_factor)]
        texts = [text.change for text in (parts.epochs, parts.label_noise, *rates)]  # a first `input` may get lost
        settled = gr.on(texts, None, js=_WHEN_FILLED_IN, **latest)
        settled.then(on_number, self._inputs(), told, **QUICK)
        parts.labels_range.input(on_slider, self._inputs(), [*told, parts.labels], trigger_mode="multiple", **QUICK)

    def _told(self) -> list[Any]:
        """What every choice may change: which story it is, what the runs will take, whether it can't be."""
        estimates = [self.setup.columns[side].estimate for side in SIDES]
        return [self.setup.stories, self.race.complaint, *estimates, self.setup.links.bar, self.setup.links.line]

    def _show_consequences(self, visitor: Visitor, setup: Setup) -> Updates:
        problem = complaint_html(find_problem(self.services, setup, owner=visitor.owner))
        shown = {self.setup.stories: stories_html(setup.story()), self.race.complaint: problem}
        shown |= show_link(self.setup.links, setup)
        return shown | show_estimates(self.setup, estimates_html(self.services, visitor, setup))

    def _refuse(self, error: TlvsftError) -> Updates:
        return {self.race.complaint: complaint_html(str(error))} | show_no_link(self.setup.links, str(error))


def read_click(event: gr.EventData) -> dict[str, Any]:
    """What a panel's script sent along with a click; anything could come from a browser."""
    data = event._data  # gradio offers no other way to all of it
    return data if isinstance(data, dict) else {}
