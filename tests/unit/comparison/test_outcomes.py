"""What a run cost: what earlier runs had computed for it counts, on its own part and on the way to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.language_runs import ADAPTED
from tlvsft.comparison.outcomes import outcome_of
from tlvsft.events import Descended, RunFinished

FINISHED = RunFinished(steps=1, frozen_intact=True, elapsed_s=3.0, train_s=1.0, examples_per_s=1.0, peak_memory_bytes=1)


def test_reused_seconds_count_as_if_the_run_had_spent_them() -> None:
    assert outcome_of([FINISHED]).total_elapsed_s == 3.0
    assert outcome_of([replace(FINISHED, reused_s=2.0)]).total_elapsed_s == 5.0
    ancestor = replace(ADAPTED, elapsed_s=10.0, reused_s=4.0)
    outcome = outcome_of([Descended(lineage=(ancestor,)), replace(FINISHED, reused_s=2.0)])
    assert outcome.total_elapsed_s == 19.0


def test_a_run_that_has_not_finished_has_no_outcome() -> None:
    with pytest.raises(ValueError, match="hasn't finished"):
        outcome_of([])
