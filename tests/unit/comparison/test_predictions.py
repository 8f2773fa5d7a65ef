"""Both answers to the same example, side by side."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tlvsft.comparison import paired_predictions
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.store import Store

Record = Callable[..., str]


def test_rows_pair_the_answers_of_one_seed(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    given = {("left", 0): [True, False, True, False, True, True], ("right", 0): [True, True, False, False, True, True]}
    rows = paired_predictions(store, record_comparison(digits_config, given), 0)
    assert [row.index for row in rows] == [0, 1, 2, 3, 4]
    assert [row.example.text for row in rows[:2]] == ["text 0", "text 1"]
    assert [(row.left_is_right, row.right_is_right) for row in rows[:4]] == [
        (True, True),
        (False, True),
        (True, False),
        (False, False),
    ]
    assert rows[1].true_label == 1
    assert rows[1].left_probabilities.sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", [0, 9])
def test_there_are_none_before_both_have_finished(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig, seed: int
) -> None:
    comparison_id = record_comparison(digits_config, {("left", 0): [True]})
    with pytest.raises(InvalidInput, match=comparison_id):
        paired_predictions(store, comparison_id, seed)
