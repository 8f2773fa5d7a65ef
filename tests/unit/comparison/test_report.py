"""The JSON of a comparison, schema 1, key by key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.language_runs import DESCENDANT_CONFIG, LANGUAGE_CONFIG, add_descendant, record_language_runs
from tlvsft.comparison import comparison_report
from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.runs.store import Store

Record = Callable[..., str]
VERDICT_KEYS = [
    "winner",
    "difference",
    "ci95",
    "p_value",
    "statement",
    "method",
    "seeds",
    "examples",
    "cost_ratio",
    "sources",
]
PERPLEXITIES = ["perplexity_before", "perplexity", "source_perplexity_before", "source_perplexity_after"]
RUN_KEYS = [
    "side",
    "task",
    "method",
    "head",
    "seed",
    "trainable_parameters",
    "total_parameters",
    "frozen_intact",
    "test_accuracy",
    "test_macro_f1",
    *PERPLEXITIES,
    "elapsed_s",
    "train_s",
    "observed_s",
    "steps",
    "examples_per_s",
    "peak_memory_bytes",
    "start_memory_bytes",
    "train_flops",
    "uncached_flops",
    "reused_s",
    "prefix_blocks",
    "prefix_speedup",
    "frozen_norms",
    "drifted_norms",
    "wrong_labels",
    "wrong_labels_learnt",
    "source_texts",
    "source_agreement",
    "source_examples",
    "source_unchanged",
    "heldout_accuracy_before",
    "heldout_accuracy_after",
    "heldout_perplexity_before",
    "heldout_perplexity_after",
    "heldout_examples",
    "total_elapsed_s",
    "lineage",
    "block_changes",
    "block_moves",
    "history",
    "evaluations",
]
ANCESTOR_KEYS = [
    "comparison_id",
    "side",
    "seed",
    "task",
    "method",
    "dataset",
    *PERPLEXITIES,
    "test_accuracy",
    "steps",
    "elapsed_s",
    "train_s",
    "reused_s",
    "train_flops",
]


def test_the_report_has_the_keys_of_the_issue(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, seeds=2)
    given = {(side, seed): [True, False] * 10 for side in ("left", "right") for seed in (0, 1)}
    comparison_id = record_comparison(config, given)
    report = json.loads(json.dumps(comparison_report(store, comparison_id), allow_nan=False))

    assert list(report) == ["schema", "comparison_id", "task", "config", "variants", "verdict", "evidence", "notes"]
    assert (report["schema"], report["comparison_id"]) == (1, comparison_id)
    assert ComparisonConfig.from_dict(report["config"]) == config
    assert [(run["side"], run["seed"]) for run in report["variants"]] == [
        ("left", 0),
        ("right", 0),
        ("left", 1),
        ("right", 1),
    ]
    for run in report["variants"]:
        assert list(run) == RUN_KEYS
        assert run["history"][0] == {"step": 1, "epoch": 0.5, "elapsed_s": 0.5, "train_loss": 2.0}
        assert (run["task"], run["head"], run["lineage"], run["block_changes"]) == ("classification", None, [], [])
        assert [run[key] for key in PERPLEXITIES] == [None] * 4
        assert run["total_elapsed_s"] == run["elapsed_s"]
    assert list(report["verdict"]) == VERDICT_KEYS
    assert report["verdict"]["cost_ratio"] == 3.0
    assert len(report["verdict"]["sources"]) > 1
    assert len(report["verdict"]["ci95"]) == 2
    assert report["notes"] == ["Only a drill."]


def test_an_infinite_loss_is_null(store: Store, record_comparison: Record, digits_config: ComparisonConfig) -> None:
    report = comparison_report(store, record_comparison(digits_config, {("left", 0): [True, False]}))
    assert report["variants"][0]["evaluations"] == [
        {"step": 2, "val_loss": None, "val_accuracy": 0.5, "val_perplexity": None}
    ]


def test_language_models_have_perplexities_and_no_accuracy(store: Store) -> None:
    comparison_id = record_language_runs(store, LANGUAGE_CONFIG, {("left", 0): 71.9, ("right", 0): 68.1})
    report = json.loads(json.dumps(comparison_report(store, comparison_id), allow_nan=False))
    assert (report["schema"], report["task"], report["config"]["task"]) == (1, "language_modeling", "language_modeling")
    left, right = report["variants"]
    assert list(left) == RUN_KEYS
    assert [left[key] for key in PERPLEXITIES] == [141.6, 71.9, 111.0, 162.0]
    assert (left["task"], left["head"], left["test_accuracy"], left["test_macro_f1"]) == (
        "language_modeling",
        "kept",
        None,
        None,
    )
    assert left["block_changes"] == [{"step": 1, "trained_blocks": ["0", "head"]}]
    assert left["evaluations"] == [{"step": 2, "val_loss": 4.4, "val_accuracy": None, "val_perplexity": 81.45}]
    assert right["perplexity"] == 68.1
    assert report["verdict"]["winner"] == "right"


def test_lineage_has_the_figures_of_each_ancestor(store: Store, finish_runs: Callable[..., None]) -> None:
    comparison_id = add_descendant(store, DESCENDANT_CONFIG, "right")
    finish_runs(store, comparison_id, {(side, 0): [True, False] for side in SIDES})
    left, right = json.loads(json.dumps(comparison_report(store, comparison_id)))["variants"]
    assert (left["lineage"], left["total_elapsed_s"]) == ([], 1.0)
    (ancestor,) = right["lineage"]
    assert list(ancestor) == ANCESTOR_KEYS
    assert (ancestor["comparison_id"], ancestor["side"], ancestor["seed"]) == ("abcdefghijklmnop", "left", 0)
    assert (ancestor["perplexity"], ancestor["test_accuracy"]) == (71.9, None)
    assert (right["elapsed_s"], right["total_elapsed_s"]) == (3.0, 41.0)


def test_an_unfinished_comparison_has_its_finished_runs_and_no_verdict(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    report = comparison_report(store, record_comparison(digits_config, {("right", 0): [True, False]}))
    assert [run["side"] for run in report["variants"]] == ["right"]
    assert report["verdict"] is None


@pytest.mark.parametrize(
    "key",
    [
        *RUN_KEYS,
        *ANCESTOR_KEYS,
        "trained_blocks",
        "val_perplexity",
        "schema",
        "comparison_id",
        "config",
        "winner",
        "ci95",
        "p_value",
        "notes",
    ],
)
def test_every_field_is_documented(repository: Path, key: str) -> None:
    assert f"`{key}`" in (repository / "docs" / "command-line.md").read_text(encoding="utf-8")
