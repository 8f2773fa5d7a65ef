"""What a variant can start from, and the way that it then has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.ui.services import Services
from tlvsft.ui.settling import choose_start
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.setup_panels import start_html
from tlvsft.ui.starts import StartOption, Starts, column_starts, lineage_of
from tlvsft.ui.visitor import Visitor

ME, YOU = Visitor(owner="m" * 32), Visitor(owner="y" * 32)


@pytest.fixture
def adapted(services: Services, words_config: ComparisonConfig, train_words: Callable[..., None]) -> str:
    known = services.queue.submit(words_config, owner=ME.owner)
    train_words(known)
    return known


def test_finished_runs_of_the_same_backbone_are_offered(services: Services, adapted: str) -> None:
    services.queue.submit(setup_of_story("book-reviews").config(), owner=ME.owner)  # not finished
    options = column_starts(services, ME, setup_of_story("book-reviews"))["left"].options
    assert [option.value for option in options] == ["", f"{adapted}-left", f"{adapted}-right"]
    assert options[0].title == "the pretrained wiki-gpt"
    assert options[1].title.startswith("Next words · left · partly frozen · ")
    assert len(column_starts(services, ME, setup_of_story("digits"))["left"].options) == 1
    assert len(column_starts(services, YOU, setup_of_story("book-reviews"))["left"].options) == 1


def test_the_way_is_told_with_its_figures(services: Services, adapted: str) -> None:
    setup = choose_start(setup_of_story("book-reviews"), "right", f"{adapted}-right")
    starts = column_starts(services, ME, setup)
    assert starts["left"].way == ""
    assert starts["right"].way == "wiki-gpt → Book reviews (next words, perplexity 142.0 → 68.0) → classes"


def test_what_is_yet_to_come_can_be_kept(services: Services) -> None:
    starts = column_starts(services, ME, setup_of_story("three-tasks"))["right"]
    assert starts.options[1] == StartOption(value="previous-left", title="Next words · left · trained first")
    assert starts.way == "wiki-gpt → Next words · left · trained first → classes"


def test_a_chosen_start_that_is_gone_is_still_shown_and_says_so(services: Services) -> None:
    setup = choose_start(setup_of_story("book-reviews"), "left", "abcdef-left")
    starts = column_starts(services, ME, setup)["left"]
    assert starts.options[1].value == "abcdef-left"
    assert "There is no comparison" in starts.way


def test_nobody_starts_from_another_visitors_run(services: Services, adapted: str) -> None:
    assert lineage_of(services, ME, f"{adapted}-left")[0].perplexity == 71.0
    with pytest.raises(InvalidInput, match="There is no comparison"):
        lineage_of(services, YOU, f"{adapted}-left")


def test_an_unfinished_run_is_no_start(services: Services, words_config: ComparisonConfig) -> None:
    known = services.queue.submit(words_config, owner=ME.owner)
    with pytest.raises(InvalidInput, match="hasn't finished"):
        lineage_of(services, ME, f"{known}-left")


def test_the_chosen_option_is_selected_and_titles_are_escaped() -> None:
    options = (StartOption(value="", title="a"), StartOption(value="b-left", title="<b>"))
    html = start_html(Starts(options=options), "left", chosen="b-left")
    assert html.count(" selected") == 1
    assert '<option value="b-left" selected>&lt;b&gt;</option>' in html


def test_other_settings_change_nothing_about_the_options(services: Services, adapted: str) -> None:
    setup = replace(setup_of_story("book-reviews"), labels=20, seed=3)
    assert len(column_starts(services, ME, setup)["right"].options) == 3
