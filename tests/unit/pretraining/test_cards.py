from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cards import RESULTS, main, read_accuracies, render_bundled_card, transfer_rows
from tlvsft.catalog.paths import BUNDLED_BACKBONES
from tlvsft.errors import InvalidInput
from tlvsft.pretraining import RECIPES
from tlvsft.pretraining.cards import TransferRow, render_transfer_rows


def measured(method: str, *, backbone: str | None = "photos-resnet", **changes: Any) -> dict[str, Any]:
    row = {"dataset": "flowers", "backbone": backbone, "method": method, "labels": 100}
    return {**row, "accuracy": 0.5, "ci95": [0.48, 0.52], "n": 5, **changes}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_bundled_card_is_what_the_command_writes(recipe: str) -> None:
    """If this fails, run `python benchmarks/cards.py`."""
    card = (BUNDLED_BACKBONES / RECIPES[recipe].name / "README.md").read_text(encoding="utf-8")

    assert card == render_bundled_card(recipe, read_accuracies(RESULTS))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_card_shows_its_curve_and_what_was_measured(recipe: str) -> None:
    backbone = RECIPES[recipe].name
    card = render_bundled_card(
        recipe, [measured("linear_probe", backbone=backbone), measured("full", backbone="other")]
    )

    assert "(loss.png)" in card
    assert "![Loss curve: the training loss falls from" in card
    assert "| flowers | `linear_probe` | 50.0 ± 2.0 |" in card
    assert "`full`" not in card
    assert card.index("## Training") < card.index("## Transfer, measured\n") < card.index("## Intended use")
    assert "{" not in card


def test_a_card_without_measurements_has_no_empty_table() -> None:
    assert "Transfer, measured" not in render_bundled_card("glyphs", [])


def test_the_table_has_a_column_per_number_of_labels() -> None:
    table = render_transfer_rows(
        [
            TransferRow(dataset="a", method="full", labels=None, mean=0.9, low=0.89, high=0.91, seeds=5),
            TransferRow(dataset="a", method="full", labels=1000, mean=0.8, low=None, high=None, seeds=1),
            TransferRow(dataset="b", method="full", labels=50, mean=0.7, low=0.6, high=0.8, seeds=2),
        ]
    )

    assert table.splitlines() == [
        "| dataset | method | 50 labels | 1,000 labels | all labels |",
        "| --- | --- | ---: | ---: | ---: |",
        "| a | `full` |  | 80.0 | 90.0 ± 1.0 |",
        "| b | `full` | 70.0 ± 10.0 |  |  |",
    ]


def test_methods_without_a_backbone_stand_beside_those_with_one() -> None:
    rows = transfer_rows(
        [
            measured("linear_probe"),
            measured("bag_of_words", backbone=None),
            measured("bag_of_words", backbone=None, dataset="elsewhere"),
            measured("full", accuracy=None, ci95=None, n=0),
        ],
        "photos-resnet",
    )

    assert [(row.dataset, row.method) for row in rows] == [("flowers", "linear_probe"), ("flowers", "bag_of_words")]


def test_results_that_are_not_added_up_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unfinished = tmp_path / "transfer.json"
    unfinished.write_text(json.dumps({"cells": []}))

    with pytest.raises(InvalidInput, match="has no means yet"):
        read_accuracies(unfinished)
    assert main(["--json", str(unfinished)]) == 2
    assert "benchmarks/transfer.py --table" in capsys.readouterr().err
    assert read_accuracies(tmp_path / "nothing.json") == []
