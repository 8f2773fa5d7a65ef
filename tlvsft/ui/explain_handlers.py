"""What carried the decision: both variants explain their answers to an example, or to the visitor's own input."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

from tlvsft.config import SIDES
from tlvsft.datasets.showing import CUT
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.inference import ImageInput, Input, TextInput
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.explanation_panel import explanation_html
from tlvsft.ui.markup import Markup
from tlvsft.ui.sample_panel import first_seed
from tlvsft.ui.services import Services
from tlvsft.ui.visitor import Visitor, read_visitor

_GONE = "This example is no longer there: reload the page."


def explain_example(services: Services, kept: Any, mark: object) -> Markup:
    """What both answers to an example of the list rest on.

    Args:
        services: Who is asked.
        kept: The visitor, as their browser keeps them.
        mark: Which example, as its button sent it: `test-12`.
    """
    visitor = read_visitor(kept)
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
        content = find_example(services, comparison, mark)
    except TlvsftError as error:
        return explanation_html(None, {}, stamp=time.monotonic_ns(), complaint=str(error))
    cut = isinstance(content, TextInput) and content.text.endswith(CUT)
    about = f"About {str(mark).replace('-', ' example ')}" + (", shortened as it is shown." if cut else ".")
    return _explain(services, visitor, comparison, content, about)


def explain_own(services: Services, kept: Any, content: Input | None) -> Markup:
    """What both answers to the visitor's own input rest on."""
    visitor = read_visitor(kept)
    try:
        comparison = services.store.visible_comparison(visitor.viewing, viewer=visitor.owner)
        if content is None:
            raise InvalidInput("There is nothing to explain yet: type, draw or choose something first.")
    except TlvsftError as error:
        return explanation_html(None, {}, stamp=time.monotonic_ns(), complaint=str(error))
    return _explain(services, visitor, comparison, content, "About your own input.")


def find_example(services: Services, comparison: ComparisonRecord, mark: object) -> Input:
    """A shown example as something to ask about.

    Raises:
        InvalidInput: There is none of this mark.
    """
    kind, _, number = str(mark).partition("-")
    if not number.isdecimal() or len(number) > 9:
        raise InvalidInput(_GONE)
    shown = _shown(services, comparison, kind).get(int(number))
    if shown is None:
        raise InvalidInput(_GONE)
    text, image = shown
    if text is not None:
        return TextInput(text=text)
    return ImageInput(png_bytes=base64.b64decode((image or "").partition(",")[2]), drawn=False)


def _shown(services: Services, comparison: ComparisonRecord, kind: str) -> Mapping[int, tuple[str | None, str | None]]:
    """The text or the image of each shown example of a split, by its number on the page."""
    if kind == "test":
        return {example.index: (example.text, example.image) for example in services.store.examples(comparison.id)}
    progress = {run.id: services.feed.progress(run.id) for run in comparison.runs}
    sample = next((run.sample for run in first_seed(comparison, progress).values() if run.sample), ())
    return {number: (example.text, example.image) for number, example in enumerate(sample)}


def _explain(services: Services, visitor: Visitor, comparison: ComparisonRecord, content: Input, about: str) -> Markup:
    try:
        explanations = {
            side: services.predictor.explain(comparison.run(side).id, content, viewer=visitor.owner) for side in SIDES
        }
    except TlvsftError as error:
        return explanation_html(None, {}, stamp=time.monotonic_ns(), complaint=str(error))
    return explanation_html(comparison.config, explanations, about=about, stamp=time.monotonic_ns())
