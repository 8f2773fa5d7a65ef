"""How long a sweep will still take, by figures made up by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.sweeps.conftest import fill, share
from tlvsft.comparison import estimate_run
from tlvsft.config import DatasetConfig, RunConfig
from tlvsft.runs.cell_records import CellRecord
from tlvsft.sweeps import SweepConfig, estimate_sweep, remaining
from tlvsft.sweeps.config import SweepCell
from tlvsft.sweeps.remaining import remaining_s

Cells = list[tuple[SweepCell, CellRecord]]


@pytest.fixture
def estimates(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets each method be estimated at so many seconds; nothing is known of those that aren't told."""

    def tell(**seconds: float) -> None:
        monkeypatch.setattr(remaining, "_estimate", lambda run: seconds.get(run.variant.method))

    return tell


def taking(cells: Cells, seconds: float) -> Cells:
    """The same, with what each finished cell took."""
    return [
        (cell, replace(record, duration_s=seconds) if record.state == "finished" else record) for cell, record in cells
    ]


def test_cells_take_what_those_of_their_place_have_taken(
    over_labels: SweepConfig, estimates: Callable[..., None]
) -> None:
    estimates(linear_probe=1.0, full=4.0, from_scratch=8.0)
    only = replace(over_labels, methods=("full",), labels=(10,), seeds=3)
    cells = taking(fill(only, {("full", 10): [share(50)]}), 6.0)
    assert remaining_s(cells, at_once=2) == pytest.approx(2 * 6.0 / 2)


def test_others_take_their_estimate_at_the_pace_so_far(
    over_labels: SweepConfig, estimates: Callable[..., None]
) -> None:
    estimates(linear_probe=1.0, full=4.0)
    two = replace(over_labels, methods=("linear_probe", "full"), labels=(10,), seeds=1)
    cells = fill(two, {("linear_probe", 10): [share(50)]})
    # One second was estimated and 3 were needed: 4 estimated ones will be 12.
    assert remaining_s(taking(cells, 3.0), at_once=2) == pytest.approx(12.0)


def test_of_data_that_nothing_is_known_of_the_average_is_taken(
    over_labels: SweepConfig, estimates: Callable[..., None]
) -> None:
    estimates()
    cells = fill(over_labels, {("full", 10): [share(50)]})
    assert remaining_s(taking(cells, 3.0), at_once=2) == pytest.approx(17 * 3.0 / 2)
    assert remaining_s(fill(over_labels, {}), at_once=2) is None


def test_what_a_running_cell_has_behind_it_counts(over_labels: SweepConfig, estimates: Callable[..., None]) -> None:
    estimates(full=10.0)
    only = replace(over_labels, methods=("full",), labels=(10,), seeds=2)
    (first, running), (second, waiting) = fill(only, {})
    begun = replace(running, state="running", started_at=1000.0)
    cells = [(first, begun), (second, waiting)]
    assert remaining_s(cells, at_once=1, now=1004.0) == pytest.approx(6.0 + 10.0)
    assert remaining_s(cells, at_once=1, now=1099.0) == pytest.approx(0.0 + 10.0)
    assert remaining_s(cells, at_once=8, now=1004.0) == pytest.approx((6.0 + 10.0) / 2)


def test_nothing_is_left_of_a_finished_sweep(over_labels: SweepConfig, estimates: Callable[..., None]) -> None:
    estimates(full=10.0)
    only = replace(over_labels, methods=("full",), labels=(10,), seeds=1)
    assert remaining_s(fill(only, {("full", 10): [share(50)]})) is None


def test_a_whole_sweep_is_estimated_from_measured_runs(over_labels: SweepConfig) -> None:
    def seconds(run: RunConfig) -> float:
        estimate = estimate_run(run)
        assert estimate is not None
        return estimate.run_s

    total = sum(seconds(cell.run) for cell in over_labels.cells())
    assert estimate_sweep(over_labels, at_once=2) == pytest.approx(total / 2)
    assert estimate_sweep(replace(over_labels, dataset=DatasetConfig(name="mine.csv")), at_once=2) is None
