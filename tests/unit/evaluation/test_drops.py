"""What a change of the data costs, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from tlvsft.evaluation.drops import compare_answers, compare_scores, drop_scores, group_drop_scores
from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap


def _bits(text: str) -> np.ndarray:
    return np.array([[letter == "1" for letter in row] for row in text.split()])


def test_one_seed_is_decided_by_mcnemar_and_several_by_both_ways() -> None:
    rng = np.random.default_rng(0)
    left, right = rng.random((3, 50)) < 0.9, rng.random((3, 50)) < 0.6
    assert compare_answers(left[:1], right[:1]) == mcnemar(left[0], right[0])
    assert compare_answers(left, right) == two_way_bootstrap(left, right)


def test_a_drop_by_hand() -> None:
    scores = drop_scores(_bits("1110 1100"), _bits("0010 1111"))
    assert scores.tolist() == [[-1, -1, 0, 0], [0, 0, 1, 1]]
    found = compare_scores(np.zeros_like(scores), scores)
    assert found.difference == 0


def test_a_drop_of_other_examples_by_hand() -> None:
    ordinary, shifted = _bits("1111 1110"), _bits("10 00")
    scores = group_drop_scores(ordinary, shifted)
    assert scores.shape == (2, 6)
    assert scores.mean(axis=1) == pytest.approx([0.5 - 1.0, 0.0 - 0.75])
    assert scores.mean() == pytest.approx(0.25 - 0.875)


def test_the_interval_of_a_drop_of_other_examples_is_that_of_two_shares() -> None:
    ordinary, shifted = np.arange(400)[None] % 10 > 0, np.arange(200)[None] % 2 == 0  # 0.9 of 400, 0.5 of 200
    scores = group_drop_scores(ordinary, shifted)
    found = compare_scores(np.zeros_like(scores), scores, largest=3)
    error = (0.9 * 0.1 / 400 + 0.25 / 200) ** 0.5
    assert found.difference == pytest.approx(-0.4)
    assert found.ci95 == pytest.approx((-0.4 - 1.96 * error, -0.4 + 1.96 * error), abs=0.006)


def test_the_interval_of_one_seed_is_that_of_a_paired_mean() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.normal(0, 0.5, (1, 400)), rng.normal(0.1, 0.5, (1, 400))
    gains = (right - left)[0]
    found = compare_scores(left, right)
    error = gains.std() / 20
    assert found.difference == pytest.approx(gains.mean())
    assert found.ci95 == pytest.approx((gains.mean() - 1.96 * error, gains.mean() + 1.96 * error), abs=0.005)


@pytest.mark.parametrize("seeds", [1, 3])
def test_sides_that_lose_alike_are_seldom_told_apart(seeds: int) -> None:
    rng = np.random.default_rng(2)
    verdicts = []
    for _ in range(60):
        ease = rng.normal(0, 0.2, (1, 150))
        left, right = (drop_scores(*(rng.random((2, seeds, 150)) < 0.75 + ease)) for _ in range(2))
        verdicts.append(compare_scores(left, right).p_value < 0.05)
    assert sum(verdicts) <= 8  # 3 expected


def test_a_side_that_loses_more_is_found() -> None:
    rng = np.random.default_rng(3)
    ordinary = rng.random((2, 3, 300)) < 0.95
    left = drop_scores(ordinary[0], rng.random((3, 300)) < 0.9)
    right = drop_scores(ordinary[1], rng.random((3, 300)) < 0.6)
    found = compare_scores(left, right)
    assert found.p_value < 0.01
    assert found.ci95[1] < 0


def test_where_nothing_differs_the_interval_has_a_width() -> None:
    same = np.ones((1, 100))
    low, high = compare_scores(same, same).ci95
    assert low < 0 < high


def test_sides_need_the_same_examples() -> None:
    with pytest.raises(ValueError, match="same examples"):
        compare_scores(np.zeros((1, 3)), np.zeros((1, 4)))
