"""The figures in words: who is ahead, what it costs, what was forgotten; nothing surer than the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.sweeps.conftest import Place, share
from tlvsft.sweeps import Bound, LabelRatio, SweepConfig
from tlvsft.sweeps.crossings import find_crossings
from tlvsft.sweeps.measurements import Figure
from tlvsft.sweeps.statements import (
    read_depth_accuracy,
    read_depth_cost,
    read_depth_forgetting,
    read_label_accuracy,
    read_label_cost,
    read_label_forgetting,
    read_label_ratio,
    write_readings,
)

FigureOf = Callable[..., Figure]
Told = Mapping[Place, Sequence[Sequence[bool]]]


@pytest.fixture
def two(over_labels: SweepConfig) -> SweepConfig:
    return replace(over_labels, methods=("linear_probe", "full"))


def accuracy_reading(config: SweepConfig, figure: Figure) -> str | None:
    return read_label_accuracy(figure, find_crossings(figure, config.methods))


def test_who_is_ahead_with_few_and_with_many_labels_and_where_that_changes(
    two: SweepConfig, figure_of: FigureOf
) -> None:
    results: Told = {
        ("linear_probe", 10): [share(80)],
        ("full", 10): [share(40)],
        ("linear_probe", 1000): [share(60)],
        ("full", 1000): [share(100)],
    }
    assert accuracy_reading(two, figure_of(two, results)) == (
        "With 10 labels linear probe is ahead (80.0 %); with 1,000 full fine-tuning is ahead (100.0 %); the curves "
        "cross at about 100 labels, surely between 10 and 1,000."
    )


def test_a_lead_that_may_be_chance_is_called_so(two: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {
        ("linear_probe", 10): [share(80)],
        ("full", 10): [share(40)],
        ("linear_probe", 1000): [share(90)],
        ("full", 1000): [share(91, shift=1)],
    }
    assert accuracy_reading(two, figure_of(two, results)) == (
        "With 10 labels linear probe is ahead (80.0 %); with 1,000 full fine-tuning (91.0 %) and linear probe (90.0 %) "
        "are too close to call; the curves cross at about 894 labels, which may be chance."
    )


def test_where_equals_seem_to_cross_is_not_told(two: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {
        ("linear_probe", 10): [share(81)],
        ("full", 10): [share(80, shift=1)],
        ("linear_probe", 1000): [share(90)],
        ("full", 1000): [share(91, shift=1)],
    }
    reading = accuracy_reading(two, figure_of(two, results))
    assert reading is not None
    assert "cross" not in reading
    assert reading.count("too close to call") == 2


def test_with_one_place_there_is_half_a_sentence(two: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {("linear_probe", 10): [share(80)], ("full", 10): [share(40)], ("full", 100): [share(50)]}
    assert accuracy_reading(two, figure_of(two, results)) == "With 10 labels linear probe is ahead (80.0 %)."


def test_a_single_method_is_ahead_of_nobody(two: SweepConfig, figure_of: FigureOf) -> None:
    figure = figure_of(two, {("full", 10): [share(40)]})
    assert accuracy_reading(two, figure) is None
    assert read_label_cost(figure) is None
    assert accuracy_reading(two, {}) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4.2, "takes 4.2 times as long as linear probe does (4.2 s against 1.0 s)"),
        (12.0, "takes 12 times as long as linear probe does (12.0 s against 1.0 s)"),
        (1.02, "takes about as long as linear probe does (1.0 s against 1.0 s)"),
    ],
)
def test_the_slowest_beside_the_fastest(two: SweepConfig, figure_of: FigureOf, seconds: float, words: str) -> None:
    results: Told = {("linear_probe", 10): [share(80)], ("full", 10): [share(40)]}
    figures = {("full", 10): {"elapsed_s": seconds}}
    assert read_label_cost(figure_of(two, results, figures)) == f"With 10 labels full fine-tuning {words}."


def test_what_was_forgotten_over_labels(two: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {("linear_probe", 10): [share(80)], ("full", 10): [share(40)]}

    def reading(**figures: Mapping[str, Any]) -> str | None:
        return read_label_forgetting(figure_of(two, results, {(method, 10): told for method, told in figures.items()}))

    kept = {"source_perplexity_before": 110.0, "source_perplexity_after": 110.0}
    lost = {"source_perplexity_before": 110.0, "source_perplexity_after": 165.0}
    assert reading(linear_probe=kept, full=lost) == (
        "With 10 labels full fine-tuning forgets most: perplexity on general English goes from 110.0 to 165.0."
    )
    assert reading(linear_probe=kept, full=kept) == (
        "With 10 labels no method forgets anything that could be measured."
    )
    assert reading(full={"source_agreement": 0.6}, linear_probe={"source_agreement": 1.0}) == (
        "With 10 labels full fine-tuning forgets most: the pretrained source head gives the same answer on 60.0 % of "
        "the test examples."
    )
    assert reading() is None


@pytest.mark.parametrize(
    ("bound", "needed", "start", "end"),
    [
        ("=", 430.0, "needs about 430 labels for", ": 8.6 times as many."),
        (">", 1257.0, "doesn't get to", ", not even with 1,257: it needs more than 25 times as many."),
        ("<", 10.0, "needs 10 labels or fewer for", ": pretraining saves none here."),
    ],
)
def test_ulmfits_ratio_in_words(bound: Bound, needed: float, start: str, end: str) -> None:
    ratio = LabelRatio(
        dataset="d", backbone="b", labels=50, method="linear_probe", accuracy=0.91, needed=needed, bound=bound
    )
    reached = "the 91.0 % that linear probe reaches with 50 labels"
    assert read_label_ratio(ratio) == f"Training from scratch {start} {reached}{end}"


def test_the_best_depth_beside_both_ends(over_depth: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {
        ("partial", 0): [share(79, shift=1)],
        ("partial", 2): [share(80)],
        ("partial", 4): [share(50)],
        ("from_scratch", None): [share(30)],
    }
    assert read_depth_accuracy(over_depth, figure_of(over_depth, results)) == (
        "Of 3 depths most is right with 2 of 4 units frozen (80.0 %); nothing frozen is 1.0 points below, which may be "
        "chance; everything frozen is 30.0 points below; training from scratch comes to 30.0 %."
    )


def test_an_end_may_be_best(over_depth: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {("partial", 0): [share(90)], ("partial", 4): [share(50)]}
    assert read_depth_accuracy(over_depth, figure_of(over_depth, results)) == (
        "Of 2 depths most is right with nothing frozen (90.0 %); everything frozen is 40.0 points below."
    )
    assert read_depth_accuracy(over_depth, figure_of(over_depth, {("full", None): [share(90)]})) is None


def test_what_freezing_saves_and_keeps(over_depth: SweepConfig, figure_of: FigureOf) -> None:
    results: Told = {("partial", 0): [share(90)], ("partial", 4): [share(50)]}
    figures = {
        ("partial", 0): {"elapsed_s": 8.0, "source_perplexity_before": 110.0, "source_perplexity_after": 200.0},
        ("partial", 4): {"elapsed_s": 2.0, "source_perplexity_before": 110.0, "source_perplexity_after": 110.0},
    }
    figure = figure_of(over_depth, results, figures)
    assert read_depth_cost(over_depth, figure) == (
        "With nothing frozen a run takes 4.0 times as long as with everything frozen (8.0 s against 2.0 s)."
    )
    assert read_depth_forgetting(over_depth, figure) == (
        "With nothing frozen perplexity on general English goes from 110.0 to 200.0; with everything frozen perplexity "
        "on general English goes from 110.0 to 110.0."
    )


def test_one_depth_says_nothing_of_time_or_forgetting(over_depth: SweepConfig, figure_of: FigureOf) -> None:
    figure = figure_of(over_depth, {("partial", 0): [share(90)]})
    assert read_depth_cost(over_depth, figure) is None
    assert read_depth_forgetting(over_depth, figure) is None


@pytest.mark.parametrize("name", ["over_labels", "over_depth"])
def test_nothing_measured_nothing_said(name: str, request: pytest.FixtureRequest) -> None:
    readings = write_readings(request.getfixturevalue(name), {}, crossings=(), ratio=None)
    assert (readings.accuracy, readings.cost, readings.forgetting, readings.label_ratio) == (None, None, None, None)
