"""The table that people read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tlvsft.cli.tables import comparison_table
from tlvsft.comparison import comparison_report
from tlvsft.config import ComparisonConfig
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
