"""A sweep as a file, and as a line for the command line."""

from __future__ import annotations

import csv
import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.sweep_results import depth_config, labels_config
from tests.unit.sweep_store import compute, queue_sweep
from tlvsft.cli.parser import build_parser
from tlvsft.config import DatasetConfig
from tlvsft.errors import InvalidInput
from tlvsft.report.sweeps.files import SweepPackage, read_file_kind, sweep_file_name, write_sweep_file
from tlvsft.report.sweeps.line import sweep_command_line
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.store import Store
from tlvsft.sweeps import SweepConfig, complete_sweep


@pytest.fixture
def sweep_id(store: Store) -> str:
    """Half of a sweep of two methods."""
    config = labels_config(("linear_probe", "full"), seeds=1)
    plan = SweepPlan(config=config.to_dict(), runs=tuple(cell.run for cell in config.cells()))
    found = queue_sweep(store, plan, owner=None)
    compute(store, found, count=8)
    return found


def made(store: Store, sweep_id: str, kind: str, folder: Path) -> str:
    package = SweepPackage(sweep_id=sweep_id, kind=read_file_kind(kind))
    target = folder / sweep_file_name(store, package)
    write_sweep_file(store, package, target)
    assert target.name.startswith("sweep-labels-handwritten-digits-")
    assert target.suffix == f".{kind}"
    return target.read_text(encoding="utf-8")


def test_csv_has_a_line_for_each_run(store: Store, sweep_id: str, tmp_path: Path) -> None:
    rows = list(csv.DictReader(made(store, sweep_id, "csv", tmp_path).splitlines()))
    assert len(rows) == 16
    assert [row["state"] for row in rows].count("finished") == 8
    assert {row["method"] for row in rows} == {"linear_probe", "full"}


def test_json_is_what_the_command_line_writes(store: Store, sweep_id: str, tmp_path: Path) -> None:
    document = json.loads(made(store, sweep_id, "json", tmp_path))
    assert document["finished"] == 8
    assert [len(curve["points"]) for curve in document["curves"]] == [4, 4]


def test_the_report_is_one_file_that_runs_nothing(store: Store, sweep_id: str, tmp_path: Path) -> None:
    report = made(store, sweep_id, "html", tmp_path)
    assert "<script" not in report
    assert "default-src &#x27;none&#x27;" in report
    for words in ("Label efficiency: Handwritten digits", "8 of 16 runs", "<svg", "python -m tlvsft sweep labels"):
        assert words in report
    assert report.count("<details open>") == 1


def test_what_is_no_file_is_refused() -> None:
    with pytest.raises(InvalidInput, match="csv, json, html"):
        read_file_kind("exe")


def read_back(line: str) -> SweepConfig:
    words = shlex.split(line)
    assert words[:3] == ["python", "-m", "tlvsft"]
    options = build_parser().parse_args(words[3:])
    return complete_sweep(
        options.kind, backbone=options.backbone, dataset=DatasetConfig(name=options.dataset), methods=options.methods,
        labels=options.labels, depths=options.depths, seeds=options.seeds, seed=options.seed, epochs=options.epochs,
    )  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [
        replace(labels_config(), train_size=1257),
        replace(labels_config(("lora",), seeds=7), train_size=1257, seed=5, epochs=2),
        replace(depth_config(), train_size=1257),
        replace(depth_config(seeds=1), train_size=1257, depths=(0, 2, 5), labels=(None,)),
    ],
)
def test_the_line_is_read_back_as_the_same_sweep(config: SweepConfig) -> None:
    assert read_back(sweep_command_line(config)) == config


def test_own_data_is_a_placeholder_and_columns_are_named() -> None:
    own = replace(labels_config(), dataset=DatasetConfig(name="own:" + "a" * 32))
    assert "--dataset PATH_TO_YOUR_DATA" in sweep_command_line(own)
    file = replace(labels_config(), dataset=DatasetConfig(name="my data.csv", text_column="review"))
    assert "--dataset 'my data.csv' --text-column review" in sweep_command_line(file)
