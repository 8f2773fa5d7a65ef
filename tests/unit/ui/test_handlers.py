"""What handlers do with the store, the queue and the predictor; no browser, no training."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.inference import ImageInput, TextInput
from tlvsft.ui import submitting
from tlvsft.ui.ask_handlers import DRAWING_CHARACTERS, ask_both, read_drawing, turn_answers
from tlvsft.ui.form import read_setup
from tlvsft.ui.run_handlers import read_cursors
from tlvsft.ui.services import Services
from tlvsft.ui.submitting import find_again, start_once
from tlvsft.ui.views import input_kind, read_view
from tlvsft.ui.visitor import Visitor

ME, YOU = "m" * 32, "y" * 32
COLUMN = ("kept", "", "", None, "", "")
FORM = (
    *("glyphs-resnet", "digits", 50, None, 0, "classification", ""),
    *("linear_probe", "embedding,0,1,2,3", *COLUMN),
    *("full", "", *COLUMN),
)


@pytest.fixture
def finished(digits_config: ComparisonConfig, record_comparison: Callable[..., str]) -> str:
    """A finished comparison of the command line."""
    return record_comparison(digits_config, {("left", 0): [True] * 3, ("right", 0): [True, False, True]})


def test_the_page_is_built_and_offers_no_public_api(page: gr.Blocks, repository: Path) -> None:
    assert page.get_api_info()["named_endpoints"] == {}
    assert list((repository / "tlvsft").rglob("*.pyi")) == []


def test_a_double_click_starts_one(services: Services, digits_config: ComparisonConfig) -> None:
    first = start_once(services, [digits_config], owner=ME)
    assert start_once(services, [digits_config], owner=ME) == first
    assert start_once(services, [digits_config], owner=YOU) != first


def test_the_same_again_later_starts_another(
    services: Services, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start_once(services, [digits_config], owner=ME)
    monkeypatch.setattr(submitting, "DOUBLE_CLICK_S", 0.0)
    assert start_once(services, [digits_config], owner=ME) != first


def test_a_reload_finds_what_is_on_its_way_else_what_was_looked_at(
    services: Services, digits_config: ComparisonConfig, finished: str
) -> None:
    assert find_again(services, Visitor(owner=ME, viewing=finished)).viewing == finished
    own = services.queue.submit(digits_config, owner=ME)
    assert find_again(services, Visitor(owner=ME, viewing=finished)).viewing == own
    assert find_again(services, Visitor(owner=YOU)).viewing == ""


def test_nobody_sees_another_visitors_comparison(services: Services, digits_config: ComparisonConfig) -> None:
    own = services.queue.submit(digits_config, owner=ME)
    assert read_view(services, Visitor(owner=ME, viewing=own)).comparison is not None
    assert read_view(services, Visitor(owner=YOU, viewing=own)).comparison is None
    sent = {"owner": YOU, "viewing": own}
    assert "There is no comparison" in ask_both(services, sent, TextInput(text="hello"))
    assert "There is no comparison" in turn_answers(services, sent, {})
    with pytest.raises(InvalidInput):
        services.queue.stop(own, viewer=YOU)


def test_on_a_shared_host_the_command_lines_are_hidden(
    services: Services, finished: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_view(services, Visitor(owner=ME, viewing=finished)).comparison is not None
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert read_view(services, Visitor(owner=ME, viewing=finished)).comparison is None


def test_a_view_knows_whether_it_is_news(services: Services, finished: str) -> None:
    visitor = Visitor(owner=ME, viewing=finished)
    whole = read_view(services, visitor)
    assert whole.has_news
    again = read_view(services, visitor, cursors=whole.cursors)
    assert not again.has_news
    assert again.cursors == whole.cursors


@pytest.mark.parametrize("kept", [None, [], "x", {"a": "1"}, {"a": -1}, {"a": 1.5}])
def test_cursors_that_are_none_are_ignored(kept: Any) -> None:
    assert read_cursors(kept) == {}


def test_both_variants_are_asked_for_this_visitor(services: Services, finished: str) -> None:
    html = ask_both(services, {"owner": ME, "viewing": finished}, TextInput(text="hello"))
    assert html.count('<b translate="no">b</b>') == 2
    assert [(run, viewer) for run, _, viewer in services.predictor.asked] == [  # type: ignore[attr-defined]
        (f"{finished}-left-0", ME),
        (f"{finished}-right-0", ME),
    ]


def test_a_drawing_is_read_within_bounds() -> None:
    picture = b"\x89PNG..."
    sent = "data:image/png;base64," + base64.b64encode(picture).decode()
    assert read_drawing(sent) == ImageInput(png_bytes=picture, drawn=True)
    assert read_drawing("") is None


@pytest.mark.parametrize(
    "sent",
    [
        3,
        "hello",
        "data:image/svg+xml;base64,AAAA",
        "data:image/png;base64,é",
        "data:image/png;base64," + "A" * DRAWING_CHARACTERS,
    ],
)
def test_what_is_no_drawing_is_refused(sent: object) -> None:
    with pytest.raises(InvalidInput, match="draw again"):
        read_drawing(sent)


@pytest.mark.parametrize(
    "click", [{"filter": "left", "page": "0"}, {"filter": "<b>", "page": "-1"}, {"page": "9" * 50}]
)
def test_answers_are_turned_whatever_is_sent(services: Services, finished: str, click: dict[str, str]) -> None:
    html = turn_answers(services, {"owner": ME, "viewing": finished}, click)
    assert html.count('aria-pressed="true"') == 1


def test_the_form_is_read(digits_config: ComparisonConfig) -> None:
    assert read_setup(*FORM).config() == digits_config


@pytest.mark.parametrize(("place", "value", "words"), [(2, None, "labels"), (2, 1.5, "whole"), (3, 2.5, "whole")])
def test_a_form_that_makes_no_sense_is_refused(place: int, value: Any, words: str) -> None:
    form = [*FORM]
    form[place] = value
    with pytest.raises(InvalidInput, match=words):
        read_setup(*form)


def test_a_digit_is_drawn(services: Services, digits_config: ComparisonConfig) -> None:
    own = services.queue.submit(digits_config, owner=ME)
    assert input_kind(services.store.comparison(own)) == "drawing"


def test_gradio_keeps_nothing_of_a_visitor_on_the_server(page: gr.Blocks) -> None:
    assert [block for block in page.blocks.values() if isinstance(block, gr.State)] == []
