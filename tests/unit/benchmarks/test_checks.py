from __future__ import annotations

import pytest

from benchmarks.transfer_benchmark.checks import Check, any_failed, run_checks
from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.results import Measurement
from tests.unit.benchmarks.synthetic import cell, measured, over_seeds, quick_measurements


def check(measurements: list[Measurement], name: str) -> Check:
    return next(found for found in run_checks(Accuracies(measurements)) if found.name == name)


def without(measurements: list[Measurement], *, dataset: str, method: str, labels: int | None) -> list[Measurement]:
    return [m for m in measurements if (m.cell.dataset, m.cell.method, m.cell.labels) != (dataset, method, labels)]


def test_the_quick_cells_are_enough_for_every_check() -> None:
    checks = run_checks(Accuracies(quick_measurements()))
    assert len(checks) == 14
    assert {found.status for found in checks} == {"pass"}


def test_no_quick_cell_could_be_left_out() -> None:
    everything = quick_measurements()
    places = {(m.cell.dataset, m.cell.method, m.cell.labels) for m in everything}
    curve = {("digits", "from_scratch", count) for count in (20, 100, 200, 500, None)}
    for dataset, method, labels in places - curve:
        fewer = without(everything, dataset=dataset, method=method, labels=labels)
        statuses = {found.status for found in run_checks(Accuracies(fewer))}
        assert "not measured" in statuses, (dataset, method, labels)


def test_with_nothing_measured_nothing_has_failed() -> None:
    checks = run_checks(Accuracies([]))
    assert {found.status for found in checks} == {"not measured"}
    assert not any_failed(checks)


@pytest.mark.parametrize(("value", "status"), [(0.90, "pass"), (0.8999, "fail")])
def test_a_mean_on_the_target_reaches_it(value: float, status: str) -> None:
    found = check(quick_measurements({"linear_probe": value}), "digits, 50 labels: linear_probe")
    assert (found.status, found.measured) == (status, pytest.approx(value))


def test_fewer_seeds_are_shown_and_not_judged() -> None:
    found = check(over_seeds("full", 50, [0.1, 0.2]), "digits, 50 labels: full")
    assert (found.status, found.measured, found.detail) == ("not measured", pytest.approx(0.15), "2 of 5 seeds")


def test_a_failed_run_fails_its_check() -> None:
    found = check(over_seeds("full", 50, [0.99, 0.99, None, 0.99, 0.99]), "digits, 50 labels: full")
    assert (found.status, found.detail) == ("fail", "1 runs failed")


def test_level_is_lost_only_when_the_whole_interval_is_below_zero() -> None:
    name = "movie-reviews, 200 labels: best pretrained − bag_of_words"
    kept = without(quick_measurements(), dataset="movie-reviews", method="bag_of_words", labels=200)

    def rival(*values: float) -> Check:
        return check(kept + over_seeds("bag_of_words", 200, values, dataset="movie-reviews"), name)

    unsure = rival(0.90, 1.0, 0.95, 1.0, 1.08)
    assert unsure.measured is not None
    assert unsure.measured < 0
    assert (unsure.status, unsure.detail) == ("pass", "full")
    sure = rival(0.98, 0.99, 0.98, 0.99, 0.98)
    assert sure.status == "fail"
    assert sure.interval is not None
    assert sure.interval[1] < 0


def ratio_check(*scratch: tuple[int | None, float]) -> Check:
    found = quick_measurements()
    for labels in (20, 50, 100, 200, 500, None):
        found = without(found, dataset="digits", method="from_scratch", labels=labels)
    for labels, value in scratch:
        found += [measured(cell("from_scratch", labels, seed), value) for seed in range(5)]
    return check(found, "digits, 50 labels: label ratio")


def test_the_label_ratio_is_judged_as_far_as_it_is_known() -> None:
    assert ratio_check((20, 0.5), (100, 0.97)).status == "fail"
    reached = ratio_check((20, 0.5), (200, 0.97))
    assert (reached.status, reached.measured) == ("pass", pytest.approx(4))
    assert reached.detail == "full; from_scratch needs 200"
    assert ratio_check((20, 0.5), (100, 0.6)).status == "not measured"  # more than 2: that says nothing about 4
    beyond = ratio_check((20, 0.5), (500, 0.6))
    assert (beyond.status, beyond.detail) == ("pass", "full; from_scratch needs > 500")
