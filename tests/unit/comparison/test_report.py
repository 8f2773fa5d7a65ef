"""The JSON of a comparison, schema 1, key by key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tlvsft.comparison import comparison_report
from tlvsft.config import ComparisonConfig
from tlvsft.runs.store import Store

Record = Callable[..., str]
RUN_KEYS = [
    "side",
    "method",
    "seed",
    "trainable_parameters",
    "total_parameters",
    "frozen_intact",
    "test_accuracy",
    "test_macro_f1",
    "elapsed_s",
    "train_s",
    "steps",
    "examples_per_s",
    "peak_memory_bytes",
    "history",
    "evaluations",
]


def test_the_report_has_the_keys_of_the_issue(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, seeds=2)
    given = {(side, seed): [True, False] * 10 for side in ("left", "right") for seed in (0, 1)}
    comparison_id = record_comparison(config, given)
    report = json.loads(json.dumps(comparison_report(store, comparison_id), allow_nan=False))

    assert list(report) == ["schema", "comparison_id", "config", "variants", "verdict", "notes"]
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
    assert list(report["verdict"]) == ["winner", "difference", "ci95", "p_value", "statement"]
    assert len(report["verdict"]["ci95"]) == 2
    assert report["notes"] == ["Only a drill."]


def test_an_infinite_loss_is_null(store: Store, record_comparison: Record, digits_config: ComparisonConfig) -> None:
    report = comparison_report(store, record_comparison(digits_config, {("left", 0): [True, False]}))
    assert report["variants"][0]["evaluations"] == [{"step": 2, "val_loss": None, "val_accuracy": 0.5}]


def test_an_unfinished_comparison_has_its_finished_runs_and_no_verdict(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    report = comparison_report(store, record_comparison(digits_config, {("right", 0): [True, False]}))
    assert [run["side"] for run in report["variants"]] == ["right"]
    assert report["verdict"] is None


@pytest.mark.parametrize("key", [*RUN_KEYS, "schema", "comparison_id", "config", "winner", "ci95", "p_value", "notes"])
def test_every_field_is_documented(repository: Path, key: str) -> None:
    assert f"`{key}`" in (repository / "docs" / "command-line.md").read_text(encoding="utf-8")
