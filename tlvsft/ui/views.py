"""One comparison on the screen: what every part of the page shows of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import find_dataset
from tlvsft.comparison import decide_verdict, paired_predictions
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.answer_panels import answers_html, confidences_html
from tlvsft.ui.break_panel import show_breakage
from tlvsft.ui.chain import ChainProgress, may_be_in_chain, read_chain
from tlvsft.ui.chain_panel import chain_html
from tlvsft.ui.charts import Figure, Line, accuracy_figure, loss_figure, perplexity_figure
from tlvsft.ui.components import empty_curves
from tlvsft.ui.differences_panel import differences_html
from tlvsft.ui.evidence import LOOKED_BACK, gather_evidence
from tlvsft.ui.evidence_panel import evidence_to_come_html
from tlvsft.ui.explanation_panel import explanation_html
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.form import Updates
from tlvsft.ui.kept import can_answer, describe_kept, why_no_verdict
from tlvsft.ui.ladder_panel import ladder_html
from tlvsft.ui.layout import VERDICT_TO_COME
from tlvsft.ui.live_panels import current_runs, heading_html, progress_html
from tlvsft.ui.markup import Markup, element
from tlvsft.ui.moves_panel import moves_value
from tlvsft.ui.news import make_stamp, place_in_queue
from tlvsft.ui.parts import RaceParts, ResultParts, SetupParts
from tlvsft.ui.result_panels import results_html, verdict_html
from tlvsft.ui.sample_panel import first_seed, sample_html
from tlvsft.ui.scoreboard import outcome_sentence, scoreboard_html
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup
from tlvsft.ui.setup_panels import launcher_html
from tlvsft.ui.starts import column_starts
from tlvsft.ui.take_home_handlers import show_take_home
from tlvsft.ui.texts import predicts_words, side_names
from tlvsft.ui.verdicts import read_verdict
from tlvsft.ui.visitor import Visitor
from tlvsft.ui.watching import NEWS_PATH, Watched


@dataclass(frozen=True, kw_only=True)
class View:
    """What a visitor looks at, freshly read.

    Attributes:
        comparison: `None` when there is nothing to look at yet.
        progress: Where each run stands.
        known: How far each run had come when the page was last renewed.
        chain: The three tasks, where the page shows them.
        place: The comparison's place in the queue; `None` if it doesn't wait.
    """

    comparison: ComparisonRecord | None
    progress: dict[str, RunProgress]
    known: Mapping[str, int] = field(default_factory=dict)
    chain: ChainProgress | None = None
    place: int | None = None

    @property
    def cursors(self) -> dict[str, int]:
        """How far each run has come: the number of its last event."""
        return {run: progress.cursor for run, progress in self.progress.items()}

    @property
    def has_news(self) -> bool:
        """Whether anything has happened that the screen doesn't show yet."""
        return any(cursor > self.known.get(run, 0) for run, cursor in self.cursors.items())

    @property
    def is_running(self) -> bool:
        """Whether the comparison, or the chain that it belongs to, is still on its way."""
        if self.comparison is None:
            return False
        return not self.comparison.is_over or (self.other is not None and not self.other.is_over)

    @property
    def other(self) -> ComparisonRecord | None:
        """The other comparison of the chain that the one on the screen belongs to."""
        if self.comparison is None or self.chain is None or self.comparison.id not in self.chain.chain.ids:
            return None
        chain = self.chain.chain
        return chain.last if self.comparison.id == chain.adaptation.id else chain.adaptation


def read_view(
    services: Services, visitor: Visitor, *, cursors: dict[str, int] | None = None, with_chain: bool = True
) -> View:
    """Reads what the visitor looks at; what they may not see isn't there.

    Args:
        services: Where it is read from.
        visitor: Who looks, and at what.
        cursors: How far each run had come when the page was last renewed.
        with_chain: Whether to look for the three tasks even if the comparison on the screen is none of them.
    """
    comparison = _viewed(services, visitor)
    chain = read_chain(services, visitor) if with_chain or may_be_in_chain(comparison) else None
    if comparison is None:
        return View(comparison=None, progress={}, chain=chain)
    progress = {run.id: services.feed.progress(run.id) for run in comparison.runs}
    place = place_in_queue(services, comparison)
    return View(comparison=comparison, progress=progress, known=cursors or {}, chain=chain, place=place)


def _viewed(services: Services, visitor: Visitor) -> ComparisonRecord | None:
    if not visitor.viewing:
        return None
    try:
        return services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
    except InvalidInput:
        return None


def show_race(parts: RaceParts, services: Services, view: View, *, fresh: bool) -> Updates:
    """Button, progress and curves; with `fresh` the curves are drawn anew. Their points come by polling."""
    comparison = view.comparison
    sides = {} if comparison is None else current_runs(comparison, view.progress)
    verdict = read_verdict(services.store, comparison)
    outcome = "" if comparison is None or view.is_running else outcome_sentence(comparison, view.progress, verdict)
    updates: Updates = {
        parts.launcher: launcher_html(running=view.is_running, note=outcome or _launch_note(view)),
        parts.scoreboard: scoreboard_html(comparison, view.progress, verdict),
        parts.progress: progress_html(comparison, sides),
        parts.cursors: view.cursors,
        parts.curves: curves_value(services, view, fresh=fresh),
        parts.moves: moves_value(comparison, view.progress),
    }
    return updates | ({parts.heading: heading_html(comparison)} if fresh else {})


def curves_value(services: Services, view: View, *, fresh: bool) -> dict[str, Any]:
    """What the curves' script is told: where news are, and the figures to draw when these are other ones."""
    comparison = view.comparison
    if comparison is None:
        return empty_curves()
    watched = Watched(comparison.id, "" if view.other is None else view.other.id)
    progress = view.progress | (dict(view.chain.progress) if view.chain else {})
    value: dict[str, Any] = {
        "comparison": comparison.id,
        "news": f"{NEWS_PATH}/{watched}",
        "key": services.keys.key(watched),
        "stamp": make_stamp(comparison, view.other, progress, place=view.place),
        "over": comparison.is_over,
    }
    if not fresh:
        return value
    names = side_names(comparison.config)
    several = comparison.config.seeds > 1
    lines = [
        Line(run_id=run.id, side=run.side, name=names[run.side], seed=run.seed if several else None)
        for run in comparison.runs
    ]
    return value | {"figures": figures_of(comparison.config, lines)}


def figures_of(config: ComparisonConfig, lines: list[Line]) -> dict[str, Figure]:
    """Both charts of a comparison: the loss, and accuracy or perplexity."""
    if predicts_words(config):
        return {"loss": loss_figure(lines, from_zero=False), "score": perplexity_figure(lines)}
    data = find_dataset(config.dataset.name)
    return {
        "loss": loss_figure(lines),
        "score": accuracy_figure(lines, num_classes=len(data.classes) if data else None),
    }


def show_live_ladders(parts: SetupParts, services: Services, visitor: Visitor, view: View, setup: Setup) -> Updates:
    """The ladders as they are now, where that has changed since the last look; the setup's own after the end.

    A column whose setup the visitor has changed in the meantime shows what was chosen, and is left alone.
    """
    comparison = view.comparison
    if comparison is None or not view.has_news:
        return {}
    starts, updates = column_starts(services, visitor, setup), {}
    for side, current in current_runs(comparison, view.progress).items():
        changed = current.progress.blocks_at > view.known.get(current.run.id, 0)
        if not setup.shows_ladder_of(comparison.config, side) or not (changed or comparison.is_over):
            continue
        now = () if comparison.is_over else current.progress.blocks
        way, stamp = starts[side].way, time.monotonic_ns()
        updates[parts.columns[side].ladder] = ladder_html(setup, side, stamp=stamp, way=way, now=now)
    return updates


def show_chain(parts: ResultParts, view: View) -> Updates:
    """The three tasks."""
    return {parts.chain: chain_html(view.chain, viewing=view.comparison.id if view.comparison else "")}


def show_results(parts: ResultParts, services: Services, view: View) -> Updates:
    """Verdict, numbers, test examples, and the input for the visitor's own."""
    comparison = view.comparison
    words = comparison is not None and predicts_words(comparison.config)
    updates: Updates = {
        parts.confidences: confidences_html(None, [], {}),
        parts.explanation: gr.update(value=explanation_html(None, {}), visible=not words),
        parts.broke: show_breakage(services, comparison),
        parts.numbers: results_html(comparison, view.progress),
        parts.evidence: evidence_to_come_html(comparison),
        parts.take_home: show_take_home(services, comparison),
        parts.text: "",
        parts.next_words.box: gr.update(visible=words),
        parts.tried: gr.update(visible=not words),
    }
    if comparison is None or not comparison.is_finished:
        explains = comparison is not None and can_answer(services.store, comparison)
        sample = sample_html(None if words else comparison, view.progress, explains=explains)
        updates[parts.answers] = gr.update(value=sample, visible=not words)
        return updates | _show_unfinished(parts, services, view)
    return updates | _show_outcome(parts, services, view, comparison)


def _show_unfinished(parts: ResultParts, services: Services, view: View) -> Updates:
    """That there is no verdict, and if the comparison was stopped, what can be asked all the same."""
    comparison = view.comparison
    if comparison is None or not comparison.is_over:
        return {parts.verdict: verdict_html(None, waiting_for=VERDICT_TO_COME)} | _show_input(parts, None)
    updates = {parts.verdict: verdict_html(None, waiting_for=why_no_verdict(services.store, comparison))}
    if predicts_words(comparison.config) or not can_answer(services.store, comparison):
        return updates | _show_input(parts, None)
    return updates | _show_input(parts, comparison, hint=describe_kept(comparison, view.progress))


def show_sample(parts: ResultParts, view: View) -> Updates:
    """The validation examples that both answer while they learn, as soon as they are drawn; the poll does the rest."""
    comparison = view.comparison
    if comparison is None or comparison.is_over or predicts_words(comparison.config):
        return {}
    runs = {comparison.run(side).id: run for side, run in first_seed(comparison, view.progress).items()}
    if not any(run.sample_at > view.known.get(name, 0) for name, run in runs.items()):
        return {}
    return {parts.answers: sample_html(comparison, view.progress)}


def _show_outcome(parts: ResultParts, services: Services, view: View, comparison: ComparisonRecord) -> Updates:
    words = predicts_words(comparison.config)
    explains = can_answer(services.store, comparison)
    nothing = sample_html(None if words else comparison, view.progress, explains=explains)
    try:
        verdict = decide_verdict(services.store, comparison.id)
        answers = nothing if words else _read_answers(services, comparison)
    except TlvsftError as error:  # its files were pruned or damaged: the page still shows what the store has
        return {
            parts.verdict: verdict_html(None, waiting_for=str(error)),
            parts.answers: gr.update(value=nothing, visible=not words),
        } | _show_input(parts, None)
    return {
        parts.verdict: verdict_html(verdict, waiting_for=VERDICT_TO_COME),
        parts.answers: gr.update(value=answers, visible=not words),
    } | _show_input(parts, None if words else comparison)


def _read_answers(services: Services, comparison: ComparisonRecord) -> Markup:
    rows = paired_predictions(services.store, comparison.id, comparison.config.seed)
    return answers_html(comparison.config, rows, services.store.class_names(comparison.id))


def show_differences(parts: ResultParts, services: Services, visitor: Visitor, view: View) -> Updates:
    """The claims, each beside its evidence once the comparison is over."""
    comparison = view.comparison
    if comparison is None:
        return {parts.differences: differences_html(None)}
    others = services.store.comparisons(owner=visitor.owner, limit=LOOKED_BACK) if comparison.is_finished else []
    shown = gather_evidence(services, comparison, view.progress, others=others)
    return {parts.differences: differences_html(shown, waiting=not comparison.is_over)}


def _launch_note(view: View) -> str:
    comparison = view.comparison
    if comparison is None or not view.is_running:
        return "Both start from the same head and see the same examples in the same order."
    if comparison.is_over:
        return "The next comparison of the chain is on its way."
    if view.place is None:
        return "You may reload or close the page: training goes on."
    return "Waiting: you are next." if view.place == 1 else f"Waiting: place {view.place} in the queue."


def _show_input(parts: ResultParts, comparison: ComparisonRecord | None, *, hint: str = "") -> Updates:
    """The fitting way to ask both variants something: a text, a drawing or a picture."""
    kind = None if comparison is None else input_kind(comparison)
    empty = "Type a sentence or draw a digit here, and both trained variants will answer."
    return {
        parts.try_hint: try_hint_html(empty if kind is None else hint),
        parts.text_box: gr.update(visible=kind == "text"),
        parts.drawing_box: gr.update(visible=kind == "drawing"),
        parts.upload_box: gr.update(visible=kind == "upload"),
    }


def try_hint_html(hint: str) -> Markup:
    """The heading of the visitor's own input, and what will be there."""
    return element("div", element("h2", "Try it"), element("p", hint, class_="empty") if hint else None)


def input_kind(comparison: ComparisonRecord) -> str:
    """How new examples of a comparison's kind are made: `text`, `drawing` or `upload`."""
    name = comparison.config.dataset.name
    data, backbone = find_dataset(name), BACKBONES.get(comparison.config.backbone)
    modality = data.modality if data else backbone.modality if backbone else None
    if modality == "image":
        return "drawing" if name in DATASETS else "upload"
    return "text"
