"""Live answers and explanations in words, computed from the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.ui.test_panels import NASTY, STARTED, pair
from tlvsft.comparison import PairedPrediction
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import SampleAnswer, SampleAnswered, SampleDrawn, SampleExample
from tlvsft.runs.inference import PictureExplanation, TextExplanation, TextInput, WordDrop
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import Example
from tlvsft.runs.store import Store
from tlvsft.ui.answer_panels import Selection, answers_html, describe_answers, read_selection, select
from tlvsft.ui.explain_handlers import explain_example, explain_own, find_example
from tlvsft.ui.explanation_panel import describe_places, describe_words, explanation_html, strongest_place
from tlvsft.ui.feed import Feed
from tlvsft.ui.sample_panel import sample_html, sample_news
from tlvsft.ui.services import Services

ME, YOU = "m" * 32, "y" * 32
SAMPLE = SampleDrawn(shown=(SampleExample(index=7, label=0, text=NASTY), SampleExample(index=9, label=1, text="two")))


def answered(step: int, *predicted: int) -> SampleAnswered:
    answers = tuple(SampleAnswer(predicted=said, probability=0.75, truth_probability=0.5) for said in predicted)
    return SampleAnswered(step=step, answers=answers)


@pytest.fixture
def started(store: Store, digits_config: ComparisonConfig) -> str:
    comparison_id = store.add_comparison(digits_config, owner=ME)
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        store.append_events(run.id, [STARTED, SAMPLE])
    return comparison_id


def look(store: Store, comparison_id: str) -> tuple[Any, dict[str, Any]]:
    comparison, feed = store.comparison(comparison_id), Feed(store)
    return comparison, {run.id: feed.progress(run.id) for run in comparison.runs}


def test_live_answers_say_who_has_how_many_right(store: Store, started: str) -> None:
    assert sample_news(*look(store, started)) is None
    left = store.comparison(started).run("left").id
    store.append_event(left, answered(4, 0, 1))
    store.append_event(left, answered(8, 0, 0))
    news = sample_news(*look(store, started))
    assert news is not None
    assert news["rows"] == {"left": [["0", "0.75", "right"], ["0", "0.75", "wrong"]], "right": []}
    assert "Linear probe has 1 of 2 right after 8 steps" in news["words"]
    assert "Full fine-tuning has not answered yet" in news["words"]
    assert json.dumps(news)
    html = sample_html(*look(store, started))
    assert NASTY not in html
    assert f'data-sample="{started}"' in html
    assert "data-why" not in html
    assert html.count('class="answer"') == 2
    assert html.count("answer is-empty") == 6


def test_what_was_stopped_can_be_asked(store: Store, started: str) -> None:
    for run in store.comparison(started).runs:
        store.append_event(run.id, answered(4, 0, 1))
    assert "data-why" not in sample_html(*look(store, started))
    assert 'data-why="validation-1"' in sample_html(*look(store, started), explains=True)


def test_the_panel_has_its_places_before_anything_is_known() -> None:
    assert sample_html(None, {}).count("answer is-empty") == 8


def grouped(index: int, group: str, **right: bool) -> PairedPrediction:
    row = pair(index, **right)
    example = Example(index=index, label=0, text="words", group=group)
    return PairedPrediction(
        index=index,
        example=example,
        true_label=index % 2,
        left_probabilities=row.left_probabilities,
        right_probabilities=np.flip(row.right_probabilities) if index % 2 else row.right_probabilities,
    )


ROWS = [grouped(0, "plain", left=True, right=True), grouped(2, "implied", left=False, right=True)]


def test_filters_combine_and_counts_follow(digits_config: ComparisonConfig) -> None:
    chosen = Selection(outcome="right", group="implied")
    assert [row.index for row in select(ROWS, chosen)] == [2]
    html = answers_html(digits_config, ROWS, ["a", "b"], chosen)
    assert '<option value="implied" selected>implied (1)</option>' in html
    assert '<option value="plain">plain (0)</option>' in html
    assert '<option value="1">b (0)</option>' in html
    assert 'data-group="implied"' in html
    none = answers_html(digits_config, ROWS, ["a", "b"], Selection(label=1))
    assert "None: no test example is like this." in none
    assert "Show all" in none


def test_each_kind_has_its_accuracies_in_words(digits_config: ComparisonConfig) -> None:
    told = describe_answers(digits_config, ROWS)
    assert "both are right on 1, only Linear probe on 0, only Full fine-tuning on 1, neither on 0." in told
    assert "implied: Linear probe 0.0 %, Full fine-tuning 100.0 %; plain:" in told


@pytest.mark.parametrize(
    ("click", "selection"),
    [
        (
            {"filter": "left", "label": "3", "group": "x", "page": "2"},
            Selection(outcome="left", label=3, group="x", page=2),
        ),
        ({"filter": "?", "label": "-1", "group": 7, "page": "9" * 50}, Selection()),
    ],
)
def test_a_selection_is_read_whatever_is_sent(click: dict[str, Any], selection: Selection) -> None:
    assert read_selection(click) == selection


WORDS = TextExplanation(
    class_names=("no", "yes"),
    predicted=1,
    probability=0.9,
    text="so <good>, but dull",
    words=(
        WordDrop(start=0, end=2, drop=0.001),
        WordDrop(start=3, end=10, drop=0.4),
        WordDrop(start=11, end=14, drop=0.0),
        WordDrop(start=15, end=19, drop=-0.05),
    ),
    total_words=9,
)
PLACES = PictureExplanation(
    class_names=("no", "yes"),
    predicted=1,
    probability=0.9,
    picture="data:image/png;base64,AAAA",
    heat="data:image/png;base64,BBBB",
    drops=((0.0, 0.0, 0.5), (0.0, 0.1, 0.0), (0.0, 0.0, 0.0)),
)


def test_words_are_named_with_what_leaving_them_out_does(digits_config: ComparisonConfig) -> None:
    sentence = describe_words("Linear probe", WORDS)
    assert sentence == (
        "Linear probe says yes (0.90); it rests most on “<good>” (−0.40 without it); "
        "most against it: “dull” (+0.05 without it)."
    ).replace("<good>", "good")
    html = explanation_html(digits_config, {"left": WORDS, "right": WORDS}, about="About it.")
    assert 'data-drop="without it 0.50 (−0.40)"' in html
    assert "word for level-4" in html
    assert "word against level-1" in html
    assert "<good>" not in html
    assert html.count("Of 9 words the first 4 were tried.") == 1
    assert "arxiv.org/abs/1311.2901" in html


def test_places_are_named_in_words(digits_config: ComparisonConfig) -> None:
    assert strongest_place(PLACES.drops) == "the upper right"
    assert describe_places("Full", PLACES).endswith("covering a patch in the upper right lowers that most, to 0.40.")
    html = explanation_html(digits_config, {"left": PLACES, "right": PLACES})
    assert 'aria-label="What Linear probe rests on: strongest in the upper right"' in html


def test_where_nothing_matters_that_is_said() -> None:
    still = TextExplanation(**{**vars(WORDS), "words": WORDS.words[:1]})
    assert "no single one moves that by more than 0.005" in describe_words("x", still)
    flat = PictureExplanation(**{**vars(PLACES), "drops": ((0.0, 0.001),)})
    assert "no single patch" in describe_places("x", flat)


def test_an_example_is_explained_for_this_visitor_only(
    services: Services, digits_config: ComparisonConfig, record_comparison: Callable[..., str]
) -> None:
    known = record_comparison(digits_config, {("left", 0): [True] * 3, ("right", 0): [True, False, True]})
    comparison = services.store.comparison(known)
    assert find_example(services, comparison, "test-1") == TextInput(text="text 1")
    for mark in ("test-99", "test-", "x", None, "test--1"):
        with pytest.raises(InvalidInput, match="no longer there"):
            find_example(services, comparison, mark)
    html = explain_example(services, {"owner": ME, "viewing": known}, "test-1")
    assert "About test example 1." in html
    assert [viewer for _, _, viewer in services.predictor.asked] == [ME, ME]  # type: ignore[attr-defined]
    own = services.queue.submit(digits_config, owner=ME)
    assert "There is no comparison" in explain_example(services, {"owner": YOU, "viewing": own}, "test-1")
    assert "nothing to explain yet" in explain_own(services, {"owner": ME, "viewing": known}, None)
