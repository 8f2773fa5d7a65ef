from __future__ import annotations

import re

from tlvsft.events import BlockStatus
from tlvsft.ui.ladder_panel import ladder_html
from tlvsft.ui.setup import setup_of_story

ADAPTED = (
    BlockStatus(name="embedding", parameters=90, state="frozen"),
    BlockStatus(name="0", parameters=40, state="adapts", adapter_parameters=3),
    BlockStatus(name="head", parameters=7, state="new"),
)


def test_adapters_have_their_own_sign_word_and_count() -> None:
    html = ladder_html(setup_of_story("digits"), "left", stamp=1, now=ADAPTED)
    assert re.findall(r'class="state">([^<]+)', html) == ["new", "adapter trains", "frozen"]
    assert "⊕" in html
    assert "40 + 3" in html
    assert "training now <b>10</b> of 140 parameters" in html
    assert len(re.findall('data-block="[^>]*aria-pressed="true"', html)) == 2  # its own weights stay frozen


def test_before_a_run_nothing_is_called_now() -> None:
    html = ladder_html(setup_of_story("digits"), "left", stamp=1)
    assert "training <b>2,570</b>" in html
    assert "is-live" not in html


def test_the_head_of_a_language_model_says_which_it_is() -> None:
    for head, words in (("kept", "untied copy"), ("new", "fresh start"), ("tied", "sharing its weights")):
        rung = BlockStatus(name="head", parameters=7, state="trains", head=head)  # type: ignore[arg-type]
        html = ladder_html(setup_of_story("digits"), "left", stamp=1, now=(rung,))
        assert f'class="which">{head}<' in html
        assert words in html


def test_the_way_is_told_and_escaped() -> None:
    html = ladder_html(setup_of_story("digits"), "left", stamp=1, way="wiki-gpt → <b>x</b>")
    assert "wiki-gpt → &lt;b&gt;x&lt;/b&gt;" in html
    assert 'class="way"' not in ladder_html(setup_of_story("digits"), "left", stamp=1)


def test_two_classes_are_named_and_marked_as_data() -> None:
    html = ladder_html(setup_of_story("book-reviews"), "left", stamp=0)
    assert '<span translate="no">negative</span> or <span translate="no">positive</span>' in html
    assert "one of 10 classes: 0 … 9" in ladder_html(setup_of_story("digits"), "left", stamp=0)
