"""Label subsets, stratified splits and capped evaluation, all decided by a seed."""

from __future__ import annotations

import numpy as np
import pytest

from tlvsft.datasets.sampling import check_label_count, draw_capped, draw_label_subset, split_stratified
from tlvsft.errors import LabelCountError

EVEN = np.repeat(np.arange(5), 40)
UNEVEN = np.repeat(np.arange(3), [100, 10, 2])


@pytest.mark.parametrize("count", [5, 7, 50, 101, 200])
def test_a_subset_is_class_balanced(count: int) -> None:
    for seed in range(5):
        chosen = draw_label_subset(EVEN, count, num_classes=5, seed=seed)
        assert len(set(chosen.tolist())) == count
        counts = np.bincount(EVEN[chosen], minlength=5)
        assert counts.max() - counts.min() <= 1


def test_a_class_that_runs_out_leaves_its_place_to_the_others() -> None:
    chosen = draw_label_subset(UNEVEN, 42, num_classes=3, seed=0)
    assert list(np.bincount(UNEVEN[chosen])) == [30, 10, 2]


def test_larger_subsets_contain_smaller_ones() -> None:
    for smaller, larger in [(5, 6), (6, 50), (50, 100), (100, 200)]:
        few = set(draw_label_subset(EVEN, smaller, num_classes=5, seed=3).tolist())
        assert few < set(draw_label_subset(EVEN, larger, num_classes=5, seed=3).tolist())


def test_the_seed_decides_the_subset() -> None:
    first = draw_label_subset(EVEN, 50, num_classes=5, seed=1)
    np.testing.assert_array_equal(first, draw_label_subset(EVEN, 50, num_classes=5, seed=1))
    assert set(first.tolist()) != set(draw_label_subset(EVEN, 50, num_classes=5, seed=2).tolist())


def test_no_count_is_every_example() -> None:
    assert sorted(draw_label_subset(EVEN, None, num_classes=5, seed=0).tolist()) == list(range(len(EVEN)))


def test_every_example_has_its_chance() -> None:
    drawn = np.concatenate([draw_label_subset(EVEN, 50, num_classes=5, seed=seed) for seed in range(200)])
    times = np.bincount(drawn, minlength=len(EVEN))
    assert times.min() > 20  # 50 on average, standard deviation 6
    assert times.max() < 80


@pytest.mark.parametrize("count", [-1, 0, 4, 201])
def test_a_count_that_the_data_cannot_give_is_refused(count: int) -> None:
    with pytest.raises(LabelCountError, match=r"choose from 5 .* to 200"):
        draw_label_subset(EVEN, count, num_classes=5, seed=0)


def test_the_ends_of_the_range_are_allowed() -> None:
    for count in (None, 5, 200):
        check_label_count(count, num_classes=5, available=200)


def test_a_split_keeps_each_class_in_proportion() -> None:
    parts = split_stratified(EVEN, (0.70, 0.15, 0.15), seed=0)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(EVEN)))
    assert [list(np.bincount(EVEN[part])) for part in parts] == [[28] * 5, [6] * 5, [6] * 5]


def test_small_classes_reach_each_part() -> None:
    labels = np.repeat(np.arange(2), [200, 3])
    parts = split_stratified(labels, (0.70, 0.15, 0.15), seed=0)
    assert all(1 in labels[part] for part in parts)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))


def test_the_seed_decides_the_split() -> None:
    first, again, other = (split_stratified(EVEN, (0.85, 0.15), seed=seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_a_capped_draw_is_in_proportion_and_fixed() -> None:
    labels = np.repeat(np.arange(2), [300, 100])
    drawn = draw_capped(labels, 40)
    assert list(np.bincount(labels[drawn])) == [30, 10]
    np.testing.assert_array_equal(drawn, draw_capped(labels, 40))
    np.testing.assert_array_equal(draw_capped(labels, 400), np.arange(400))
