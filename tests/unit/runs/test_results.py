"""All runs on a dataset: who sees which, how they are read, and when they are others."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.unit.evidence_runs import finish_observed
from tests.unit.language_runs import ADAPTED
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.events import Descended
from tlvsft.runs.deleting import delete_comparisons
from tlvsft.runs.results import FinishedRun, finished_runs, results_version
from tlvsft.runs.store import Store

MATRIX = ((3, 1), (2, 4))


def found(store: Store, config: ComparisonConfig, *, owner: str | None = None, limit: int = 100) -> list[FinishedRun]:
    return finished_runs(store, config.dataset, config.task, owner=owner, limit=limit)


def version(store: Store, config: ComparisonConfig, *, owner: str | None = None) -> tuple[float, ...]:
    return results_version(store, config.dataset, config.task, owner=owner)


def insert_cell(store: Store, config: ComparisonConfig, key: str, *, owner: str | None) -> None:
    """A finished run of a sweep."""
    result = {"steps": 2, "frozen_intact": None, "elapsed_s": 1.0, "train_s": 0.5, "examples_per_s": 1.0,
              "peak_memory_bytes": 1, "test_accuracy": 0.5}  # fmt: skip
    with store.database.writing() as connection:
        connection.execute(
            "INSERT INTO cells (key, config, state, changed_at, result, examples) VALUES (?, ?, 'finished', 1, ?, 10)",
            (key, json.dumps(config.run_config("left", 7).to_dict()), json.dumps(result)),
        )
        connection.execute(
            "INSERT INTO sweeps (id, owner, config, created_at, queued_at) VALUES (?, ?, '{}', 1, 1)", (key, owner)
        )
        connection.execute("INSERT INTO sweep_cells (sweep_id, place, key) VALUES (?, 0, ?)", (key, key))


def test_the_newest_come_first_with_their_last_word(store: Store, digits_config: ComparisonConfig) -> None:
    older = finish_observed(store, digits_config, figures=lambda *_: {"confusion_matrix": MATRIX})
    newer = finish_observed(store, replace(digits_config, labels=20))
    runs = found(store, digits_config)
    assert [run.comparison_id for run in runs] == [newer, newer, older, older]
    assert [run.side for run in runs] == ["left", "right"] * 2
    assert [run.examples for run in runs] == [None, None, 10, 10]
    assert runs[0].config == replace(digits_config, labels=20).run_config("left", 0)
    assert runs[0].finish.elapsed_s == 1.0
    assert [run.comparison_id for run in found(store, digits_config, limit=2)] == [newer, newer]


def test_other_data_other_columns_other_tasks_and_unfinished_ones_are_left_out(
    store: Store, digits_config: ComparisonConfig
) -> None:
    store.add_comparison(digits_config, owner=None)
    finish_observed(store, replace(digits_config, dataset=DatasetConfig(name="cifar10-small")))
    finish_observed(store, replace(digits_config, dataset=replace(digits_config.dataset, label_column="stars")))
    finish_observed(store, replace(digits_config, task="language_modeling"))
    assert found(store, digits_config) == []


@pytest.mark.parametrize(
    ("owner", "shared_host", "seen"),
    [("me", "0", {"me", None}), ("me", "1", {"me"}), (None, "0", {None}), (None, "1", {None})],
)
def test_only_what_everybody_sees_who_sees_the_owners(
    store: Store,
    digits_config: ComparisonConfig,
    monkeypatch: pytest.MonkeyPatch,
    *,
    owner: str | None,
    shared_host: str,
    seen: set[str | None],
) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", shared_host)
    of = {finish_observed(store, digits_config, owner=name): name for name in ("me", "you", None)}
    for name in ("me", "you", None):
        insert_cell(store, digits_config, f"cell of {name}", owner=name)
    runs = found(store, digits_config, owner=owner)
    assert {of[run.comparison_id] for run in runs if run.comparison_id} == seen
    assert {run.run_id for run in runs if run.comparison_id is None} == {f"cell of {name}" for name in seen}


def test_runs_of_sweeps_are_read(store: Store, digits_config: ComparisonConfig) -> None:
    insert_cell(store, digits_config, "abc", owner=None)
    (run,) = found(store, digits_config)
    assert (run.run_id, run.comparison_id, run.side, run.examples) == ("abc", None, None, 10)
    assert (run.finish.test_accuracy, run.config.seed) == (0.5, 7)


def test_what_a_run_started_from_is_read_with_it(store: Store, digits_config: ComparisonConfig) -> None:
    config = replace(digits_config, right=VariantConfig(method="full", start="abcdefghijklmnop-left"))
    finish_observed(store, config, events=lambda *_: [Descended(lineage=(ADAPTED,))])
    left, right = found(store, config)
    assert (left.lineage, right.lineage) == ((), (ADAPTED,))


def test_the_version_changes_with_what_is_there(store: Store, digits_config: ComparisonConfig) -> None:
    versions = [version(store, digits_config)]
    first = finish_observed(store, digits_config)
    versions.append(version(store, digits_config))
    finish_observed(store, digits_config)
    versions.append(version(store, digits_config))
    delete_comparisons(store, [first], viewer=None)
    versions.append(version(store, digits_config))
    insert_cell(store, digits_config, "abc", owner=None)
    versions.append(version(store, digits_config))
    assert len(set(versions)) == len(versions)
    finish_observed(store, digits_config, owner="you")
    finish_observed(store, replace(digits_config, dataset=DatasetConfig(name="cifar10-small")))
    assert version(store, digits_config) == versions[-1]
