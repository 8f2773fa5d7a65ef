"""What a sweep may be, and the runs that it stands for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.backbones import BACKBONES, bundled_summary
from tlvsft.catalog.datasets import DATASETS
from tlvsft.config import DatasetConfig
from tlvsft.errors import InvalidInput
from tlvsft.sweeps import (
    DEPTH_LINES,
    LABEL_METHODS,
    MOST_CELLS_SHARED,
    SweepConfig,
    default_depth_labels,
    default_label_counts,
)


def test_over_labels_each_method_meets_each_number_seed_after_seed(over_labels: SweepConfig) -> None:
    cells = over_labels.cells()
    assert len(cells) == over_labels.count_cells() == 3 * 3 * 2
    assert [(cell.labels, cell.method, cell.seed) for cell in cells[:4]] == [
        (10, "linear_probe", 0),
        (10, "full", 0),
        (10, "from_scratch", 0),
        (100, "linear_probe", 0),
    ]
    assert {cell.seed for cell in cells[:9]} == {0}
    assert {cell.seed for cell in cells[9:]} == {1}
    run = cells[0].run
    assert (run.backbone, run.dataset.name, run.labels, run.seed, run.epochs) == (
        "glyphs-resnet",
        "digits",
        10,
        0,
        None,
    )
    assert (run.variant.method, run.variant.frozen_blocks) == ("linear_probe", None)
    assert cells[8].run.labels is None
    assert over_labels.axis == (10, 100, 1000)


def test_over_depth_one_more_unit_is_frozen_each_time(over_depth: SweepConfig) -> None:
    cells = over_depth.cells()
    assert [(cell.method, cell.depth) for cell in cells[:5]] == [
        ("partial", 0),
        ("partial", 2),
        ("partial", 4),
        ("full", None),
        ("from_scratch", None),
    ]
    assert [cell.run.variant.frozen_blocks for cell in cells[:4]] == [
        (),
        ("embedding", "0"),
        ("embedding", "0", "1", "2"),
        None,
    ]
    assert {cell.run.labels for cell in cells} == {50}
    assert over_depth.axis == (0, 2, 4)


def test_all_labels_are_one_run_however_they_are_written(over_labels: SweepConfig) -> None:
    written = replace(over_labels, labels=(10, 100, 1000))
    assert [cell.run for cell in written.cells()] == [cell.run for cell in over_labels.cells()]


@pytest.mark.parametrize("name", ["over_labels", "over_depth"])
def test_a_config_survives_json(name: str, request: pytest.FixtureRequest) -> None:
    config = request.getfixturevalue(name)
    assert SweepConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "width"}, "Unknown sweep 'width'"),
        ({"methods": ()}, "needs a method"),
        ({"methods": ("full", "ful")}, "did you mean 'full'"),
        ({"methods": ("full", "full")}, "method 'full' is there twice"),
        ({"labels": ()}, "from 1 to 20 numbers of labels"),
        ({"labels": tuple(range(10, 31))}, "from 1 to 20 numbers of labels"),
        ({"labels": (0, 10)}, "labels must be from 1"),
        ({"labels": (10, 10)}, "number of labels 10 is there twice"),
        ({"labels": (1000, None)}, "number of labels 1,000 is there twice"),
        ({"labels": (100, 10)}, "sort them"),
        ({"depths": (0,)}, "has no depths"),
        ({"seeds": 0}, "seeds must be from 1 to 20"),
        ({"seed": -1}, "seed must be from 0"),
        ({"epochs": 501}, "epochs must be from 1 to 500"),
        ({"labels": tuple(range(10, 30)), "seeds": 20, "methods": LABEL_METHODS}, "1,600 runs, and 1,000 are the most"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(
    over_labels: SweepConfig, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(over_labels, **changes)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"labels": (10, 50)}, "one number of labels"),
        ({"methods": ("partial",)}, "'partial' is the curve"),
        ({"depths": ()}, "one depth or more"),
        ({"units": ()}, "the backbone's units"),
        ({"depths": (0, 5)}, "depths must be from 0 to 4, not 5"),
        ({"depths": (-1,)}, "depths must be from 0 to 4"),
        ({"depths": (1, 1)}, "depth 1 is there twice"),
        ({"depths": (2, 0)}, "sort them"),
    ],
)
def test_what_no_depth_sweep_can_be_is_refused(over_depth: SweepConfig, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        replace(over_depth, **changes)


def test_a_depth_sweep_may_have_no_lines(over_depth: SweepConfig) -> None:
    assert replace(over_depth, methods=()).count_cells() == 3 * 2


@pytest.mark.parametrize(
    ("train_size", "classes", "counts"),
    [
        (1257, 10, (10, 20, 50, 100, 200, 500, None)),
        (1024, 2, (2, 5, 10, 20, 50, 100, 200, 500, None)),
        (1024, 8, (10, 20, 50, 100, 200, 500, None)),
        (35_000, 2, (3, 10, 30, 100, 300, 1000, 3000, 10_000, None)),
        (8_000_000, 2, (10, 100, 1000, 10_000, 100_000, 1_000_000, None)),
        (20, 10, (10, None)),
        (12, 10, (None,)),
    ],
)
def test_default_numbers_of_labels(train_size: int, classes: int, counts: tuple[int | None, ...]) -> None:
    assert default_label_counts(train_size=train_size, num_classes=classes) == counts


@pytest.mark.parametrize(
    ("dataset", "train_size", "classes", "labels"),
    [("digits", 1257, 10, 50), ("book-genres", 1024, 8, None), ("mine.csv", 500, 3, 15), ("mine.csv", 12, 3, None)],
)
def test_default_labels_of_a_depth_sweep(dataset: str, train_size: int, classes: int, labels: int | None) -> None:
    assert default_depth_labels(dataset, train_size=train_size, num_classes=classes) == labels


@pytest.mark.parametrize("name", list(DATASETS))
def test_the_defaults_of_every_bundled_dataset_fit_a_shared_host(name: str) -> None:
    data = DATASETS[name]
    counts = default_label_counts(train_size=data.train_size, num_classes=len(data.classes))
    over_labels = SweepConfig(
        kind="labels",
        backbone="x",
        dataset=DatasetConfig(name=name),
        methods=LABEL_METHODS,
        labels=counts,
        train_size=data.train_size,
    )
    assert over_labels.count_cells() <= MOST_CELLS_SHARED
    for backbone in BACKBONES:
        units = bundled_summary(backbone).block_names
        depth = replace(
            over_labels,
            kind="depth",
            methods=DEPTH_LINES,
            labels=counts[-1:],
            units=units,
            depths=tuple(range(len(units) + 1)),
        )
        assert depth.count_cells() <= MOST_CELLS_SHARED
