from __future__ import annotations

import pytest

from benchmarks.transfer_benchmark.estimates import Accuracies, estimate
from tests.unit.benchmarks.synthetic import cell, measured, over_seeds

DIGITS = ("digits", "glyphs-resnet")


def test_the_interval_is_students_over_seeds() -> None:
    found = estimate([0.1, 0.2, 0.3, 0.4, 0.5])

    # t(0.975; 4) = 2.7764, standard deviation 0.15811, over the root of 5
    assert found.mean == pytest.approx(0.3)
    assert found.half_width == pytest.approx(2.776445 * 0.1581139 / 5**0.5, rel=1e-5)
    assert found.interval == pytest.approx((0.3 - 0.196324, 0.3 + 0.196324), abs=1e-5)
    assert found.n == 5


def test_one_seed_has_no_interval() -> None:
    found = estimate([0.4])
    assert (found.mean, found.half_width, found.interval) == (0.4, None, None)


def test_failed_runs_are_counted_and_kept_out_of_the_mean() -> None:
    found = Accuracies(over_seeds("full", 50, [0.9, None, 0.7])).at(*DIGITS, "full", 50)
    assert found is not None
    assert (found.mean, found.n, found.failed) == (pytest.approx(0.8), 2, 1)


def test_a_difference_is_paired_by_seed() -> None:
    # Seeds vary wildly, the gain doesn't: unpaired, its interval would be wider than 0.3.
    first = over_seeds("full", 50, [0.5, 0.7, 0.9, 0.6])
    second = over_seeds("from_scratch", 50, [0.4, 0.6, 0.8])
    found = Accuracies(first + second).difference(*DIGITS, ("full", "from_scratch"), 50)
    assert found is not None
    assert (found.mean, found.half_width, found.n) == (pytest.approx(0.1), pytest.approx(0, abs=1e-9), 3)


def test_a_curve_ascends_and_ends_with_all_labels() -> None:
    found = [measured(cell("full", labels), 0.5) for labels in (None, 500, 20)]
    curve = Accuracies(found).curve(*DIGITS, "full")
    assert list(curve) == [20, 500, None]
    assert [each.examples for each in curve.values()] == [20, 500, 1_257]


def test_the_best_pretrained_method_needs_both_measured() -> None:
    probe = over_seeds("linear_probe", 50, [0.8, 0.8])
    assert Accuracies(probe).best_pretrained(*DIGITS, 50) is None
    assert Accuracies(probe + over_seeds("full", 50, [0.7, 0.8])).best_pretrained(*DIGITS, 50) == "linear_probe"
    assert Accuracies(probe + over_seeds("full", 50, [0.8, 0.9])).best_pretrained(*DIGITS, 50) == "full"


def test_bag_of_words_belongs_to_each_backbone_of_its_dataset_and_to_no_other() -> None:
    found = Accuracies(over_seeds("bag_of_words", 50, [0.6], dataset="ag-news"))
    assert found.panels() == [("ag-news", "wiki-gpt")]
    assert found.methods("ag-news", "wiki-gpt") == ["bag_of_words"]
    assert found.methods("imdb-small", "wiki-gpt") == []
