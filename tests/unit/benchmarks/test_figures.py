from __future__ import annotations

import pytest

from benchmarks.speed_benchmark.figures import FIGURES, Figure, any_missed, keys_of

BY_KEY = {figure.key: figure for figure in FIGURES}


def test_every_figure_has_a_key_of_its_own() -> None:
    assert len(BY_KEY) == len(FIGURES)
    assert not {"machine", "details", "schema"} & BY_KEY.keys()
    assert keys_of(5) == ("click_to_point_s", "start_to_page_s")


@pytest.mark.parametrize(
    ("key", "target", "reached", "missed"),
    [
        ("probe_vs_trainer", "≥ 8", 8.0, 7.99),
        ("probe_vs_pass", "≤ 1.2", 1.2, 1.21),
        ("full_vs_half_vs_flops", "0.85 to 1.15", 1.15, 0.84),
        ("full_vs_half_vs_flops", "0.85 to 1.15", 0.85, 1.16),
        ("viewers_slowdown", "< 0.1", 0.099, 0.1),
    ],
)
def test_targets_are_those_of_the_issue(key: str, target: str, reached: float, missed: float) -> None:
    figure = BY_KEY[key]
    assert figure.target == target
    assert figure.status(reached) == "pass"
    assert figure.status(missed) == "fail"
    assert figure.status(None) == "not measured"


def test_what_is_only_reported_has_no_status() -> None:
    figure = Figure(key="seen", item=1, meaning="seen")
    assert (figure.target, figure.status(1.0)) == ("", "")


def test_only_what_was_measured_can_be_missed() -> None:
    assert not any_missed({})
    assert not any_missed({"probe_vs_trainer": 9.0, "peak_fraction": 0.0})
    assert any_missed({"probe_vs_trainer": 9.0, "pair_vs_sum": 0.7})
