from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.sweeps.conftest import fill, share, with_seeds
from tlvsft.evaluation.intervals import accuracy_interval
from tlvsft.sweeps import SweepConfig
from tlvsft.sweeps.measurements import Answers, Figure, controls_of, curves_of, measure

FigureOf = Callable[..., Figure]


def test_a_point_is_the_mean_over_its_seeds(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    rows = [share(60), share(80, shift=7)]
    figures = {("full", 100): {"elapsed_s": 3.0, "reused_s": 1.5, "peak_memory_bytes": 2 * 10**8}}
    point = figure_of(over_labels, {("full", 100): rows}, figures)["full"][100].point
    assert (point.x, point.labels, point.seeds, point.by_seed) == (100, 100, 2, (0.6, 0.8))
    assert point.accuracy == pytest.approx(0.7)
    assert (point.cost_s, point.peak_memory_bytes) == (4.5, 2 * 10**8)
    assert point.ci95 == accuracy_interval(np.array(rows))
    assert point.forgetting is None


def test_only_what_has_finished_is_there_from_left_to_right(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    figure = figure_of(over_labels, {("full", 1000): [share(90)], ("full", 10): [share(50)], ("from_scratch", 10): []})
    assert list(figure) == ["full"]
    (curve,) = curves_of(over_labels, figure)
    assert (curve.method, curve.title, [point.x for point in curve.points]) == ("full", "Full fine-tuning", [10, 1000])
    assert [point.seeds for point in curve.points] == [1, 1]
    assert curve.at(10) == curve.points[0]
    assert curve.at(100) is None


def test_curves_come_in_the_order_of_the_methods(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    figure = figure_of(over_labels, {("from_scratch", 10): [share(10)], ("linear_probe", 100): [share(50)]})
    assert [curve.method for curve in curves_of(over_labels, figure)] == ["linear_probe", "from_scratch"]
    assert controls_of(over_labels, figure) == ()


def test_over_depth_there_is_one_curve_and_level_lines(over_depth: SweepConfig, figure_of: FigureOf) -> None:
    results = {
        ("partial", 0): [share(70)],
        ("partial", 4): [share(60)],
        ("from_scratch", None): [share(20)],
        ("full", None): [share(71)],
    }
    figure = figure_of(over_depth, results)
    (curve,) = curves_of(over_depth, figure)
    assert [(point.x, point.accuracy, point.labels) for point in curve.points] == [(0, 0.7, 50), (4, 0.6, 50)]
    lines = controls_of(over_depth, figure)
    assert [(line.method, line.point.accuracy, line.point.x) for line in lines] == [
        ("full", 0.71, None),
        ("from_scratch", 0.2, None),
    ]


def test_forgetting_is_read_where_it_was_measured(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    results = {
        ("full", 10): [share(50), share(50)],
        ("linear_probe", 10): [share(50)],
        ("from_scratch", 10): [share(9)],
    }
    figures = {
        ("full", 10): {"source_perplexity_before": 110.0, "source_perplexity_after": 160.0},
        ("linear_probe", 10): {"source_agreement": 0.75},
    }
    figure = figure_of(over_labels, results, figures)
    perplexity, agreement = (figure[method][10].point.forgetting for method in ("full", "linear_probe"))
    assert perplexity is not None
    assert (perplexity.measure, perplexity.before, perplexity.after, perplexity.seeds) == (
        "source_perplexity",
        110.0,
        160.0,
        2,
    )
    assert agreement is not None
    assert (agreement.measure, agreement.before, agreement.after, agreement.seeds) == (
        "source_agreement",
        None,
        0.75,
        1,
    )
    assert figure["from_scratch"][10].point.forgetting is None


def test_a_cell_that_was_tested_on_nothing_is_no_point(over_labels: SweepConfig) -> None:
    cells = fill(over_labels, {("full", 10): [share(50)]})
    emptied = [(cell, replace(record, examples=0)) for cell, record in cells]
    assert measure(over_labels, emptied) == {}


def test_answers_come_back_as_they_were_packed() -> None:
    rows = np.random.default_rng(0).random((3, 13)) < 0.5
    packed = tuple(np.packbits(row).tobytes() for row in rows)
    answers = Answers(seeds=(4, 5, 7), packed=packed, examples=13)
    assert np.array_equal(answers.correct(), rows)
    assert np.array_equal(answers.correct([7, 4]), rows[[2, 0]])


def test_seeds_are_in_order_whichever_finished_first(over_labels: SweepConfig) -> None:
    three = with_seeds(over_labels, 3)
    cells = fill(three, {("full", 10): [share(10), share(20), share(30)]})
    only = [pair for pair in cells if pair[0].seed != 1][::-1]
    measured = measure(three, only)["full"][10]
    assert (measured.answers.seeds, measured.point.by_seed) == ((0, 2), (0.1, 0.3))
