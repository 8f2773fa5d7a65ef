from __future__ import annotations

import pytest

from benchmarks.transfer_benchmark.grid import (
    BACKBONES,
    MOBILENET,
    TASKS,
    Choice,
    cells_of,
    check_names,
    in_order,
    is_quick,
    label_counts,
)
from tests.unit.benchmarks.synthetic import TRAIN_SIZES, cell
from tlvsft.errors import UnknownName


@pytest.mark.parametrize(
    ("dataset", "method", "counts"),
    [
        ("digits", "from_scratch", (20, 50, 100, 200, 500, None)),
        ("book-genres", "bag_of_words", (20, 50, 100, 200, 500, None)),
        ("movie-reviews", "full", (20, 50, 100, 200, 500, 5_000)),
        ("movie-reviews", "linear_probe", (20, 50, 100, 200, 500, None)),
        ("movie-reviews", "random_features", (20, 50, 100, 200, 500)),
        ("ag-news", "nearest_centroid", (20, 50, 100, 200, 500, None)),
        ("hymenoptera", "full", (20, 50, 100, 200)),  # 207 training examples can't give 500
        ("hymenoptera", "linear_probe", (20, 50, 100, 200, None)),
    ],
)
def test_label_counts(dataset: str, method: str, counts: tuple[int | None, ...]) -> None:
    assert label_counts(TASKS[dataset], method, train_size=TRAIN_SIZES[dataset]) == counts


def test_bag_of_words_is_for_text_alone_and_once_per_dataset() -> None:
    for task in TASKS.values():
        cells = cells_of(task, train_size=500, seeds=2)
        assert len(set(cells)) == len(cells)
        found = {place.backbone for place in cells if place.method == "bag_of_words"}
        assert found == ({None} if task.modality == "text" else set())


def test_photos_are_also_tried_with_mobilenet() -> None:
    photos = {"cifar10-small", "hymenoptera", "flowers"}
    assert {task.name for task in TASKS.values() if MOBILENET in task.backbones} == photos
    assert all(TASKS[name].backbones[0] == "photos-resnet" for name in photos)
    assert MOBILENET in BACKBONES


def test_what_the_checks_need_comes_first_and_cheap_cells_before_dear_ones() -> None:
    cells = [place for task in TASKS.values() for place in cells_of(task, train_size=TRAIN_SIZES[task.name], seeds=1)]
    ordered = in_order(cells)
    quick = [is_quick(place) for place in ordered]
    assert sorted(ordered, key=str) == sorted(cells, key=str)
    assert quick == sorted(quick, reverse=True)
    assert ordered.index(cell("linear_probe", 50)) < ordered.index(cell("from_scratch", None))


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (Choice(), True),
        (Choice(datasets=("ag-news",)), False),
        (Choice(methods=("full",)), False),
        (Choice(methods=("linear_probe", "full"), labels=(50, None), seeds=2), True),
        (Choice(labels=(None,)), False),
        (Choice(seeds=1), False),
        (Choice(backbones=("wiki-gpt",)), False),
        (Choice(quick=True), True),
    ],
)
def test_a_choice(choice: Choice, *, chosen: bool) -> None:
    assert (cell("linear_probe", 50, 1) in choice) is chosen


def test_quick_leaves_the_rest_out() -> None:
    assert cell("random_features", 50) not in Choice(quick=True)


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    assert check_names("dataset", ["digits"], TASKS) == ("digits",)
    with pytest.raises(UnknownName, match="did you mean 'ag-news'"):
        check_names("dataset", ["digits", "agnews"], TASKS)
