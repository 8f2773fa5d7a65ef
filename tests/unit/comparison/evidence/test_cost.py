"""What both sides cost: means, spreads, ratios, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.evidence_runs import finish_observed
from tests.unit.language_runs import ADAPTED
from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.cost import CostEvidence, read_cost
from tlvsft.config import ComparisonConfig, Side
from tlvsft.events import Descended, Event, RunStarted
from tlvsft.report.evidence.cost import cost_drawing
from tlvsft.runs.store import Store

LEFT = {
    "train_s": 2.0,
    "elapsed_s": 3.0,
    "train_flops": 490_000_000,
    "uncached_flops": 16_900_000_000,
    "peak_memory_bytes": 442_000_000,
    "start_memory_bytes": 372_000_000,
}
RIGHT = LEFT | {
    "train_s": 5.0,
    "train_flops": 49_000_000_000,
    "uncached_flops": 49_000_000_000,
    "peak_memory_bytes": 450_000_000,
}


def started(parameters: int) -> RunStarted:
    return RunStarted(
        trainable_parameters=parameters,
        total_parameters=1_000_000,
        blocks=(),
        total_steps=1,
        epochs=1,
        train_examples=1,
        class_names=(),
    )


def read(
    store: Store,
    config: ComparisonConfig,
    figures: Mapping[Side, Mapping[str, Any]],
    *,
    events: tuple[Event, ...] = (),
    parameters: int = 2_570,
) -> CostEvidence:
    """`events` are the left side's; `figures` may be lists, one for each seed."""

    def told(side: Side, seed: int) -> list[Event]:
        return [*(events if side == "left" else ()), started(parameters if side == "left" else 1_000_000)]

    def of(side: Side, seed: int) -> dict[str, Any]:
        return {
            name: value[seed - config.seed] if isinstance(value, list) else value
            for name, value in figures[side].items()
        }

    comparison_id = finish_observed(store, config, events=told, figures=of)
    evidence = read_cost(read_observed(store, comparison_id))
    assert evidence is not None
    return evidence


def test_one_seed(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, digits_config, {"left": LEFT, "right": RIGHT})
    assert evidence.sentence == (
        "Linear probe trained 2,570 parameters in 2.0 s, computed 490 MFLOP, and held 442 MB of memory at most. "
        "Full fine-tuning beside it: 389 times the parameters, 2.5 times the training time, 100 times the FLOPs, "
        "about as much memory. Computing frozen blocks once saved linear probe 97 % of the FLOPs."
    )
    measures = evidence.to_dict()["measures"]
    assert measures["own_memory_bytes"]["left"] == {"mean": 70_000_000, "spread": None, "values": [70_000_000]}
    assert measures["own_memory_bytes"]["right"]["mean"] == 78_000_000
    assert evidence.ratio("train_s") == 2.5


def test_several_seeds_have_a_spread_and_overlapping_times_may_be_chance(
    store: Store, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, seeds=3)
    apart = read(store, config, {"left": LEFT | {"train_s": [1.0, 2.0, 3.0]}, "right": RIGHT})
    assert apart.amounts["train_s"]["left"].mean == 2.0
    assert apart.amounts["train_s"]["left"].spread == 1.0  # the sample's: sqrt((1 + 0 + 1) / 2)
    assert apart.sentence.endswith("These are means over 3 seeds.")
    close = read(
        store, config, {"left": LEFT | {"train_s": [1.0, 2.0, 6.0]}, "right": RIGHT | {"train_s": [4.0, 5.0, 6.0]}}
    )
    assert close.sentence.endswith("seeds, whose times overlap: the difference in time may be chance.")


def test_runs_that_it_started_from_count(store: Store, digits_config: ComparisonConfig) -> None:
    earlier = replace(ADAPTED, train_s=30.0, elapsed_s=38.0, train_flops=10**9)
    evidence = read(store, digits_config, {"left": LEFT, "right": RIGHT}, events=(Descended(lineage=(earlier,)),))
    assert evidence.amounts["train_s"]["left"].mean == 32.0
    assert evidence.amounts["total_s"]["left"].mean == 41.0
    assert evidence.amounts["train_flops"]["left"].mean == 1_490_000_000
    assert evidence.amounts["uncached_flops"]["left"].mean == 17_900_000_000
    assert "saved linear probe" in evidence.sentence.replace(" (adapted to book-reviews first)", "")
    assert evidence.sentence.endswith("Earlier training that they start from is included.")


def test_what_an_earlier_run_computed_without_counting_is_not_known(
    store: Store, digits_config: ComparisonConfig
) -> None:
    evidence = read(store, digits_config, {"left": LEFT, "right": RIGHT}, events=(Descended(lineage=(ADAPTED,)),))
    assert "left" not in evidence.amounts["train_flops"]
    assert evidence.ratio("train_flops") is None
    assert "times the FLOPs" not in evidence.sentence
    assert "–" in cost_drawing(evidence)


def test_runs_from_before_it_was_counted_still_have_time_and_memory(
    store: Store, digits_config: ComparisonConfig
) -> None:
    evidence = read(store, digits_config, {"left": {"train_s": 2.0}, "right": {"train_s": 1.0}})
    assert evidence.amounts["train_flops"] == {}
    assert evidence.amounts["own_memory_bytes"] == {}
    assert "FLOP" not in evidence.sentence
    assert "50 % of the training time" in evidence.sentence
    assert "FLOPs of training" not in cost_drawing(evidence)


def test_a_method_that_trains_nothing(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, digits_config, {"left": LEFT, "right": RIGHT}, parameters=0)
    assert "trained no parameters in 2.0 s" in evidence.sentence
    assert "times the parameters" not in evidence.sentence
    assert evidence.ratio("trained_parameters") is None


def test_bars_are_to_scale_within_a_row(store: Store, digits_config: ComparisonConfig) -> None:
    drawn = cost_drawing(read(store, digits_config, {"left": LEFT, "right": RIGHT}))
    row = drawn.split("Time of training")[1].split("</tr>")[0]
    assert 'class="bar" width="40.0"' in row
    assert 'class="bar" width="100.0"' in row
    assert "2.5 ×" in row


@pytest.mark.parametrize("counted", [True, False])
def test_a_run_without_a_start_gives_none(store: Store, digits_config: ComparisonConfig, counted: bool) -> None:
    comparison_id = finish_observed(
        store, digits_config, events=lambda side, _: [started(1)] if counted or side == "left" else []
    )
    assert (read_cost(read_observed(store, comparison_id)) is not None) is counted
