"""The table that people read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.language_runs import ADAPTED, DESCENDANT_CONFIG, LANGUAGE_CONFIG, add_descendant, record_language_runs
from tlvsft.cli.tables import comparison_table
from tlvsft.comparison import comparison_report
from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.runs.store import Store


@pytest.mark.parametrize("seeds", [1, 2])
def test_the_table_says_what_was_measured(
    seeds: int, store: Store, digits_config: ComparisonConfig, record_comparison: Callable[..., str]
) -> None:
    config = replace(digits_config, seeds=seeds)
    given = {(side, seed): [True] * 9 + [seed == 1] for side in ("left", "right") for seed in range(seeds)}
    comparison_id = record_comparison(config, given)
    table = comparison_table(comparison_report(store, comparison_id))
    assert "digits, 50 labels, on glyphs-resnet" in table
    assert "Linear probe" in table
    assert "90.0 %" in table
    assert table.count("mean") == (2 if seeds == 2 else 0)
    assert "Note: Only a drill." in table
    assert "Too close to call" in table
    assert f"python -m tlvsft predict {comparison_id} FILE" in table


@pytest.mark.parametrize("seeds", [1, 2])
def test_language_models_have_columns_of_their_own(seeds: int, store: Store) -> None:
    given = {(side, seed): 71.9 + 10 * seed for side in SIDES for seed in range(seeds)}
    comparison_id = record_language_runs(store, replace(LANGUAGE_CONFIG, seeds=seeds), given)
    table = comparison_table(comparison_report(store, comparison_id))
    assert "book-reviews, all texts, on wiki-gpt" in table
    assert "141.6 → 71.9" in table
    assert "111.0 → 215.0" in table
    assert "accuracy" not in table
    means = [line for line in table.splitlines() if " mean " in line]
    assert len(means) == (2 if seeds == 2 else 0)
    assert all("141.6 → 76.7" in line and "111.0 →" in line for line in means)  # √(71.9 · 81.9)


def test_what_was_not_measured_is_a_dash(store: Store) -> None:
    given = {(side, 0): 70.0 for side in SIDES}
    comparison_id = record_language_runs(store, LANGUAGE_CONFIG, given, source={"left": None, "right": 215.0})
    assert "111.0 → –" in comparison_table(comparison_report(store, comparison_id))


def test_the_way_of_a_chain_is_under_the_table(store: Store, finish_runs: Callable[..., None]) -> None:
    trained = replace(
        ADAPTED, task="classification", dataset="/home/me/films.csv", perplexity=None, test_accuracy=0.8, elapsed_s=2.0
    )
    comparison_id = add_descendant(store, DESCENDANT_CONFIG, "right", (ADAPTED, trained))
    finish_runs(store, comparison_id, {(side, 0): [True, False] for side in SIDES})
    table = " ".join(comparison_table(comparison_report(store, comparison_id)).split())
    assert (
        "Right: wiki-gpt → book-reviews (Partly frozen, perplexity 141.6 → 71.9, 38.0 s, abcdefghijklmnop-left-0) → "
        "films.csv (Partly frozen, accuracy 80.0 %, 2.0 s, abcdefghijklmnop-left-0) → this comparison (43.0 s in all)"
    ) in table
    assert "Left: " not in table
