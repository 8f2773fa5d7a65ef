"""What happens when something is chosen: one choice may pull others along, and what can't work is said at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import gradio as gr

from tlvsft.catalog.methods import get_method
from tlvsft.comparison import check_config
from tlvsft.config import LABELS, SIDES, Side, VariantConfig, parse_blocks
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.ui.layout import RaceParts, SetupParts
from tlvsft.ui.setup import (
    PARTIAL,
    Setup,
    choose_frozen,
    settle_backbone,
    settle_dataset,
    settle_method,
    setup_of_story,
    whole_number,
)
from tlvsft.ui.setup_panels import (
    block_names,
    column_heading_html,
    complaint_html,
    data_html,
    labels_range_html,
    ladder_html,
    stories_html,
)

Updates = dict[Any, Any]
QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""For every handler: answered at once beside the others, without gradio's spinner, not part of a public API."""


def read_setup(*values: Any) -> Setup:
    """The form's content, in the order of `SetupParts.inputs`.

    Raises:
        InvalidInput: A number is missing or has a fraction, or a list of blocks can't be read.
    """
    backbone, dataset, labels, epochs, seed, left_method, left_frozen, right_method, right_frozen = values
    count = whole_number(labels, name="The number of labels", default=None)
    if count is None:
        raise InvalidInput(f"Give a number of labels, {LABELS.low} or more.")
    return Setup(
        backbone=backbone,
        dataset=dataset,
        labels=count,
        epochs=whole_number(epochs, name="Epochs", default=None),
        seed=whole_number(seed, name="The seed", default=0) or 0,
        left=_read_variant(left_method, left_frozen),
        right=_read_variant(right_method, right_frozen),
    )


def find_problem(setup: Setup) -> str:
    """Why this setup can't be trained, in one line; empty if it can."""
    try:
        check_config(setup.config())
    except InvalidInput as error:
        return str(error)
    return ""


def show_setup(parts: SetupParts, race: RaceParts, setup: Setup) -> Updates:
    """The whole form with this setup in it."""
    updates: Updates = {
        parts.stories: stories_html(setup.story()),
        parts.backbone: setup.backbone,
        parts.dataset: setup.dataset,
        parts.labels: setup.labels,
        parts.labels_range: labels_range_html(setup),
        parts.epochs: setup.epochs,
        parts.seed: setup.seed,
        parts.facts: data_html(setup.data),
        race.complaint: complaint_html(find_problem(setup)),
    }
    for side in SIDES:
        updates |= show_column(parts, setup, side)
    return updates


def show_column(parts: SetupParts, setup: Setup, side: Side) -> Updates:
    """One variant's column with this setup in it."""
    column, variant = parts.columns[side], setup.variant(side)
    in_order = [name for name in setup.summary.block_names if name in setup.frozen(side)]
    return {
        column.heading: column_heading_html(side, get_method(variant.method)),
        column.method: variant.method,
        column.ladder: ladder_html(setup, side, stamp=time.monotonic_ns()),
        column.frozen: block_names(in_order),
    }


def setup_outputs(parts: SetupParts, race: RaceParts) -> list[Any]:
    """All that `show_setup` may change."""
    panels = [parts.stories, parts.labels_range, parts.facts, race.complaint]
    columns = [part for side in SIDES for part in (parts.columns[side].heading, parts.columns[side].ladder)]
    return [*parts.inputs(), *panels, *columns]


def connect_setup(parts: SetupParts, race: RaceParts) -> None:
    """Makes the form answer."""
    inputs, outputs = parts.inputs(), setup_outputs(parts, race)

    def answer(change: Callable[[Setup], Setup], values: tuple[Any, ...]) -> Updates:
        try:
            return show_setup(parts, race, change(read_setup(*values)))
        except TlvsftError as error:
            return {race.complaint: complaint_html(str(error))}

    def on_story(event: gr.EventData, *values: Any) -> Updates:
        return answer(lambda _: setup_of_story(str(read_click(event).get("story"))), values)

    def on_backbone(*values: Any) -> Updates:
        return answer(settle_backbone, values)

    def on_dataset(*values: Any) -> Updates:
        return answer(settle_dataset, values)

    parts.stories.click(on_story, inputs, outputs, **QUICK)
    parts.backbone.input(on_backbone, inputs, outputs, **QUICK)
    parts.dataset.input(on_dataset, inputs, outputs, **QUICK)
    for side in SIDES:
        _connect_column(parts, race, side)
    _connect_numbers(parts, race)


def _connect_column(parts: SetupParts, race: RaceParts, side: Side) -> None:
    column, inputs = parts.columns[side], parts.inputs()
    outputs = [column.heading, column.method, column.ladder, column.frozen, parts.stories, race.complaint]

    def answer(change: Callable[[Setup], Setup], values: tuple[Any, ...]) -> Updates:
        try:
            setup = change(read_setup(*values))
            shared = {parts.stories: stories_html(setup.story()), race.complaint: complaint_html(find_problem(setup))}
            return show_column(parts, setup, side) | shared
        except TlvsftError as error:
            return {race.complaint: complaint_html(str(error))}

    def on_method(*values: Any) -> Updates:
        return answer(partial(settle_method, side=side), values)

    def on_block(event: gr.EventData, *values: Any) -> Updates:
        names = read_click(event).get("frozen")
        frozen = [str(name) for name in names] if isinstance(names, list) else []
        return answer(partial(choose_frozen, side=side, names=frozen), values)

    column.method.input(on_method, inputs, outputs, **QUICK)
    column.ladder.click(on_block, inputs, outputs, trigger_mode="multiple", **QUICK)


def _connect_numbers(parts: SetupParts, race: RaceParts) -> None:
    """Numbers pull nothing along; they may only stop being a story, or not work."""
    told = [parts.stories, parts.labels_range, race.complaint]

    def on_number(*values: Any) -> Updates:
        try:
            setup = read_setup(*values)
            return {
                parts.stories: stories_html(setup.story()),
                parts.labels_range: labels_range_html(setup),
                race.complaint: complaint_html(find_problem(setup)),
            }
        except TlvsftError as error:
            return {race.complaint: complaint_html(str(error))}

    def on_slider(event: gr.EventData, *values: Any) -> Updates:
        chosen = read_click(event).get("value")
        if not isinstance(chosen, int):
            return {}
        labels = parts.inputs().index(parts.labels)
        return {parts.labels: chosen} | on_number(*values[:labels], chosen, *values[labels + 1 :])

    latest = QUICK | {"trigger_mode": "always_last"}
    for number in (parts.labels, parts.epochs, parts.seed):
        number.input(on_number, parts.inputs(), told, **latest)
    parts.labels_range.input(on_slider, parts.inputs(), [*told, parts.labels], **latest)


def read_click(event: gr.EventData) -> dict[str, Any]:
    """What a panel's script sent along with a click; anything could come from a browser."""
    data = event._data  # gradio offers no other way to all of it
    return data if isinstance(data, dict) else {}


def _read_variant(method: str, frozen: str) -> VariantConfig:
    if method != PARTIAL:
        return VariantConfig(method=method)
    return VariantConfig(method=method, frozen_blocks=parse_blocks(frozen) if frozen else ())
