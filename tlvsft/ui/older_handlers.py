"""The menu of older runs beside the curves: lists those of the visitor, and brings the points of the chosen ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import gradio as gr

from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.older_runs import (
    MOST_OLDER,
    OlderCurves,
    comparable,
    describe_changes,
    find_chosen,
    find_current,
    title_of,
)
from tlvsft.ui.services import Services
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.visitor import read_visitor

NOTHING_SHOWN = "Train both, or open a comparison; then older ones can be laid over its curves."
NONE_YET = (
    "No older runs on this data with this backbone yet. Change something (the labels, a method) and train again: "
    "this comparison will be listed here."
)
CHOOSE = f"Choose up to {MOST_OLDER}, to see them as thin dashed lines behind the curves."


def connect_older(services: Services, *, visitor: gr.BrowserState, signal: gr.HTML) -> None:
    """Makes the menu answer; asked twice, the last question counts."""
    curves = OlderCurves(services.store)

    def on_asked(event: gr.EventData, kept: Any) -> dict[str, Any]:
        return answer_older(services, curves, kept, read_click(event))

    signal.input(on_asked, [visitor], signal, trigger_mode="multiple", **QUICK)


def answer_older(services: Services, curves: OlderCurves, kept: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What can be chosen, and the curves of what was; of other visitors' comparisons neither.

    Args:
        services: Where comparisons are found.
        curves: Where their points are.
        kept: What the browser keeps of its visitor.
        sent: The question: its number `asked`, the `comparison` on the screen, and the ids that are `chosen`.
    """
    owner, comparison_id = read_visitor(kept).owner, sent.get("comparison")
    answer: dict[str, Any] = {
        "asked": sent.get("asked"),
        "comparison": comparison_id,
        "most": MOST_OLDER,
        "choices": [],
        "older": [],
    }
    current = find_current(services.store, comparison_id, viewer=owner)
    if current is None:
        return answer | {"words": NOTHING_SHOWN}
    listed = comparable(services.store, current, viewer=owner)
    chosen = find_chosen(listed, sent.get("chosen"))
    return answer | {
        "words": CHOOSE if listed else NONE_YET,
        "choices": [_describe(record, current) for record in listed],
        "older": [_describe(record, current) | {"runs": curves.of(record)} for record in chosen],
    }


def _describe(record: ComparisonRecord, current: ComparisonRecord) -> dict[str, str]:
    ending = "" if record.is_finished else ", stopped"
    return {
        "id": record.id,
        "name": title_of(record, now=time.time()),
        "facts": describe_changes(record.config, current.config) + ending,
    }
