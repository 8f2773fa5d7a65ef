"""Sweeps as figures: what is drawn, what is marked, and that the tables say the same."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.unit.sweep_results import (
    ACCURACIES,
    LABELS,
    crossing,
    depth_results,
    failed_cell,
    labels_config,
    labels_results,
    point,
    progress,
    ratio,
)
from tlvsft.catalog.methods import METHODS
from tlvsft.report.sweeps import sweep_drawing, sweep_reading
from tlvsft.report.sweeps.depth import UNTOUCHED, accuracy_panel, forgetting_panel
from tlvsft.report.sweeps.labels import NARROW, WIDE, accuracy_at, labels_chart
from tlvsft.report.sweeps.looks import USUAL_SIDES, choose_looks
from tlvsft.sweeps.results import Curve, Forgetting, SweepResults


def wide(results: SweepResults) -> str:
    return labels_chart(results, sides=USUAL_SIDES, frame=WIDE)


def test_methods_are_told_apart_without_colours() -> None:
    looks = choose_looks(list(METHODS), USUAL_SIDES)
    assert len({look.mark for look in looks.values()}) == len(METHODS)
    assert len({look.dash for look in looks.values()}) == len(METHODS)
    assert (looks["linear_probe"].class_, looks["full"].class_) == ("left", "right")
    assert {looks[name].class_ for name in ("from_scratch", "random_features")} == {"control"}
    assert looks["lora"].class_ == "other"


def test_each_curve_has_a_line_a_band_marks_and_its_name() -> None:
    chart = wide(labels_results())
    assert chart.count('class="line"') == chart.count('class="band"') == len(ACCURACIES)
    assert chart.count('<circle class="mark circle"') == len(LABELS)
    for name in ("Linear probe", "Full fine-tuning", "From scratch", "Random features"):
        assert f">{name}</text>" in chart
    assert "all 1,197" in chart
    assert "<title>Linear probe, 50 labels: 88.0 % (86.0–90.0 %)</title>" in chart


def test_on_a_phone_names_are_short() -> None:
    chart = labels_chart(labels_results(), sides=USUAL_SIDES, frame=NARROW)
    assert ">Full fine-tuning</div>" in chart
    assert 'class="drawn sweep-chart narrow"' in chart


def test_what_is_not_measured_yet_is_not_bridged() -> None:
    values = [0.5, 0.6, None, 0.8, None, None, None, None]
    chart = wide(labels_results({"full": values}))
    assert chart.count('class="line"') == 2
    assert chart.count('class="band"') == 1
    assert chart.count('class="whisker"') == 1
    assert "1,197" in chart


def test_sure_crossings_are_solid_and_others_hollow() -> None:
    sure, maybe = labels_results(crossings=(crossing(),)), labels_results(crossings=(crossing(between=None),))
    assert 'class="star sure"' in wide(sure)
    assert "Full fine-tuning overtakes Linear probe at about 41 labels</title>" in wide(sure)
    assert 'class="star unsure"' in wide(maybe)
    assert "which may be chance</title>" in wide(maybe)
    assert "sure: between 20 and 100 labels" in sweep_drawing(sure)
    assert ">may be chance<" in sweep_drawing(maybe)


def test_crossings_of_controls_that_may_be_chance_are_only_in_the_table() -> None:
    found = replace(crossing(between=None), behind="random_features", ahead="from_scratch")
    results = labels_results(crossings=(found,))
    assert "star" not in wide(results)
    assert "Where curves cross" in sweep_drawing(results)


def test_a_crossing_stands_where_the_curve_is() -> None:
    curve = Curve(method="full", title="Full", points=(point(10, 0.4), point(1000, 0.8)))
    assert accuracy_at(curve, 100) == pytest.approx(0.6)
    assert accuracy_at(curve, 5) is None


def test_the_arrow_goes_from_the_labels_to_those_that_scratch_needs() -> None:
    chart = wide(labels_results(label_ratio=ratio(needed=400)))
    found = re.search(r'class="shaft" d="M([\d.]+) ([\d.]+)H([\d.]+)', chart)
    assert found is not None
    places = re.findall(r'<circle class="mark circle" cx="([\d.]+)"', chart)
    assert float(found[1]) == float(places[LABELS.index(50)])
    assert float(places[LABELS.index(200)]) < float(found[3]) < float(places[LABELS.index(500)])
    assert ">8.0×</text>" in chart


@pytest.mark.parametrize(("bound", "words"), [(">", "more than 23.9×"), ("<", "less than 23.9×")])
def test_a_ratio_known_from_one_side_says_so(bound: str, words: str) -> None:
    found = ratio(needed=1197, bound=bound)
    results = labels_results(label_ratio=found, label_ratios=(found,))
    assert f">{words}</text>" in wide(results)
    assert words.removesuffix("×") in sweep_drawing(results).partition("How many labels pretraining saves")[2]


def test_the_table_says_what_the_figure_shows() -> None:
    drawing = sweep_drawing(labels_results())
    for words in ("88.0 %", "86.0–90.0 %", "3 seeds", "1,197 (all)", "Time of a run", "2.0 s"):
        assert words in drawing


def test_partial_results_say_how_many_runs_there_are() -> None:
    config = labels_config()
    whole = labels_results()
    some = labels_results(progress=progress(config, finished=12, failed=1))
    assert sweep_reading(whole) == "Full overtakes."
    assert sweep_reading(some) == "Full overtakes. So far: 12 of 96 runs, 1 failed."


def test_before_the_first_run_it_says_what_will_be_there() -> None:
    nothing = labels_results({"full": [None] * len(LABELS)}, readings=replace(labels_results().readings, accuracy=None))
    assert "Nothing has finished yet" in sweep_reading(nothing)
    assert "<svg" not in sweep_drawing(nothing)
    assert "<svg" not in sweep_drawing(depth_results(curves=()))


def test_failed_runs_are_named_with_their_reasons() -> None:
    drawing = sweep_drawing(labels_results(cells=(failed_cell(),)))
    assert "1 run failed; the figure is without it:" in drawing
    assert "Full fine-tuning, 50 labels, seed 1: Out of memory: try fewer labels." in drawing
    many = sweep_drawing(depth_results(cells=(failed_cell(depth=2),) * 11))
    assert "11 runs failed" in many
    assert "frozen: up to block 0, seed 1: Out of memory" in many
    assert "and 3 more" in many


def test_depth_has_three_panels_with_level_lines() -> None:
    drawing = sweep_drawing(depth_results())
    assert drawing.count("<svg") == 3
    for words in ("none", "emb.", "frozen up to block", "seconds for a run", "agreement with the pretrained head"):
        assert words in drawing
    assert drawing.count('class="left level"') == 3
    assert drawing.count('class="control level"') == 2  # what starts from nothing has nothing to forget
    assert "Freezing saves time." in drawing
    assert "the whole backbone" in drawing
    assert "From scratch (line)" in drawing


def test_depth_without_forgetting_says_that_it_is_missing() -> None:
    drawing = sweep_drawing(depth_results(forgets=False))
    assert drawing.count("<svg") == 2
    assert "nothing measured it" in drawing


def test_the_untouched_perplexity_is_a_level_line() -> None:
    forgetting = Forgetting(measure="source_perplexity", before=95.0, after=120.0, seeds=1)
    measured = replace(point(0, 0.9, forgetting=forgetting), labels=50)
    results = depth_results(curves=(Curve(method="partial", title="Partly frozen", points=(measured,)),), controls=())
    panel = forgetting_panel(results)
    assert panel is not None
    assert (panel.y_title, list(panel.levels)) == ("perplexity of general English", [(UNTOUCHED, 95.0)])
    assert ">Untouched model</div>" in sweep_drawing(results)
    assert "120.0" in sweep_drawing(results)


def test_a_depth_that_is_not_measured_yet_leaves_a_gap() -> None:
    results = depth_results(measured=3)
    assert [depth for depth, _, _ in accuracy_panel(results).points] == [0, 1, 2]
    holed = replace(results, curves=(replace(results.curves[0], points=results.curves[0].points[::2]),))
    assert sweep_drawing(holed).count('class="whisker"') == 2


def test_reasons_are_escaped() -> None:
    nasty = replace(failed_cell(), message="<img src=x>")
    assert "<img" not in sweep_drawing(labels_results(cells=(nasty,)))
