from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.transfer_benchmark.results import DatasetSize, ResultsFile
from tests.unit.benchmarks.synthetic import cell, measured
from tlvsft.errors import InvalidInput


def test_each_measurement_is_on_disk_when_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "transfer.json"
    results = ResultsFile(path)
    results.sizes["digits"] = DatasetSize(identity="abc", train=1_257, test=270, classes=10)
    found = [measured(cell("full", None), 0.9), measured(cell("bag_of_words", dataset="ag-news"), None)]
    for count, measurement in enumerate(found, start=1):
        results.add(measurement)
        assert len(list(ResultsFile(path))) == count

    again = ResultsFile(path)
    assert set(again) == set(found)
    assert again.sizes == results.sizes
    assert [file.name for file in path.parent.iterdir()] == ["transfer.json"]


def test_each_cell_is_one_line(tmp_path: Path) -> None:
    results = ResultsFile(tmp_path / "transfer.json")
    results.save()
    before = results.path.read_text().splitlines()
    results.add(measured(cell("full"), 0.8))
    results.add(measured(cell("full", seed=1), 0.8))
    after = results.path.read_text().splitlines()
    assert json.loads("\n".join(before))["cells"] == []
    assert [line.count('"method"') for line in after if "seed" in line] == [1, 1]


def test_a_new_measurement_replaces_the_old_one_of_the_same_cell(tmp_path: Path) -> None:
    results = ResultsFile(tmp_path / "transfer.json")
    old = measured(cell("full"), 0.8)
    new = replace(old, accuracy=0.9, key="new")
    results.add(old)
    results.add(new)
    assert list(ResultsFile(results.path)) == [new]
    assert results.get(cell("full")) == new
    assert results.get(cell("full", seed=1)) is None


def test_the_report_stands_beside_the_cells_and_goes_when_they_change(tmp_path: Path) -> None:
    results = ResultsFile(tmp_path / "transfer.json")
    results.save({"checks": [1]})
    assert json.loads(results.path.read_text())["checks"] == [1]
    results.add(measured(cell("full"), 0.8))
    assert "checks" not in json.loads(results.path.read_text())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', '{"schema": 1, "datasets": {}, "cells": [{}]}'])
def test_a_foreign_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match="no results of this benchmark"):
        ResultsFile(path)
    assert path.read_text() == text


def test_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"schema": 2}')
    with pytest.raises(InvalidInput, match="schema 2"):
        ResultsFile(path)


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="--json"):
        ResultsFile(tmp_path / "file" / "transfer.json").save()
