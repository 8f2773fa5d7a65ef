"""Sweeps beside a comparison of the same backbone and data, for whoever may see them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.unit.sweep_results import labels_config
from tests.unit.sweep_store import compute, queue_sweep
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.report import report_html
from tlvsft.report.evidence import DRAWINGS, draw_evidence
from tlvsft.report.gathering import comparison_numbers, gather_evidence
from tlvsft.report.sweeps.beside import read_sweeps_beside
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.store import Store
from tlvsft.sweeps import KINDS, SweepConfig, complete_sweep

ME, YOU = "m" * 32, "y" * 32
ANSWERS = {("left", 0): [True, False, True], ("right", 0): [True, True, False]}
Finish = Callable[..., None]


def queue(store: Store, config: SweepConfig, *, owner: str | None = ME) -> str:
    plan = SweepPlan(config=config.to_dict(), runs=tuple(cell.run for cell in config.cells()))
    return queue_sweep(store, plan, owner=owner)


@pytest.fixture
def finished(store: Store, digits_config: ComparisonConfig, finish_runs: Finish) -> str:
    """A finished comparison of mine."""
    comparison_id = store.add_comparison(digits_config, owner=ME)
    finish_runs(store, comparison_id, ANSWERS)
    return comparison_id


def found(store: Store, comparison_id: str) -> dict[str, str]:
    evidence = read_sweeps_beside(store, store.comparison(comparison_id))
    return {kind: sweep.results.progress.sweep_id for kind, sweep in evidence.items()}


def test_each_kind_has_a_drawing() -> None:
    assert set(KINDS) <= set(DRAWINGS)


def test_what_has_not_begun_is_not_shown(store: Store, finished: str) -> None:
    sweep_id = queue(store, labels_config(seeds=1))
    assert found(store, finished) == {}
    compute(store, sweep_id, count=1)
    assert found(store, finished) == {"labels": sweep_id}


def test_a_whole_one_goes_before_a_newer_one_that_is_on_its_way(store: Store, finished: str) -> None:
    whole = queue(store, labels_config(("linear_probe",), seeds=1))
    compute(store, whole)
    compute(store, queue(store, labels_config(("full",), seeds=1)), count=2)
    assert found(store, finished) == {"labels": whole}


def test_other_data_and_other_people_are_left_out(store: Store, finished: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACE_ID", "somebody/space")
    compute(store, queue(store, labels_config(seeds=1), owner=YOU), count=8)
    genres = complete_sweep(
        "labels", backbone="wiki-gpt", dataset=DatasetConfig(name="book-genres"),
        methods=("full",), seeds=1,
    )  # fmt: skip
    compute(store, queue(store, genres), count=2)
    assert found(store, finished) == {}


def test_beside_what_any_browser_sees_stands_nothing_of_another_browsers(
    store: Store, digits_config: ComparisonConfig, finish_runs: Finish
) -> None:
    of_the_machine = store.add_comparison(digits_config, owner=None)
    finish_runs(store, of_the_machine, ANSWERS)
    compute(store, queue(store, labels_config(("full",), seeds=1), owner=YOU))
    assert found(store, of_the_machine) == {}
    public = queue(store, labels_config(seeds=1), owner=None)
    compute(store, public)
    assert found(store, of_the_machine) == {"labels": public}


def test_report_and_json_have_them(store: Store, finished: str) -> None:
    depth = complete_sweep("depth", backbone="glyphs-resnet", dataset=labels_config().dataset, labels=(50,), seeds=1)
    for config in (labels_config(seeds=1), depth):
        compute(store, queue(store, config))
    numbers = comparison_numbers(store, finished)
    json.dumps(numbers, allow_nan=False)
    assert numbers["evidence"]["labels"]["finished"] == 32
    assert numbers["evidence"]["labels"]["sentence"]
    assert numbers["evidence"]["depth"]["config"]["kind"] == "depth"
    report = report_html(store, finished)
    assert 'id="evidence-labels"' in report
    assert 'id="evidence-depth"' in report
    assert len(draw_evidence(gather_evidence(store, finished), opened=True)) == len(numbers["evidence"])


def test_a_comparison_that_is_not_finished_has_none(store: Store, digits_config: ComparisonConfig) -> None:
    compute(store, queue(store, labels_config(seeds=1)))
    comparison_id = store.add_comparison(digits_config, owner=ME)
    assert gather_evidence(store, comparison_id) == {}
    assert comparison_numbers(store, comparison_id)["evidence"] == {}
