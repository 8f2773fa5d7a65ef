"""Deleting and comparing setups from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tlvsft.cli import main
from tlvsft.config import ComparisonConfig
from tlvsft.runs.store import Store

ANSWERS = {("left", 0): [True], ("right", 0): [True]}


@pytest.fixture
def finished(record_comparison: Callable[..., str], digits_config: ComparisonConfig) -> str:
    return record_comparison(digits_config, ANSWERS)


def test_nothing_is_deleted_without_yes(store: Store, finished: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["delete", finished]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "Nothing brings this comparison back, so nothing was deleted: add --yes to do it.\n"
    assert store.comparison(finished).is_finished


def test_with_yes_they_go_whoever_started_them(
    store: Store, finished: str, digits_config: ComparisonConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    of_the_page = store.add_comparison(digits_config, owner="a browser")
    store.request_stop(of_the_page)
    assert main(["delete", finished, of_the_page, "--yes"]) == 0
    assert capsys.readouterr().out == f"{finished}\n{of_the_page}\n"
    assert store.comparisons(owner=None, everybody=True) == []
    assert not store.run_folder(f"{finished}-left-0").exists()


def test_a_refusal_deletes_nothing(
    store: Store, finished: str, digits_config: ComparisonConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = store.add_comparison(digits_config, owner=None)
    for wrong, words in ((waiting, "stop it first"), ("nothing", "There is no comparison 'nothing'")):
        assert main(["delete", finished, wrong, "--yes"]) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert said.err.count("\n") == 1
    assert store.comparison(finished).is_finished


def test_setups_are_compared(
    store: Store, finished: str, digits_config: ComparisonConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    other = store.add_comparison(replace(digits_config, labels=90, seed=2), owner=None)
    assert main(["diff", finished, other]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["setting", finished, other]
    assert [line.split() for line in lines[1:]] == [["Training", "examples", "50", "90"], ["Seed", "0", "2"]]
    assert main(["diff", finished, other, "--all", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["first"], document["second"]) == (1, finished, other)
    assert len(document["settings"]) > 20
    assert {"name": "Seed", "before": "0", "after": "2", "differs": True} in document["settings"]
    assert main(["diff", finished, finished]) == 0
    assert capsys.readouterr().out == "The two setups don't differ.\n"
    assert main(["diff", finished, "nothing"]) == 2


def test_the_list_is_searched(
    store: Store, finished: str, digits_config: ComparisonConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add_comparison(replace(digits_config, labels=90), owner="a browser")
    assert main(["list", "comparisons", "--search", "digits finished", "--json", "-"]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)["comparisons"]] == [finished]
    assert main(["list", "comparisons", "--search", "genres"]) == 0
    assert capsys.readouterr().out == "No comparison has all of these words: genres\n"
    assert main(["list", "methods", "--search", "probe"]) == 2
    assert "list comparisons --search" in capsys.readouterr().err
