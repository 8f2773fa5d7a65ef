"""Where curves cross, by leads made up by hand and by answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.sweeps.conftest import share
from tlvsft.sweeps import SweepConfig
from tlvsft.sweeps.crossings import Lead, cross, find_crossings, leads_of
from tlvsft.sweeps.measurements import Figure

FigureOf = Callable[..., Figure]


def leads(*told: tuple[int, float, bool]) -> list[Lead]:
    return [Lead(x=x, difference=difference, is_clear=is_clear) for x, difference, is_clear in told]


def test_a_crossing_is_where_the_difference_is_zero_over_the_logarithm_of_labels() -> None:
    # From -0.2 at 10 to +0.2 at 1000 it is zero half-way of the logarithm: at 100.
    (crossing,) = cross("a", "b", leads((10, -0.2, True), (1000, 0.2, True)))
    assert crossing.x == pytest.approx(100)
    assert (crossing.behind, crossing.ahead, crossing.between, crossing.is_sure) == ("a", "b", (10, 1000), True)


def test_a_crossing_is_nearer_to_the_smaller_lead() -> None:
    # A quarter of the way from 10 to 10,000: 10 ** 1.75.
    (crossing,) = cross("a", "b", leads((10, -0.1, True), (10_000, 0.3, True)))
    assert crossing.x == pytest.approx(10**1.75)


def test_who_overtakes_whom() -> None:
    (crossing,) = cross("a", "b", leads((10, 0.2, True), (100, -0.2, True)))
    assert (crossing.behind, crossing.ahead) == ("b", "a")


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
def test_a_crossing_between_leads_that_may_be_chance_is_unsure(*, first: bool, second: bool) -> None:
    (crossing,) = cross("a", "b", leads((10, -0.2, first), (100, 0.2, second)))
    assert (crossing.between, crossing.is_sure) == (None, False)


def test_clear_leads_further_off_make_it_sure_between_them() -> None:
    (crossing,) = cross("a", "b", leads((10, -0.3, True), (20, -0.1, False), (50, 0.1, False), (100, 0.3, True)))
    assert crossing.x == pytest.approx((20 * 50) ** 0.5)
    assert crossing.between == (10, 100)


def test_going_back_and_forth_within_chance_is_one_crossing() -> None:
    told = leads((10, -0.3, True), (20, 0.01, False), (50, -0.01, False), (100, 0.01, False), (200, 0.3, True))
    (crossing,) = cross("a", "b", told)
    assert crossing.x == pytest.approx((20 * 50) ** 0.5)  # the middle one of three
    assert (crossing.between, crossing.ahead) == ((10, 200), "b")


def test_two_sure_crossings() -> None:
    found = cross("a", "b", leads((10, -0.3, True), (100, 0.3, True), (1000, -0.3, True)))
    assert [(crossing.ahead, crossing.between) for crossing in found] == [("b", (10, 100)), ("a", (100, 1000))]


def test_no_lead_changes_hands_no_crossing() -> None:
    assert cross("a", "b", leads((10, -0.3, True), (100, -0.1, False), (1000, -0.2, True))) == []
    assert cross("a", "b", leads((10, -0.3, True))) == []
    assert cross("a", "b", []) == []


def test_a_tie_to_the_last_answer_is_passed_over() -> None:
    (crossing,) = cross("a", "b", leads((10, -0.2, True), (100, 0.0, False), (1000, 0.2, True)))
    assert crossing.x == pytest.approx(100)
    assert crossing.between == (10, 1000)


def test_leads_are_told_from_chance_by_paired_answers(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    results = {
        ("linear_probe", 10): [share(80), share(82)],
        ("full", 10): [share(40), share(41)],
        ("linear_probe", 100): [share(90), share(90)],
        ("full", 100): [share(90, shift=1), share(90, shift=1)],
        ("linear_probe", 1000): [share(90), share(91)],
    }
    few, many = leads_of(figure_of(over_labels, results), "linear_probe", "full")
    assert (few.x, few.is_clear) == (10, True)
    assert few.difference == pytest.approx(-0.405)
    assert (many.x, many.difference, many.is_clear) == (100, 0.0, False)


def test_one_seed_compares_two_models(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    results = {("linear_probe", 10): [share(80)], ("full", 10): [share(40), share(99)]}
    (lead,) = leads_of(figure_of(over_labels, results), "linear_probe", "full")
    assert (lead.difference, lead.is_clear) == (pytest.approx(-0.4), True)  # over the seed that both have


def test_seeds_that_differ_leave_no_lead(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    figure = figure_of(over_labels, {("full", 10): [share(40)]})
    assert find_crossings(figure, over_labels.methods) == ()


def test_all_pairs_of_curves_from_few_labels_to_many(over_labels: SweepConfig, figure_of: FigureOf) -> None:
    results = {
        ("linear_probe", 10): [share(90)],
        ("linear_probe", 100): [share(91)],
        ("linear_probe", 1000): [share(92)],
        ("full", 10): [share(50)],
        ("full", 100): [share(99)],
        ("full", 1000): [share(100)],
        ("from_scratch", 10): [share(10)],
        ("from_scratch", 100): [share(50)],
        ("from_scratch", 1000): [share(99)],
    }
    found = find_crossings(figure_of(over_labels, results), over_labels.methods)
    assert [(crossing.behind, crossing.ahead, crossing.is_sure) for crossing in found] == [
        ("linear_probe", "full", True),
        ("linear_probe", "from_scratch", True),
    ]
    assert 10 < found[0].x < 100 < found[1].x < 1000
