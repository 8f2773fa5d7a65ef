"""Three models go on with a prompt, each for itself; what they say never becomes markup."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.unit.ui.conftest import NotingPredictor, SaidWords, evaluated_words, stepped_words
from tlvsft.config import PREDICTION_TEXT_CHARACTERS, ComparisonConfig
from tlvsft.ui.feed import Feed
from tlvsft.ui.next_words_handlers import checkpoint_mark, go_on
from tlvsft.ui.next_words_panel import WORDS_SHOWN, Column, next_words_html, word_title
from tlvsft.ui.services import Services
from tlvsft.ui.visitor import Visitor

ME, YOU = "m" * 32, "y" * 32


@pytest.fixture
def trained(services: Services, words_config: ComparisonConfig, train_words: Callable[..., None]) -> Visitor:
    known = services.queue.submit(words_config, owner=ME)
    train_words(known, finish=False)
    return Visitor(owner=ME, viewing=known)


def predictor_of(services: Services) -> NotingPredictor:
    assert isinstance(services.predictor, NotingPredictor)
    return services.predictor


def test_three_columns_with_words_shares_and_a_sample(services: Services, trained: Visitor) -> None:
    html = go_on(services, trained, "this book is")
    assert re.findall(r'class="word">([^<]+)', html) == ["city", "end", "book", "end", "book", "end"]
    assert re.findall(r'class="share">([^<]+)', html) == ["50.0 %", "12.5 %", *["50.0 %", "25.0 %"] * 2]
    assert html.count("after 40 steps") == 2
    assert "wiki-gpt, untouched" in html
    assert html.count(" about plums.") == 2
    assert "sampled, seed 0, same for all three" in html
    run = f"{trained.viewing}-left-0"
    assert predictor_of(services).prompts[:2] == [("wiki-gpt", "this book is", None), (run, "this book is", ME)]


@pytest.mark.parametrize("prompt", ["", "   ", "\n"])
def test_an_empty_prompt_says_what_will_be_there(services: Services, trained: Visitor, prompt: str) -> None:
    assert "will stand here" in go_on(services, trained, prompt)
    assert predictor_of(services).prompts == []


def test_a_prompt_has_an_end(services: Services, trained: Visitor) -> None:
    assert "10,000" in go_on(services, trained, "x" * (PREDICTION_TEXT_CHARACTERS + 1))
    assert predictor_of(services).prompts == []


def test_a_model_without_a_checkpoint_says_so_and_the_others_answer(services: Services, trained: Visitor) -> None:
    predictor_of(services).without_checkpoint.add(f"{trained.viewing}-left-0")
    html = go_on(services, trained, "this book is")
    assert "This run has no weights." in html
    assert html.count("after 40 steps") == 1


def test_before_the_first_checkpoint_only_the_untouched_model_is_asked(
    services: Services, words_config: ComparisonConfig
) -> None:
    waiting = Visitor(owner=ME, viewing=services.queue.submit(words_config, owner=ME))
    html = go_on(services, waiting, "this book is")
    assert html.count("first checkpoint") == 2
    assert len(predictor_of(services).prompts) == 1


def test_nobody_asks_another_visitors_models(services: Services, trained: Visitor) -> None:
    assert "There is no comparison" in go_on(services, Visitor(owner=YOU, viewing=trained.viewing), "this book is")
    assert predictor_of(services).prompts == []


def test_words_and_prompts_never_become_markup() -> None:
    said = SaidWords(words=((" <b>x</b>", 0.5),), continuation="<script>", step=3)
    html = next_words_html("<i>", [Column(place="left", title="<u>", facts="<s>", answer=said)])
    assert not re.search(r"<(b|script|i|u|s)>", html)
    assert "&lt;script&gt;" in html


def test_only_so_many_words_are_shown() -> None:
    said = SaidWords(words=tuple((f" w{place}", 0.01) for place in range(20)), continuation="", step=3)
    html = next_words_html("a", [Column(place="left", title="t", facts="f", answer=said)])
    assert html.count('class="word"') == WORDS_SHOWN


@pytest.mark.parametrize(("word", "title"), [(" plum", "plum"), ("\n", "↵ new line"), ("  ", "␣ space"), (".", ".")])
def test_white_space_can_be_seen(word: str, title: str) -> None:
    assert word_title(word) == title


def test_the_mark_changes_with_each_checkpoint_and_with_the_end(services: Services, trained: Visitor) -> None:
    def mark() -> str:
        comparison = services.store.comparison(trained.viewing)
        return checkpoint_mark(comparison, {run.id: services.feed.progress(run.id) for run in comparison.runs})

    first = mark()
    assert mark() == first != ""
    services.store.append_events(f"{trained.viewing}-right-0", [evaluated_words(60)])
    assert mark() == first  # its checkpoint is only being written
    services.store.append_events(f"{trained.viewing}-right-0", [stepped_words(61)])
    second = mark()
    services.store.end_run(f"{trained.viewing}-right-0", "stopped")
    assert len({first, second, mark()}) == 3


def test_classes_have_no_mark(services: Services, digits_config: ComparisonConfig) -> None:
    comparison = services.store.comparison(services.queue.submit(digits_config, owner=ME))
    progress = {run.id: Feed(services.store).progress(run.id) for run in comparison.runs}
    assert checkpoint_mark(comparison, progress) == ""
