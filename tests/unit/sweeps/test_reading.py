"""A sweep from a real store, while it runs and when it is over."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.runs.test_cells import server
from tests.unit.sweeps.conftest import share
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.cells import Cells
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.runs.waiting import WaitingLine
from tlvsft.sweeps import SweepConfig, list_sweeps, read_progress, read_sweep

ME, SOMEBODY = "m" * 32, "s" * 32


def submit(store: Store, config: SweepConfig, here: str, *, owner: str | None = None) -> str:
    runs = tuple(cell.run for cell in config.cells())
    keys = tuple(f"{run.variant.method} {run.variant.frozen_blocks} {run.labels} {run.seed}" for run in runs)
    return Sweeps(store.database).submit(
        SweepPlan(config=config.to_dict(), runs=runs), keys, owner=owner, server_id=here
    )


def compute(store: Store, here: str, rights: Iterable[int]) -> None:
    """Finishes the next cells, each with so many of 100 right."""
    cells = Cells(store.database)
    for right in rights:
        claimed = cells.claim_next(here, slots=9)
        assert claimed is not None
        result = {
            "test_accuracy": right / 100,
            "elapsed_s": 2.0,
            "reused_s": 0.5,
            "peak_memory_bytes": 10**8,
            "frozen_intact": None,
            "nested": {"is": "left out of tables"},
        }
        correct = np.packbits(np.array(share(right))).tobytes()
        cells.finish(claimed, ProcessIdentity.own(), result=result, correct=correct, examples=100, train_examples=10)


@pytest.fixture
def here(store: Store) -> str:
    return server(store)


def test_a_sweep_that_has_just_been_submitted(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_labels, here)
    results = read_sweep(store, sweep_id, viewer=None)
    progress = results.progress
    assert (progress.state, progress.total, progress.finished, progress.share) == ("queued", 18, 0, 0.0)
    assert (progress.place, progress.waits_for, progress.is_over) == (1, None, False)
    assert progress.eta_s is not None
    assert results.config == over_labels
    assert (results.curves, results.crossings, results.label_ratios, results.label_ratio) == ((), (), (), None)
    assert {cell.state for cell in results.cells} == {"queued"}


def test_partial_results_are_there_as_they_come(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_labels, here)
    before = read_progress(store, sweep_id, viewer=None)
    assert read_progress(store, sweep_id, viewer=None).stamp == before.stamp
    compute(store, here, (70, 40, 10, 90))
    results = read_sweep(store, sweep_id, viewer=None)
    assert results.progress.stamp != before.stamp
    assert (results.progress.finished, results.progress.share) == (4, pytest.approx(4 / 18))
    assert [(curve.method, [point.x for point in curve.points]) for curve in results.curves] == [
        ("linear_probe", [10, 100]),
        ("full", [10]),
        ("from_scratch", [10]),
    ]
    assert results.readings.accuracy == "With 10 labels linear probe is ahead (70.0 %)."


def test_a_finished_sweep_says_all_it_can(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_labels, here)
    compute(store, here, (70, 40, 10, 90, 95, 30, 91, 99, 90) * 2)
    results = read_sweep(store, sweep_id, viewer=None)
    progress = results.progress
    assert (progress.state, progress.is_over, progress.eta_s, progress.place, progress.share) == (
        "finished",
        True,
        None,
        None,
        1.0,
    )
    assert [point.seeds for curve in results.curves for point in curve.points] == [2] * 9
    assert results.curves[0].points[0].cost_s == 2.5
    assert {(crossing.behind, crossing.ahead) for crossing in results.crossings} >= {("linear_probe", "full")}
    assert results.label_ratio is not None
    assert results.label_ratio.labels == 100
    assert results.failures == ()


def test_over_depth_nothing_crosses_and_nothing_is_saved(store: Store, over_depth: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_depth, here)
    compute(store, here, (70, 75, 60, 71, 20))
    results = read_sweep(store, sweep_id, viewer=None)
    assert [point.x for point in results.curves[0].points] == [0, 2, 4]
    assert [line.method for line in results.controls] == ["full", "from_scratch"]
    assert (results.crossings, results.label_ratios) == ((), ())
    assert results.readings.accuracy is not None
    assert results.readings.label_ratio is None


def test_failed_cells_say_why_and_the_rest_is_shown(store: Store, over_depth: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_depth, here)
    cells = Cells(store.database)
    claimed = cells.claim_next(here, slots=9)
    assert claimed is not None
    cells.fail(claimed, "Out of memory.")
    compute(store, here, (75,))
    results = read_sweep(store, sweep_id, viewer=None)
    assert [(cell.method, cell.depth, cell.message) for cell in results.failures] == [("partial", 0, "Out of memory.")]
    assert (results.progress.failed, results.progress.share) == (1, pytest.approx(2 / 10))
    assert [point.x for point in results.curves[0].points] == [2]


def test_why_a_sweep_waits(store: Store, over_labels: SweepConfig, over_depth: SweepConfig, here: str) -> None:
    first, second = submit(store, over_labels, here), submit(store, over_depth, here)
    progress = read_progress(store, second, viewer=None)
    assert (progress.place, progress.waits_for) == (2, "sweep")
    line = WaitingLine(store.database)
    line.beat()
    config = ComparisonConfig(backbone=over_labels.backbone, dataset=over_labels.dataset)
    comparison_id = store.add_comparison(config, owner=None, server_id=line.server_id)
    assert read_progress(store, first, viewer=None).waits_for == "comparison"
    assert read_progress(store, second, viewer=None).waits_for == "comparison"
    store.request_stop(comparison_id)
    assert read_progress(store, first, viewer=None).waits_for is None


def test_a_strangers_sweep_is_not_there(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_labels, here, owner=ME)
    for read in (read_progress, read_sweep):
        with pytest.raises(InvalidInput, match="There is no sweep"):
            read(store, sweep_id, viewer=SOMEBODY)
    assert list_sweeps(store, viewer=SOMEBODY) == []
    assert [sweep.sweep_id for sweep in list_sweeps(store, viewer=ME)] == [sweep_id]


def test_a_list_says_what_each_sweep_is_and_how_far(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_labels, here)
    compute(store, here, (70, 40))
    (listed,) = list_sweeps(store, viewer=None)
    assert (listed.sweep_id, listed.config, listed.finished, listed.total) == (sweep_id, over_labels, 2, 18)
    assert listed.eta_s is None


def test_the_json_is_plain_and_whole(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, over_labels, here)
    compute(store, here, (70, 40, 10, 90, 95, 30, 91, 99, 90))
    document = json.loads(json.dumps(read_sweep(store, sweep_id, viewer=None).to_dict(), allow_nan=False))
    assert (document["schema"], document["sweep_id"], document["state"]) == (1, sweep_id, "queued")
    assert SweepConfig.from_dict(document["config"]) == over_labels
    assert document["axis"] == [10, 100, 1000]
    assert document["curves"][0]["points"][0]["accuracy"] == 0.7
    assert {"behind", "ahead", "x", "between", "is_sure"} == set(document["crossings"][0])
    assert document["label_ratio"]["ratio"] > 1
    assert len(document["cells"]) == 18
    assert document["cells"][0]["figures"]["nested"] == {"is": "left out of tables"}


def test_the_csv_has_a_line_per_cell_with_every_single_figure(
    store: Store, over_labels: SweepConfig, here: str
) -> None:
    small = replace(over_labels, labels=(10,), seeds=1)
    sweep_id = submit(store, small, here)
    compute(store, here, (70, 40))
    rows = list(csv.DictReader(io.StringIO(read_sweep(store, sweep_id, viewer=None).to_csv())))
    assert [(row["method"], row["labels"], row["seed"], row["state"], row["test_accuracy"]) for row in rows] == [
        ("linear_probe", "10", "0", "finished", "0.7"),
        ("full", "10", "0", "finished", "0.4"),
        ("from_scratch", "10", "0", "queued", ""),
    ]
    assert "nested" not in rows[0]
    assert rows[0]["depth"] == ""


def test_no_field_of_the_csv_is_a_formula(store: Store, over_labels: SweepConfig, here: str) -> None:
    sweep_id = submit(store, replace(over_labels, labels=(10,), seeds=1), here)
    claimed = Cells(store.database).claim_next(here, slots=9)
    assert claimed is not None
    Cells(store.database).fail(claimed, '=HYPERLINK("http://example.org") can\'t be read')
    rows = list(csv.DictReader(io.StringIO(read_sweep(store, sweep_id, viewer=None).to_csv())))
    assert rows[0]["message"].startswith("'=HYPERLINK")
    assert rows[0]["seed"] == "0"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sweeps SET config = '{}' WHERE id = ?",
        "UPDATE sweeps SET config = json_set(config, '$.methods', json('[\"of_tomorrow\"]')) WHERE id = ?",
        "UPDATE cells SET config = '{}' WHERE key IN (SELECT key FROM sweep_cells WHERE sweep_id = ?)",
        "DELETE FROM sweep_cells WHERE sweep_id = ? AND place = 1",
    ],
)
def test_one_that_can_not_be_read_hides_no_other(
    store: Store, over_labels: SweepConfig, over_depth: SweepConfig, here: str, damage: str
) -> None:
    whole, other = submit(store, over_labels, here), submit(store, over_depth, here)
    with store.database.writing() as connection:
        connection.execute(damage, (other,))
    assert whole in [sweep.sweep_id for sweep in list_sweeps(store, viewer=None)]
    with pytest.raises(StoreError, match="delete it"):
        read_sweep(store, other, viewer=None)
