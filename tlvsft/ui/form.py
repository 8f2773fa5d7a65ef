"""The form's content as a setup, and a setup as the form's content."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.own import list_own
from tlvsft.catalog.paths import home_folder
from tlvsft.config import LABELS, SIDES, Side, Task, VariantConfig, parse_blocks, parse_run_reference
from tlvsft.errors import InvalidInput, shorten
from tlvsft.ui.ladder_panel import ladder_html
from tlvsft.ui.markup import Markup
from tlvsft.ui.parts import ColumnParts, SetupParts
from tlvsft.ui.settling import PARTIAL
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
from tlvsft.ui.starts import Starts

Updates = dict[Any, Any]
_COLUMN_INPUTS = 8


def read_setup(*values: Any, owner: str = "") -> Setup:
    """The form's content, in the order of `SetupParts.inputs`, for the visitor with this token.

    Raises:
        InvalidInput: A number is missing or has a fraction, or a list of blocks or a start can't be read.
    """
    backbone, dataset, labels, epochs, seed, task, label_noise, *columns = values
    count = whole_number(labels, name="The number of examples", default=None)
    if count is None:
        raise InvalidInput(f"Give a number of labels, {LABELS.low} or more.")
    left, right = (_read_variant(columns[at : at + _COLUMN_INPUTS], task=task) for at in (0, _COLUMN_INPUTS))
    return Setup(
        backbone=backbone,
        dataset=dataset,
        labels=count,
        epochs=whole_number(read_number(epochs, name="Epochs"), name="Epochs", default=None),
        seed=whole_number(seed, name="The seed", default=0) or 0,
        task=task,
        label_noise=(read_number(label_noise, name="Wrong labels") or 0.0) / 100,
        left=left,
        right=right,
        owner=owner,
    )


def _read_variant(values: Sequence[Any], *, task: Task) -> VariantConfig:
    method, frozen, head, start, schedule, rate_decay, rate_factor, batchnorm = values
    factor = read_number(rate_factor, name="Rate factor")
    blocks = None if method != PARTIAL else parse_blocks(frozen) if frozen else ()
    usual = task == "classification" or head == usual_head(method)
    if start:
        parse_run_reference(start)
    return VariantConfig(
        method=method,
        frozen_blocks=blocks,
        head=None if usual else head,
        schedule=schedule or None,
        rate_decay=read_number(rate_decay, name="Rate decay"),
        rate_factor=1.0 if factor is None else factor,
        batchnorm=batchnorm or None,
        start=start or None,
    )


def read_number(content: str | float | None, *, name: str) -> float | None:
    """What stands in a field for a number; `None` when it is empty.

    Raises:
        InvalidInput: It is no number.
    """
    text = str(content).strip() if content is not None else ""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidInput(f"{name} must be a number, not {shorten(text)!r}.") from error
    if not math.isfinite(value):
        raise InvalidInput(f"{name} must be a number, not {shorten(text)!r}.")
    return value


def _or_empty(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def whole_number(value: float | None, *, name: str, default: int | None) -> int | None:
    """A number field's content; `default` when it is empty.

    Raises:
        InvalidInput: It has a fraction.
    """
    if value is None:
        return default
    if value != int(value):
        raise InvalidInput(f"{name} must be a whole number, not {value:g}.")
    return int(value)


def dataset_choices(owner: str) -> list[tuple[str, str]]:
    """What this visitor can choose from: the bundled datasets, then their own, newest first."""
    own = [(f"{dataset.title} (yours)", dataset.name) for dataset in list_own(home_folder(), owner)] if owner else []
    return [(dataset.title, dataset.name) for dataset in DATASETS.values()] + own


def show_estimates(parts: SetupParts, estimates: Mapping[Side, Markup]) -> Updates:
    """What each column's run will take; the rest of the form as it is."""
    return {parts.columns[side].estimate: estimates[side] for side in SIDES}


def show_setup(parts: SetupParts, setup: Setup, starts: Mapping[Side, Starts]) -> Updates:
    """The whole form with this setup in it."""
    updates: Updates = {
        parts.stories: stories_html(setup.story()),
        parts.backbone: setup.backbone,
        parts.dataset: gr.update(choices=dataset_choices(setup.owner), value=setup.dataset),
        parts.task: gr.update(value=setup.task, interactive=setup.can_predict_words),
        parts.labels: gr.update(value=setup.labels, label=count_label(setup)),
        parts.labels_range: labels_range_html(setup),
        parts.epochs: _or_empty(setup.epochs),
        parts.seed: setup.seed,
        parts.label_noise: gr.update(
            value=_or_empty(100 * setup.label_noise or None), visible=not setup.predicts_words
        ),
        parts.facts: data_html(setup),
    }
    for side in SIDES:
        updates |= show_column(parts.columns[side], setup, side, starts[side])
    return updates


def show_column(column: ColumnParts, setup: Setup, side: Side, starts: Starts) -> Updates:
    """One variant's column with this setup in it."""
    variant, method = setup.variant(side), get_method(setup.variant(side).method)
    in_order = [name for name in setup.summary.block_names if name in setup.frozen(side)]
    return {
        column.heading: column_heading_html(side, method),
        column.method: variant.method,
        column.head: gr.update(value=variant.head or usual_head(variant.method), visible=setup.predicts_words),
        column.ladder: ladder_html(setup, side, stamp=time.monotonic_ns(), way=starts.way),
        column.frozen: block_names(in_order),
        column.starts: start_html(starts, side, chosen=variant.start or ""),
        column.start: variant.start or "",
        column.schedule: gr.update(value=variant.schedule or "", visible=method.takes_steps),
        column.rate_decay: gr.update(value=_or_empty(variant.rate_decay), visible=method.takes_steps),
        column.rate_factor: gr.update(
            value=_or_empty(None if variant.rate_factor == 1 else variant.rate_factor), visible=method.takes_steps
        ),
        column.batchnorm: gr.update(
            value=variant.batchnorm or "", visible=method.takes_steps and setup.summary.modality == "image"
        ),
    }


def show_starts(parts: SetupParts, setup: Setup, starts: Mapping[Side, Starts]) -> Updates:
    """What can be started from by now; the rest of the form as it is."""
    return {
        parts.columns[side].starts: start_html(starts[side], side, chosen=setup.variant(side).start or "")
        for side in SIDES
    }
