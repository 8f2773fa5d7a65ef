"""What happens with trained variants: both answer the visitor's own input; test examples are filtered and turned."""

from __future__ import annotations

import base64
from typing import Any

import gradio as gr

from tlvsft.comparison import paired_predictions
from tlvsft.config import SIDES
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.inference import ImageInput, Input, TextInput
from tlvsft.ui.answer_panels import answers_html, confidences_html, read_selection
from tlvsft.ui.explain_handlers import explain_example, explain_own, find_example
from tlvsft.ui.form import Updates
from tlvsft.ui.markup import Markup
from tlvsft.ui.parts import ResultParts
from tlvsft.ui.services import Services
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.setup_panels import complaint_html
from tlvsft.ui.views import input_kind
from tlvsft.ui.visitor import read_visitor

_PNG_PREFIX = "data:image/png;base64,"
DRAWING_CHARACTERS = 400_000
"""Longest drawing that is accepted; a full canvas is a tenth of it."""


def connect_answers(services: Services, *, visitor: gr.BrowserState, parts: ResultParts) -> None:
    """Makes the trained variants answer and explain, about the visitor's own input and about examples."""

    def on_text(kept: Any, text: str | None) -> Markup:
        return ask_about_text(services, kept, text)

    def on_drawing(event: gr.EventData, kept: Any) -> Markup:
        return ask_about_drawing(services, kept, read_click(event).get("image"))

    def on_upload(kept: Any, content: bytes | None) -> Markup:
        if not content:
            return confidences_html(None, [], {})
        return ask_both(services, kept, ImageInput(png_bytes=content, drawn=False))

    def on_why(event: gr.EventData, kept: Any, text: str | None, upload: bytes | None) -> Markup:
        own = read_own(services, kept, image=read_click(event).get("image"), text=text, upload=upload)
        return explain_own(services, kept, own)

    def on_answers(event: gr.EventData, kept: Any) -> Updates:
        return click_example(services, kept, read_click(event), parts)

    gr.on([parts.text.submit, parts.ask.click], on_text, [visitor, parts.text], parts.confidences, **QUICK)
    parts.drawing.input(on_drawing, [visitor], parts.confidences, trigger_mode="multiple", **QUICK)
    parts.upload.change(on_upload, [visitor, parts.upload], parts.confidences, **QUICK)
    parts.confidences.click(on_why, [visitor, parts.text, parts.upload], parts.explanation, **QUICK)
    answered = [parts.answers, parts.explanation, parts.text, parts.confidences]
    parts.answers.click(on_answers, [visitor], answered, **QUICK)


def click_example(services: Services, kept: Any, click: dict[str, Any], parts: ResultParts) -> Updates:
    """What a click in the list of examples asks for: why, the text in the visitor's box, or other examples."""
    if "why" in click:
        return {parts.explanation: explain_example(services, kept, click["why"])}
    if "copy" in click:
        text = read_example_text(services, kept, click["copy"])
        return {} if text is None else {parts.text: text, parts.confidences: ask_about_text(services, kept, text)}
    return {parts.answers: turn_answers(services, kept, click)}


def ask_about_text(services: Services, kept: Any, text: str | None) -> Markup:
    """What both say of the text in the box."""
    if not text or not text.strip():
        return complaint_html("Type a text first.")
    return ask_both(services, kept, TextInput(text=text))


def ask_about_drawing(services: Services, kept: Any, sent: object) -> Markup:
    """What both say of the canvas."""
    try:
        picture = read_drawing(sent)
    except InvalidInput as error:
        return complaint_html(str(error))
    return confidences_html(None, [], {}) if picture is None else ask_both(services, kept, picture)


def ask_both(services: Services, kept: Any, content: Input) -> Markup:
    """What both variants on the visitor's screen say, or the one line that says why they can't."""
    visitor = read_visitor(kept)
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
        answers = {
            side: services.predictor.predict(comparison.run(side).id, content, viewer=visitor.owner) for side in SIDES
        }
    except TlvsftError as error:
        return complaint_html(str(error))
    probabilities = {side: [float(value) for value in answers[side].probabilities] for side in SIDES}
    return confidences_html(comparison.config, answers["left"].class_names, probabilities)


def read_drawing(sent: object) -> ImageInput | None:
    """The drawing that a canvas sent; `None` when it was cleared.

    Raises:
        InvalidInput: It is no PNG data URI, or too long.
    """
    if sent is None or sent == "":
        return None
    if not isinstance(sent, str) or not sent.startswith(_PNG_PREFIX) or len(sent) > DRAWING_CHARACTERS:
        raise InvalidInput("This drawing can't be read: clear it and draw again.")
    try:
        return ImageInput(png_bytes=base64.b64decode(sent.removeprefix(_PNG_PREFIX), validate=True), drawn=True)
    except ValueError as error:  # binascii.Error is one
        raise InvalidInput("This drawing can't be read: clear it and draw again.") from error


def turn_answers(services: Services, kept: Any, click: dict[str, Any]) -> Markup:
    """The test examples that a click on a filter or a page asks for."""
    visitor = read_visitor(kept)
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
        rows = paired_predictions(services.store, comparison.id, comparison.config.seed)
        classes = services.store.class_names(comparison.id)
    except TlvsftError as error:
        return complaint_html(str(error))
    return answers_html(comparison.config, rows, classes, read_selection(click))


def read_example_text(services: Services, kept: Any, mark: object) -> str | None:
    """The text of an example of the list; `None` for a picture, or one that the visitor can't see."""
    visitor = read_visitor(kept)
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
        content = find_example(services, comparison, mark)
    except TlvsftError:
        return None
    return content.text if isinstance(content, TextInput) else None


def read_own(services: Services, kept: Any, *, image: object, text: str | None, upload: bytes | None) -> Input | None:
    """What the visitor typed, drew or chose, whichever the comparison on the screen reads; `None` if nothing."""
    visitor = read_visitor(kept)
    try:
        kind = input_kind(services.store.visible_comparison(visitor.viewing, viewer=visitor.owner))
        if kind == "drawing":
            return read_drawing(image)
    except TlvsftError:
        return None
    if kind == "upload":
        return ImageInput(png_bytes=upload, drawn=False) if upload else None
    return TextInput(text=text) if text and text.strip() else None
