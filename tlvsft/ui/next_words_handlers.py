"""The visitor's prompt, answered by three models; asked again, beside the page's poll, when a checkpoint is newer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from tlvsft.config import PREDICTION_TEXT_CHARACTERS, SIDES, Side
from tlvsft.errors import TlvsftError
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.form import Updates
from tlvsft.ui.markup import Markup
from tlvsft.ui.next_words_panel import SAMPLE_PROMPTS, Column, next_words_html
from tlvsft.ui.parts import NextWordsParts
from tlvsft.ui.services import NextWords, Services
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.texts import predicts_words, side_names
from tlvsft.ui.visitor import Visitor, read_visitor


def connect_next_words(services: Services, *, visitor: gr.BrowserState, parts: NextWordsParts) -> None:
    """Makes the three models go on with what the visitor types."""

    def on_ask(kept: Any, prompt: str | None) -> Markup:
        return go_on(services, read_visitor(kept), prompt or "")

    def on_prompt(event: gr.EventData, kept: Any) -> Updates:
        chosen = read_click(event).get("prompt")
        prompt = next((prompt for prompt in SAMPLE_PROMPTS if prompt == chosen), SAMPLE_PROMPTS[0])
        return {parts.prompt: prompt, parts.table: go_on(services, read_visitor(kept), prompt)}

    asked = [parts.prompt.submit, parts.ask.click, parts.signal.input]
    gr.on(asked, on_ask, [visitor, parts.prompt], parts.table, trigger_mode="always_last", **QUICK)
    parts.prompts.click(on_prompt, [visitor], [parts.prompt, parts.table], **QUICK)


def checkpoint_mark(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> str:
    """What changes whenever a run of the comparison on the screen has a newer checkpoint; empty for none."""
    if not predicts_words(comparison.config):
        return ""
    marks = []
    for side in SIDES:
        run = comparison.run(side)
        marks.append(f"{run.state if run.is_over else 'on its way'} {progress[run.id].saved}")
    return " ".join([comparison.id, *marks])


def go_on(services: Services, visitor: Visitor, prompt: str) -> Markup:
    """How the untouched model and both variants of the comparison on the screen go on with a prompt."""
    if not prompt.strip():
        return next_words_html("", ())
    if len(prompt) > PREDICTION_TEXT_CHARACTERS:
        return next_words_html("", (), complaint=f"A prompt has at most {PREDICTION_TEXT_CHARACTERS:,} characters.")
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
    except TlvsftError as error:
        return next_words_html("", (), complaint=str(error))
    return next_words_html(prompt, ask_three(services, visitor, comparison, prompt))


def ask_three(services: Services, visitor: Visitor, comparison: ComparisonRecord, prompt: str) -> list[Column]:
    """One column for the untouched model and one for each variant; a model that can't answer says why."""
    backbone = comparison.config.backbone
    answer, reason = _answer(lambda: services.predictor.next_words_before(backbone, prompt))
    before = Column(place="before", title="Before", facts=f"{backbone}, untouched", answer=answer, reason=reason)
    return [before, *(_ask_variant(services, visitor, comparison, side, prompt) for side in SIDES)]


def _ask_variant(services: Services, visitor: Visitor, comparison: ComparisonRecord, side: Side, prompt: str) -> Column:
    title, run = side_names(comparison.config)[side], comparison.run(side)
    if services.feed.progress(run.id).saved is None and not run.is_over:
        reason = "Its words come with its first checkpoint."
        return Column(place=side, title=title, facts="not trained yet", reason=reason)
    answer, reason = _answer(lambda: services.predictor.next_words(run.id, prompt, viewer=visitor.owner))
    step = None if answer is None else answer.step
    facts = "no checkpoint" if answer is None else "not trained yet" if step is None else f"after {step:,} steps"
    return Column(place=side, title=title, facts=facts, answer=answer, reason=reason)


def _answer(ask: Callable[[], NextWords]) -> tuple[NextWords | None, str]:
    try:
        return ask(), ""
    except TlvsftError as error:
        return None, str(error)
