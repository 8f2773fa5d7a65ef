"""Where things stand on the paper."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tlvsft.report.sweeps.axes import EndName, Frame, Scale, place_names, spread, thin_out


def test_a_logarithmic_scale_gives_each_doubling_the_same_room() -> None:
    scale = Scale(low=10, high=1000, start=0, end=200, is_log=True)
    assert [scale.place(value) for value in (10, 100, 1000)] == [0, 100, 200]
    assert scale.place(40) - scale.place(20) == pytest.approx(scale.place(20) - scale.place(10), abs=0.11)


def test_values_go_up_where_the_paper_goes_down() -> None:
    scale = Scale(low=0.5, high=1.0, start=300, end=100)
    assert (scale.place(0.5), scale.place(0.75), scale.place(1.0)) == (300, 200, 100)


def test_a_scale_of_one_value_puts_it_in_the_middle() -> None:
    assert Scale(low=50, high=50, start=0, end=100, is_log=True).place(50) == 50


def test_ticks_without_room_are_left_out_but_never_the_last() -> None:
    assert thin_out(["10", "20", "50", "all 60"], [0, 100, 200, 215]) == [True, True, False, True]
    assert thin_out(["all 10"], [0]) == [True]
    assert thin_out([], []) == []


def test_names_keep_their_order_and_cover_nobody() -> None:
    places, heights = [100.0, 102.0, 101.0, 300.0], [20.0, 20.0, 20.0, 20.0]
    found = spread(places, heights, low=0, high=400)
    assert found[3] == 300
    in_order = [found[number] for number in (0, 2, 1)]
    assert in_order == sorted(in_order)
    assert all(after - before >= 20 for before, after in pairwise(in_order))


def test_names_stay_on_the_paper() -> None:
    assert spread([398.0, 399.0], [20.0, 20.0], low=0, high=400) == [370, 390]
    assert spread([1.0, 2.0], [20.0, 20.0], low=0, high=400) == [10, 30]


def test_names_are_one_line_or_html_that_breaks_lines() -> None:
    frame = Frame(width=400, height=300, left=40, right=100, top=20, bottom=40)
    name = EndName(name="Linear probe", class_="left", x=290, y=100)
    assert place_names([name], frame)[1] == '<text class="name left" x="308" y="104">Linear probe</text>'
    (_, wrapped) = place_names([name], replace(frame, wraps=True))
    words = '<div class="name left">Linear probe</div>'
    assert wrapped == f'<foreignObject x="308" y="84.0" width="92" height="32.0">{words}</foreignObject>'
