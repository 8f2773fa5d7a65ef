"""Where everything else stands: header, race, next words, three tasks, results. Nothing here knows what it does."""

from __future__ import annotations

from typing import Any

import gradio as gr

from tlvsft.ui.answer_panels import confidences_html
from tlvsft.ui.chain_panel import chain_html
from tlvsft.ui.collect_layout import build_ask_camera
from tlvsft.ui.components import (
    answers_panel,
    checkpoint_signal,
    drawing_canvas,
    html_panel,
    live_curves,
    moves_chart,
    older_signal,
    stage_panel,
    take_home_card,
)
from tlvsft.ui.differences_panel import differences_html
from tlvsft.ui.evidence_panel import evidence_to_come_html
from tlvsft.ui.explanation_panel import explanation_html
from tlvsft.ui.history_layout import build_history, build_own_setup
from tlvsft.ui.link_layout import line_panel
from tlvsft.ui.link_panel import command_line_html
from tlvsft.ui.live_panels import heading_html, progress_html
from tlvsft.ui.moves_panel import moves_value
from tlvsft.ui.next_words_panel import SAMPLE_PROMPTS, next_words_html, prompts_html
from tlvsft.ui.parts import NextWordsParts, RaceParts, ResultParts
from tlvsft.ui.presenter_panels import cover_html, room_html
from tlvsft.ui.replay_panels import empty_outcome_html, offer_html
from tlvsft.ui.result_panels import results_html, verdict_html
from tlvsft.ui.sample_panel import sample_html
from tlvsft.ui.scoreboard import scoreboard_html
from tlvsft.ui.setup_panels import complaint_html, header_html, launcher_html
from tlvsft.ui.sweep_layout import build_sweeps
from tlvsft.ui.take_home_panel import take_home_html

VERDICT_TO_COME = (
    "When both have been tested, this says which is better here, by how much, how surely and at what cost."
)


def build_header() -> None:
    """Title, question, presenter mode, languages, light and dark."""
    script = "tlvsft.theme(element); tlvsft.presenter(element); tlvsft.languageSwitch(element);"
    stage_panel(header_html(), script=script, elem_id="header")


def build_launcher() -> tuple[gr.HTML, gr.HTML, gr.HTML]:
    """The one button, above it what keeps it from working, on both sides of it the outcome; a recording, the room."""
    with gr.Column(elem_id="launch-bar"):
        complaint = html_panel(complaint_html(""))
        launcher = html_panel(
            launcher_html(running=False), script="tlvsft.launcher(element, trigger, 'click');", elem_id="launcher"
        )
        scoreboard = html_panel(scoreboard_html(None, {}), elem_id="scoreboard")
        stage_panel(offer_html(), script="tlvsft.replayOffer(element);", elem_id="replay-offer")
        stage_panel(room_html(), script="tlvsft.room(element);", elem_id="room")
    return launcher, complaint, scoreboard


def build_race(launcher: gr.HTML, complaint: gr.HTML, scoreboard: gr.HTML) -> RaceParts:
    """Progress, curves, what moves."""
    with gr.Column(elem_id="race", elem_classes=["card"]):
        stage_panel("", script="tlvsft.replayStage(element);", elem_id="replay")
        heading = html_panel(heading_html(None), elem_id="race-heading")
        own = build_own_setup()
        progress = html_panel(progress_html(None, {}), elem_id="race-progress")
        curves = live_curves(elem_id="curves")
        older = older_signal(elem_id="older-signal")
    moves = moves_chart(moves_value(None, {}), elem_id="moves")
    return RaceParts(
        launcher=launcher, complaint=complaint, scoreboard=scoreboard, heading=heading, own=own, progress=progress,
        curves=curves, cursors=gr.JSON({}, visible=False), moves=moves, older=older,
    )  # fmt: skip


def build_chain() -> gr.HTML:
    """The three tasks; the style sheet shows them where the story or the comparison on the screen is about them."""
    return html_panel(chain_html(None), elem_id="chain")


def build_results(chain: gr.HTML) -> ResultParts:
    """Next words, verdict, numbers, the visitor's own input, test examples, what differs, the list of comparisons."""
    stage_panel(cover_html(), script="", elem_id="cover")
    stage_panel(empty_outcome_html(), script="tlvsft.replayOutcome(element);", elem_id="replay-outcome")
    next_words = _build_next_words()
    broke = html_panel("", elem_id="what-broke")
    with gr.Row(elem_id="results"):
        with gr.Column(min_width=320, scale=5, elem_id="outcome"):
            verdict = html_panel(verdict_html(None, waiting_for=VERDICT_TO_COME))
            numbers = html_panel(results_html(None, {}))
        with gr.Column(min_width=320, scale=6, elem_id="try-it", elem_classes=["card"]) as tried:
            inputs = _build_try_it()
    answers = answers_panel(sample_html(None, {}), "answers(element, trigger, watch, 'click')", elem_id="answers")
    explanation = answers_panel(explanation_html(None, {}), "explanation(element, watch)", elem_id="why")
    differences = html_panel(differences_html(None), elem_id="differences")
    script = "tlvsft.askWhenWanted(element, trigger, watch, 'click');"
    evidence = html_panel(evidence_to_come_html(None), script=script, elem_id="evidence")
    command = line_panel(command_line_html(None), elem_id="screen-line")
    take_home = take_home_card(take_home_html(None, []), elem_id="take-home")
    sweeps = build_sweeps()
    history = build_history()
    return ResultParts(
        verdict=verdict, broke=broke, numbers=numbers, tried=tried, **inputs, answers=answers,
        explanation=explanation, history=history, next_words=next_words, chain=chain, differences=differences,
        evidence=evidence, command=command, take_home=take_home, sweeps=sweeps,
    )  # fmt: skip


def _build_next_words() -> NextWordsParts:
    signal = checkpoint_signal(elem_id="checkpoint-signal")
    with gr.Column(visible=False, elem_id="next-words", elem_classes=["card"]) as box:
        prompts = html_panel(prompts_html(), elem_id="prompts")
        with gr.Row(elem_classes=["prompt-row"]):
            prompt = gr.Textbox(
                SAMPLE_PROMPTS[0],
                label="Type the beginning of a sentence",
                lines=1,
                max_lines=1,
                scale=5,
                min_width=220,
            )
            ask = gr.Button("Go on", elem_classes=["ask"], scale=0, min_width=110)
        table = html_panel(next_words_html("", ()), elem_id="next-words-table")
    return NextWordsParts(box=box, prompt=prompt, ask=ask, prompts=prompts, table=table, signal=signal)


def _build_try_it() -> dict[str, Any]:
    try_hint = html_panel("", elem_id="try-hint")
    with gr.Column(visible=False, elem_classes=["try-input"]) as text_box:
        text = gr.Textbox(label="Type a text", placeholder="e.g. I couldn't put it down.", lines=3, max_lines=6)
        ask = gr.Button("Ask both", elem_classes=["ask"])
    with gr.Column(visible=False, elem_classes=["try-input"]) as drawing_box:
        drawing = drawing_canvas()
    with gr.Column(visible=False, elem_classes=["try-input"]) as upload_box:
        upload = gr.File(label="An image of your own", file_types=["image"], type="binary", height=120)
        build_ask_camera()
    confidences = answers_panel(
        confidences_html(None, [], {}), "ownAnswer(element, trigger, 'click')", elem_id="confidences"
    )
    return {
        "text_box": text_box, "text": text, "ask": ask, "drawing_box": drawing_box, "drawing": drawing,
        "upload_box": upload_box, "upload": upload, "try_hint": try_hint, "confidences": confidences,
    }  # fmt: skip
