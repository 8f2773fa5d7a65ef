"""What moved as evidence: ends and histories of all seeds, in JSON, a sentence, a drawing and a table."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.unit.evidence_runs import finish_observed
from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.moved import MovedEvidence, OverSeeds, read_moved
from tlvsft.config import ComparisonConfig, Side, VariantConfig
from tlvsft.events import BlockMovement, BlockSimilarity, BlocksMoved, Event, RepresentationsCompared
from tlvsft.report.evidence.moved import moved_drawing
from tlvsft.runs.store import Store

CHANGES = {"left": {"embedding": 0.0, "0": 0.0, "head": 1.5}, "right": {"embedding": 0.01, "0": 0.04, "head": 2.0}}
CKAS: dict[str, dict[str, float | None]] = {
    "left": {"embedding": 1.0, "0": 1.0},
    "right": {"embedding": 0.999, "0": 0.7},
}


def told(side: Side, seed: int, *, compared: bool = True) -> list[Event]:
    """Two looks; the second at the end. Each seed moves a little further."""
    events: list[Event] = []
    for step, share in ((0, 0.0), (4, 1.0 + 0.1 * seed)):
        place = {"step": step, "epoch": 1.0, "elapsed_s": 0.5 * step, "examples": step}
        moves = [
            BlockMovement(name=name, weight_change=change * share, gradient_norm=0.1)
            for name, change in CHANGES[side].items()
        ]
        events.append(BlocksMoved(movements=tuple(moves), **place))  # type: ignore[arg-type]
        if compared:
            likeness = [
                BlockSimilarity(name=name, cka=None if cka is None else 1 - (1 - cka) * share)
                for name, cka in CKAS[side].items()
            ]
            events.append(RepresentationsCompared(similarities=tuple(likeness), **place))  # type: ignore[arg-type]
    return events


def read(store: Store, config: ComparisonConfig, *, compared: bool = True) -> MovedEvidence:
    comparison_id = finish_observed(store, config, events=lambda side, seed: told(side, seed, compared=compared))
    found = read_moved(read_observed(store, comparison_id))
    assert found is not None
    return found


def test_the_end_of_each_side_and_all_looks_on_the_way(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, digits_config)
    assert evidence.block_names == ["embedding", "0", "head"]
    block = evidence.blocks["right"]["0"]
    assert block.weight_change == OverSeeds(mean=0.04, low=0.04, high=0.04)
    assert block.cka is not None
    assert block.cka.mean == pytest.approx(0.7)
    assert evidence.blocks["right"]["head"].cka is None
    (history,) = evidence.history["right"]
    assert [look.step for look in history.cka] == [look.step for look in history.weight_change] == [0, 4]
    assert history.cka[0].values == {"embedding": 1.0, "0": 1.0}
    assert evidence.sentence == (
        "Full fine-tuning moved block 0 most, by 4.0 %; linear probe moved only its head. Full fine-tuning differs "
        "most from the pretrained backbone in block 0 (CKA 0.70); linear probe represents examples exactly as the "
        "pretrained backbone does."
    )


def test_json_has_both_at_the_end_and_on_the_way(store: Store, digits_config: ComparisonConfig) -> None:
    described = json.loads(json.dumps(read(store, digits_config).to_dict(), allow_nan=False))
    first, _, head = described["blocks"]["right"]
    assert first == {
        "name": "embedding",
        "weight_change": {"mean": 0.01, "low": 0.01, "high": 0.01},
        "cka": {"mean": pytest.approx(0.999), "low": pytest.approx(0.999), "high": pytest.approx(0.999)},
    }
    assert head["cka"] is None
    (seed,) = described["history"]["left"]
    assert seed["seed"] == digits_config.seed
    assert seed["cka"][1] == {"step": 4, "elapsed_s": 2.0, "values": {"embedding": 1.0, "0": 1.0}}


def test_several_seeds_are_means_with_their_range(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, replace(digits_config, seeds=3))
    change = evidence.blocks["right"]["0"].weight_change
    assert change is not None
    assert (change.mean, change.low, change.high) == pytest.approx((0.044, 0.04, 0.048))
    assert evidence.sentence.endswith("All numbers are means over 3 seeds.")
    drawn = moved_drawing(evidence)
    assert "4.4 % (4.0 % to 4.8 %)" in drawn
    assert "range of the seeds" in drawn


def test_the_drawing_and_its_table_say_the_same(store: Store, digits_config: ComparisonConfig) -> None:
    drawn = moved_drawing(read(store, digits_config))
    assert drawn.count("<svg") == 2
    assert drawn.count("<circle") == drawn.count('class="mark" d=') == 4  # two blocks, two charts
    for words in (
        "block 0: 4.0 %",
        "block 0: 0.70",
        "embedding: 0 %",
        "<td>4.0 %</td>",
        "<td>0.70</td>",
        "<td>200 %</td>",
    ):
        assert words in drawn


def test_a_control_is_told_by_where_it_comes_nearest(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, replace(digits_config, right=VariantConfig(method="from_scratch")))
    assert evidence.controls == ("right",)
    assert "comes nearest to the pretrained backbone in embedding (CKA 0.9990)" in evidence.sentence
    assert "from random weights: CKA is with the pretrained backbone all the same" in moved_drawing(evidence)


def test_old_runs_have_weights_alone_or_nothing(store: Store, digits_config: ComparisonConfig) -> None:
    weights = read(store, digits_config, compared=False)
    assert weights.sentence == "Full fine-tuning moved block 0 most, by 4.0 %; linear probe moved only its head."
    assert moved_drawing(weights).count("<svg") == 1
    older = finish_observed(store, digits_config)
    assert read_moved(read_observed(store, older)) is None


@pytest.mark.parametrize(("lowest", "axis"), [(0.93, "0.925"), (0.6, "0.5"), (0.1, "0.25")])
def test_the_axis_of_cka_begins_where_it_helps(
    store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch, lowest: float, axis: str
) -> None:
    monkeypatch.setitem(CKAS, "right", {"embedding": 1.0, "0": lowest})
    drawn = moved_drawing(read(store, digits_config))
    assert f">{axis}</text>" in drawn
