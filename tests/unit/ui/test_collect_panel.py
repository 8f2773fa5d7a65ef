"""The panel's HTML, and what is said of a small set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tlvsft.catalog.own import OwnDataset
from tlvsft.comparison.decisions import SIGNIFICANCE
from tlvsft.evaluation.statistics import mcnemar
from tlvsft.ui.collect_panel import ask_camera_html, collect_html, describe_test_size, fewest_telling, saved_words
from tlvsft.ui.collect_reading import Collected

SAVED = OwnDataset(
    name="own:" + "0" * 32, title="<b>Mugs</b>", kept_as="photos", modality="image", columns=(),
    classes=("cup", "mug"), counts=(10, 10), sizes=(14, 3, 3), notes=(), size_bytes=1, created_at=0.0, used_at=0.0,
    owner_hash="",
)  # fmt: skip
NONE_LEFT_OUT = Collected(title="Mugs", images={}, repeated=0)


def test_the_panel_is_closed_at_first_and_tells_its_bounds_to_the_script() -> None:
    html = collect_html()
    assert html.startswith("<details class=")
    assert " open" not in html.split(">")[0]
    for told in ('data-fewest-classes="2"', 'data-most-classes="10"', 'data-fewest="10"', 'data-most="200"'):
        assert told in html
    assert "at least 10 pictures" in html


@pytest.mark.parametrize("html", [collect_html(), ask_camera_html()])
def test_a_template_has_nothing_that_gradio_would_fill_in(html: str) -> None:
    for sign in ("${", "{{", "`", "\\"):
        assert sign not in html


def test_it_is_said_how_many_pictures_each_part_has_and_what_so_few_mean() -> None:
    words = saved_words(SAVED, NONE_LEFT_OUT)
    assert "14 pictures to train on, 3 to validate with and 3 to test with" in words
    assert "too close to call" in words
    assert "Left out" not in words
    assert "Left out: 1 picture that" in saved_words(SAVED, replace(NONE_LEFT_OUT, repeated=1))
    assert "Left out: 2 pictures that" in saved_words(SAVED, replace(NONE_LEFT_OUT, repeated=2))


def test_a_verdict_over_five_pictures_can_never_be_clear_and_one_over_six_can() -> None:
    assert fewest_telling() == 6
    for count, is_clear in ((5, False), (6, True)):
        found = mcnemar(np.zeros(count, dtype=bool), np.ones(count, dtype=bool))
        assert (found.p_value < SIGNIFICANCE) == is_clear


def test_the_words_fit_the_number_of_test_pictures() -> None:
    assert "One picture is 33 points" in describe_test_size(3)
    assert "±18 points" in describe_test_size(30)
    assert "few" in describe_test_size(30)
    assert "few" not in describe_test_size(300)
    assert "±6 points" in describe_test_size(300)
