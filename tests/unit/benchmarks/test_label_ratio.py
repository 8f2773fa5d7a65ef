from __future__ import annotations

import pytest

from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.label_ratio import headline, label_ratios, labels_needed
from tests.unit.benchmarks.synthetic import over_seeds

DIGITS = ("digits", "glyphs-resnet")
CURVE = [(10, 0.2), (100, 0.4), (1_000, 0.8)]


@pytest.mark.parametrize(
    ("accuracy", "labels", "bound"),
    [
        (0.3, 10**1.5, "="),  # half-way in accuracy is half-way in the logarithm
        (0.7, 10**2.75, "="),
        (0.4, 100, "="),
        (0.2, 10, "="),
        (0.8, 1_000, "="),
        (0.1, 10, "<"),
        (0.81, 1_000, ">"),
    ],
)
def test_interpolates_in_the_logarithm_of_the_labels(accuracy: float, labels: float, bound: str) -> None:
    assert labels_needed(CURVE, accuracy) == (pytest.approx(labels), bound)


def test_a_curve_that_falls_again_counts_where_it_first_got_there() -> None:
    assert labels_needed([(10, 0.2), (100, 0.6), (1_000, 0.5), (10_000, 0.9)], 0.55)[0] < 100


def test_the_ratio_takes_the_better_pretrained_method_and_the_size_of_all_labels() -> None:
    found = Accuracies(
        over_seeds("linear_probe", 50, [0.9])
        + over_seeds("full", 50, [0.8])
        + over_seeds("from_scratch", 50, [0.5])
        + over_seeds("from_scratch", None, [0.9])
    )
    (ratio,) = label_ratios(found, *DIGITS)
    assert (ratio.method, ratio.bound, ratio.needed) == ("linear_probe", "=", pytest.approx(1_257))
    assert ratio.ratio == pytest.approx(1_257 / 50)
    assert headline([ratio]) is ratio
    assert str(ratio) == "25.1"


def test_a_ratio_that_was_never_reached_is_a_lower_bound() -> None:
    found = Accuracies(
        over_seeds("linear_probe", 50, [0.9])
        + over_seeds("full", 50, [0.8])
        + over_seeds("from_scratch", 500, [0.5])
        + over_seeds("full", 100, [0.9])  # without its probe: no ratio there
    )
    assert [str(ratio) for ratio in label_ratios(found, *DIGITS)] == ["> 10.0"]


def test_without_from_scratch_there_is_no_ratio() -> None:
    found = Accuracies(over_seeds("linear_probe", 50, [0.9]) + over_seeds("full", 50, [0.8]))
    assert label_ratios(found, *DIGITS) == []
    assert headline([]) is None
