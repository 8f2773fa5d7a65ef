"""The figures are what plotly takes: plotly's own validation is asked."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import pytest

from tlvsft.ui.charts import COLORS, MOST_HOVERED, Line, accuracy_figure, loss_figure, perplexity_figure

PAIR = [Line(run_id="l", side="left", name="Linear probe"), Line(run_id="r", side="right", name="Full")]
SEEDS = [*PAIR, Line(run_id="l1", side="left", name="Linear probe")]


@pytest.mark.parametrize("lines", [[], PAIR, SEEDS])
def test_plotly_takes_them(lines: list[Line]) -> None:
    for figure in (loss_figure(lines), accuracy_figure(lines, num_classes=10), perplexity_figure(lines)):
        go.Figure(figure)


def kinds(figure: dict[str, Any]) -> list[tuple[str, str]]:
    return [(trace["meta"]["run"], trace["meta"]["kind"]) for trace in figure["data"]]


def test_the_loss_of_both_is_on_one_pair_of_axes() -> None:
    figure = loss_figure(PAIR)
    assert kinds(figure) == [(run, kind) for kind in ("raw", "smooth", "validation") for run in ("l", "r")]
    assert not any("xaxis" in trace for trace in figure["data"])


def test_each_side_has_its_colour_in_every_trace() -> None:
    for trace in loss_figure(PAIR)["data"] + accuracy_figure(PAIR)["data"]:
        assert trace["line"]["color"] == COLORS[trace["meta"]["side"]]


def test_raw_is_fainter_and_thinner_than_smoothed() -> None:
    raw, _, smooth, *_ = loss_figure(PAIR)["data"]
    assert raw["opacity"] < smooth["opacity"]
    assert raw["line"]["width"] < smooth["line"]["width"]


def test_several_seeds_leave_the_raw_lines_out() -> None:
    assert {kind for _, kind in kinds(loss_figure(SEEDS))} == {"smooth", "validation"}


def test_an_empty_chart_says_what_will_be_there_and_a_drawn_one_does_not() -> None:
    assert "live" in loss_figure([])["layout"]["annotations"][0]["text"]
    assert loss_figure(PAIR)["layout"]["annotations"] == []
    assert [note["text"] for note in accuracy_figure(PAIR, num_classes=4)["layout"]["annotations"]] == ["guessing"]


def test_guessing_is_one_in_as_many_as_there_are_classes() -> None:
    assert accuracy_figure(PAIR, num_classes=4)["layout"]["shapes"][0]["y0"] == 0.25
    assert "shapes" not in accuracy_figure(PAIR)["layout"]


def test_perplexity_has_an_axis_that_does_not_start_at_zero() -> None:
    for figure in (perplexity_figure(PAIR), loss_figure(PAIR, from_zero=False)):
        axis = figure["layout"]["yaxis"]
        assert axis["rangemode"] == "normal"
        assert "range" not in axis
    assert loss_figure(PAIR)["layout"]["yaxis"]["rangemode"] == "tozero"
    assert kinds(perplexity_figure(PAIR)) == [("l", "validation"), ("r", "validation")]


def test_the_label_under_the_pointer_tells_both_and_where_their_points_are() -> None:
    for figure in (loss_figure(PAIR), accuracy_figure(PAIR), perplexity_figure(PAIR)):
        assert figure["layout"]["hovermode"] == "x unified"
        told = [trace for trace in figure["data"] if trace["hoverinfo"] != "skip"]
        assert {trace["meta"]["side"] for trace in told} == {"left", "right"}
        assert all("%{y}" in trace["hovertemplate"] and "%{x}" in trace["hovertemplate"] for trace in told)


def test_of_several_seeds_each_has_its_name_and_only_the_smoothed_ones_answer() -> None:
    seeds = [Line(run_id=f"{side}{seed}", side=side, name="Full", seed=seed) for seed in (3, 4) for side in COLORS]
    figure = loss_figure(seeds)
    told = [trace for trace in figure["data"] if trace["hoverinfo"] != "skip"]
    assert [trace["name"] for trace in told] == [f"Full, seed {seed}, smoothed" for seed in (3, 3, 4, 4)]
    assert {trace["meta"]["name"] for trace in told} == {"Full"}
    many = [Line(run_id=str(number), side="left", name="Full", seed=number) for number in range(MOST_HOVERED + 1)]
    assert loss_figure(many)["layout"]["hovermode"] == "closest"


def test_a_share_has_no_logarithm() -> None:
    kinds = {figure["layout"]["meta"]["kind"]: figure["layout"]["meta"]["may_be_logarithmic"]
             for figure in (loss_figure([]), accuracy_figure([]), perplexity_figure([]))}  # fmt: skip
    assert kinds == {"loss": True, "accuracy": False, "perplexity": True}
