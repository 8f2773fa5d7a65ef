"""Lists for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.cli import main
from tlvsft.config import ComparisonConfig
from tlvsft.runs.store import Store

CATALOGUES = {"backbones": BACKBONES, "datasets": DATASETS, "methods": METHODS, "presets": PRESETS}


@pytest.mark.parametrize("what", CATALOGUES)
def test_everything_in_the_catalogue_is_listed(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", what]) == 0
    table = capsys.readouterr().out
    assert [line.split()[0] for line in table.splitlines()[1:]] == list(CATALOGUES[what])

    assert main(["list", what, "--json", "-"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["schema"] == 1
    assert [row["name"] for row in listed[what]] == list(CATALOGUES[what])


def test_presets_say_what_they_learn_and_go_on_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "presets", "--json", "-"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["presets"]}
    assert (rows["digits"]["task"], rows["digits"]["after"]) == ("classification", None)
    assert (rows["adapt-to-book-reviews"]["task"], rows["three-tasks"]["after"]) == (
        "language_modeling",
        "adapt-to-book-reviews",
    )
    assert main(["list", "presets"]) == 0
    table = capsys.readouterr().out
    assert " –" in table
    assert " all" in table


def test_methods_say_how_they_thaw(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "methods", "--json", "-"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["methods"]}
    assert (rows["gradual_unfreezing"]["thaws"], rows["full"]["thaws"]) == ("top_down", "at_once")
    assert (rows["lora"]["adapters"], rows["full"]["adapters"]) == (True, False)


def test_comparisons_say_their_task_and_starts(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    config = PRESETS["three-tasks"].comparison_config()
    store.add_comparison(replace(config, right=replace(config.right, start="abcdefghijklmnop-left")), owner=None)
    assert main(["list", "comparisons", "--json", "-"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert (row["task"], row["left_start"], row["right_start"]) == ("classification", None, "abcdefghijklmnop-left")


def test_comparisons_are_listed_newest_first_whoever_started_them(
    store: Store,
    record_comparison: Callable[..., str],
    digits_config: ComparisonConfig,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = {("left", 0): [True], ("right", 0): [True]}
    finished = record_comparison(replace(digits_config, labels=None), answers)
    of_the_page = store.add_comparison(replace(digits_config, seeds=2), owner="a browser")
    assert main(["list", "comparisons", "--json", "-"]) == 0
    rows = json.loads(capsys.readouterr().out)["comparisons"]
    assert [row["id"] for row in rows] == [of_the_page, finished]
    assert (rows[0]["seeds"], rows[0]["state"]) == ([0, 1], "queued")
    assert datetime.fromisoformat(rows[0]["created_at"]) >= datetime.fromisoformat(rows[1]["created_at"])
    assert (rows[1]["labels"], rows[1]["state"]) == (None, "finished")

    assert main(["list", "comparisons"]) == 0
    assert finished in capsys.readouterr().out


def test_an_empty_list_says_how_to_fill_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "comparisons"]) == 0
    assert "python -m tlvsft compare" in capsys.readouterr().out


def test_an_unknown_list_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "preset"]) == 2
    assert capsys.readouterr().err == "Unknown list 'preset': did you mean 'presets'?\n"
