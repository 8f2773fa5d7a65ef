"""One comparison on the screen: what every part of the page shows of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import gradio as gr

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.comparison import decide_verdict, paired_predictions
from tlvsft.config import SIDES
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.charts import Line, accuracy_figure, loss_figure
from tlvsft.ui.components import empty_curves
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.layout import VERDICT_TO_COME, RaceParts, ResultParts
from tlvsft.ui.live_panels import current_runs, heading_html, progress_html
from tlvsft.ui.markup import Markup, element
from tlvsft.ui.result_panels import answers_html, confidences_html, history_html, results_html, verdict_html
from tlvsft.ui.services import Services
from tlvsft.ui.setup_panels import launcher_html
from tlvsft.ui.texts import percent, side_names
from tlvsft.ui.visitor import Visitor

Updates = dict[Any, Any]
_HISTORY_LENGTH = 30


@dataclass(frozen=True, kw_only=True)
class View:
    """What a visitor looks at, freshly read.

    Attributes:
        comparison: `None` when there is nothing to look at yet.
        chunks: Points that the curves on the screen don't have yet, one chunk per run.
        progress: Where each run stands.
    """

    comparison: ComparisonRecord | None
    chunks: tuple[dict[str, Any], ...] = ()
    progress: dict[str, RunProgress]

    @property
    def cursors(self) -> dict[str, int]:
        """How far the curves have come with these chunks."""
        return {chunk["run"]: chunk["cursor"] for chunk in self.chunks}


def read_view(services: Services, visitor: Visitor, *, cursors: dict[str, int] | None = None) -> View:
    """Reads what the visitor looks at; only points after `cursors`, or all of them.

    What the visitor may not see isn't there.
    """
    if not visitor.viewing:
        return View(comparison=None, progress={})
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
    except InvalidInput:
        return View(comparison=None, progress={})
    known = cursors or {}
    read = [services.feed.read(run.id, after=known.get(run.id, 0)) for run in comparison.runs]
    return View(
        comparison=comparison,
        chunks=tuple(chunk for chunk, _ in read),
        progress={chunk["run"]: progress for chunk, progress in read},
    )


def show_race(parts: RaceParts, services: Services, view: View, *, fresh: bool) -> Updates:
    """Button, progress and curves; with `fresh` the curves are drawn anew, else points are added."""
    comparison = view.comparison
    running = comparison is not None and not comparison.is_over
    sides = {} if comparison is None else current_runs(comparison, view.progress)
    updates: Updates = {
        parts.launcher: launcher_html(running=running, note=_launch_note(services, comparison)),
        parts.progress: progress_html(comparison, sides),
        parts.cursors: view.cursors,
        parts.timer: gr.Timer(active=running),
    }
    if fresh or any(chunk["steps"] or chunk["evaluations"] for chunk in view.chunks):
        updates[parts.curves] = curves_value(view, fresh=fresh)
    return updates | ({parts.heading: heading_html(comparison)} if fresh else {})


def curves_value(view: View, *, fresh: bool) -> dict[str, Any]:
    """What the curves' script is told: new points, and the figures to draw them in when these are other ones."""
    comparison = view.comparison
    if comparison is None:
        return empty_curves()
    value: dict[str, Any] = {"comparison": comparison.id, "chunks": list(view.chunks)}
    if not fresh:
        return value
    names = side_names(comparison.config)
    lines = [Line(run_id=run.id, side=run.side, name=names[run.side]) for run in comparison.runs]
    classes = DATASETS.get(comparison.config.dataset.name)
    figures = {
        "loss": loss_figure(lines),
        "accuracy": accuracy_figure(lines, num_classes=len(classes.classes) if classes else None),
    }
    return value | {"figures": figures}


def show_results(parts: ResultParts, services: Services, view: View) -> Updates:
    """Verdict, numbers, test examples, and the input for the visitor's own."""
    comparison = view.comparison
    updates: Updates = {
        parts.confidences: confidences_html(None, [], {}),
        parts.numbers: results_html(comparison, view.progress),
        parts.text: "",
    }
    if comparison is None or not comparison.is_finished:
        updates[parts.verdict] = verdict_html(None, waiting_for=_why_no_verdict(comparison))
        updates[parts.answers] = answers_html(None, [], [])
        return updates | _show_input(parts, None)
    try:
        verdict = decide_verdict(services.store, comparison.id)
        rows = paired_predictions(services.store, comparison.id, comparison.config.seed)
        classes = services.store.class_names(comparison.id)
        updates[parts.answers] = answers_html(comparison.config, rows, classes)
    except TlvsftError as error:  # its files were pruned or damaged: the page still shows what the store has
        verdict = None
        updates[parts.answers] = answers_html(None, [], [])
        updates[parts.verdict] = verdict_html(None, waiting_for=str(error))
        return updates | _show_input(parts, None)
    updates[parts.verdict] = verdict_html(verdict, waiting_for=VERDICT_TO_COME)
    return updates | _show_input(parts, comparison)


def show_history(parts: ResultParts, services: Services, visitor: Visitor) -> Updates:
    """The list of comparisons."""
    records = services.store.comparisons(owner=visitor.owner, limit=_HISTORY_LENGTH)
    outcomes = [(record, describe_outcome(services, record)) for record in records]
    return {parts.history: history_html(outcomes, viewing=visitor.viewing, now=time.time())}


def describe_outcome(services: Services, record: ComparisonRecord) -> str:
    """How a comparison ended, in a few words: both test accuracies (of the first seed), or why there are none."""
    if record.is_finished:
        finishes = [services.feed.progress(record.run(side).id).finish for side in SIDES]
        return " vs ".join(percent(finish.test_accuracy) for finish in finishes if finish)
    states = [run.state for run in record.runs]
    for state, words in (("running", "training"), ("queued", "waiting"), ("failed", "failed"), ("stopped", "stopped")):
        if state in states:
            return words
    return "interrupted"


def _launch_note(services: Services, comparison: ComparisonRecord | None) -> str:
    if comparison is None or comparison.is_over:
        return "Both start from the same head and see the same examples in the same order."
    place = services.queue.queue_place(comparison.id)
    if place is None:
        return "You may reload or close the page: training goes on."
    return "Waiting: you are next." if place == 1 else f"Waiting: place {place} in the queue."


def _why_no_verdict(comparison: ComparisonRecord | None) -> str:
    if comparison is None or not comparison.is_over:
        return VERDICT_TO_COME
    for state in ("failed", "interrupted", "stopped"):
        if any(run.state == state for run in comparison.runs):
            return f"No verdict: training {'was ' if state != 'failed' else ''}{state} before both had been tested."
    return VERDICT_TO_COME


def _show_input(parts: ResultParts, comparison: ComparisonRecord | None) -> Updates:
    """The fitting way to ask both variants something: a text, a drawing or a picture."""
    kind = None if comparison is None else input_kind(comparison)
    hint = "Type a sentence or draw a digit here, and both trained variants will answer." if kind is None else ""
    return {
        parts.try_hint: try_hint_html(hint),
        parts.text_box: gr.update(visible=kind == "text"),
        parts.drawing_box: gr.update(visible=kind == "drawing"),
        parts.upload_box: gr.update(visible=kind == "upload"),
    }


def try_hint_html(hint: str) -> Markup:
    """The heading of the visitor's own input, and what will be there."""
    return element("div", element("h2", "Try it"), element("p", hint, class_="empty") if hint else None)


def input_kind(comparison: ComparisonRecord) -> str:
    """How new examples of a comparison's kind are made: `text`, `drawing` or `upload`."""
    data = DATASETS.get(comparison.config.dataset.name)
    backbone = BACKBONES.get(comparison.config.backbone)
    modality = data.modality if data else backbone.modality if backbone else None
    if modality == "image":
        return "drawing" if data else "upload"
    return "text"
