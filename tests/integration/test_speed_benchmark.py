"""Item 4 of the speed benchmark, really once: it runs what the app runs."""

from __future__ import annotations

from benchmarks.speed_benchmark.pair import default_pair, pair
from benchmarks.speed_benchmark.pairs import two_full_runs


def test_a_pair_is_run_together_and_alone() -> None:
    config = two_full_runs("digits", "glyphs-resnet", epochs=1, labels=10)
    found = pair(config=config, threads=1, together_first=False)
    assert found["together_s"] > found["together_training_s"] > 0
    assert found["alone_s"] > found["alone_training_s"] > 0
    assert len(found["test_accuracies"]) == 2


def test_the_default_pair_goes_through_the_scheduler() -> None:
    found = default_pair(cores=2, labels=10, epochs=1)
    assert found["submitted_to_over_s"] > 0
    assert len(found["test_accuracies"]) == 2
