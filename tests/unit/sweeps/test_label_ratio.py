"""ULMFiT's ratio over the curves of a sweep."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.sweeps.conftest import share
from tlvsft.sweeps import LabelRatio, SweepConfig, labels_needed
from tlvsft.sweeps.measurements import Figure, curves_of
from tlvsft.sweeps.savings import find_label_ratios, headline_ratio

FigureOf = Callable[..., Figure]


def test_labels_needed_lie_between_the_measured_ones() -> None:
    curve = [(10, 0.2), (100, 0.6), (1000, 0.8)]
    assert labels_needed(curve, 0.4) == (pytest.approx(10**1.5), "=")
    assert labels_needed(curve, 0.2) == (10.0, "=")
    assert labels_needed(curve, 0.1) == (10.0, "<")
    assert labels_needed(curve, 0.9) == (1000.0, ">")


def test_the_better_pretrained_method_is_compared_with_training_from_scratch(
    over_labels: SweepConfig, figure_of: FigureOf
) -> None:
    results = {
        ("linear_probe", 10): [share(60)],
        ("full", 10): [share(40)],
        ("linear_probe", 100): [share(70)],
        ("full", 100): [share(90)],
        ("from_scratch", 10): [share(20)],
        ("from_scratch", 100): [share(40)],
        ("from_scratch", 1000): [share(80)],
    }
    few, many = find_label_ratios(over_labels, curves_of(over_labels, figure_of(over_labels, results)))
    # Half-way from 40 to 80 %, and so from 100 to 1000 labels over the logarithm.
    assert (few.labels, few.method, few.bound) == (10, "linear_probe", "=")
    assert few.needed == pytest.approx(10**2.5)
    assert few.ratio == pytest.approx(10**1.5)
    assert str(few) == "31.6"
    assert (many.labels, many.method, str(many)) == (100, "full", "> 10.0")
    assert headline_ratio((few, many)) == many  # 100 is nearer to 50 than 10 is


def test_where_nothing_is_known_there_is_no_ratio(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    results = {
        ("full", 10): [share(60)],
        ("full", 100): [share(90)],
        ("full", 1000): [share(95)],
        ("from_scratch", 10): [share(20)],
        ("from_scratch", 100): [share(40)],
    }
    (ratio,) = find_label_ratios(over_labels, curves_of(over_labels, figure_of(over_labels, results)))
    assert (ratio.labels, str(ratio)) == (10, "> 10.0")  # 100 and 1,000: from scratch was measured with 100 at most


def test_without_training_from_scratch_there_is_no_ratio(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    curves = curves_of(over_labels, figure_of(over_labels, {("full", 10): [share(60)]}))
    assert find_label_ratios(over_labels, curves) == ()
    assert headline_ratio(()) is None


def test_controls_save_nothing(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    curves = curves_of(over_labels, figure_of(over_labels, {("from_scratch", 10): [share(60)]}))
    assert find_label_ratios(over_labels, curves) == ()


def test_the_ratio_as_json() -> None:
    ratio = LabelRatio(
        dataset="digits", backbone="x", labels=10, method="full", accuracy=0.5, needed=100.0, bound="="
    ).to_dict()
    assert (ratio["ratio"], ratio["labels"]) == (10.0, 10)
