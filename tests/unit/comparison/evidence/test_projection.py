"""Where test examples lie: numbers from the whole space, projections of all panels together, t-SNE once it is there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.evidence_runs import finish_observed
from tests.unit.projected_runs import CLASSES, EXAMPLES, LABELS, Arrays, finish_projected, kept, lie
from tlvsft.comparison.evidence import READERS, read_evidence, read_observed
from tlvsft.comparison.evidence.projection import ProjectionEvidence, read_projection
from tlvsft.comparison.projecting import compute_tsne, load_representations, read_tsne, wants_tsne
from tlvsft.config import ComparisonConfig, Side, VariantConfig
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.evaluation.projection import nearest_is_alike, silhouettes
from tlvsft.evaluation.statistics import mcnemar
from tlvsft.runs.artifacts import TSNE_FILE
from tlvsft.runs.store import Store


def read(store: Store, comparison_id: str) -> ProjectionEvidence:
    found = read_projection(read_observed(store, comparison_id))
    assert found is not None
    return found


def test_the_numbers_are_from_all_features(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, finish_projected(store, digits_config))
    before, right = lie(1.2, 0), lie(0.3, 1)
    alike = [nearest_is_alike(panel, LABELS) for panel in (before, right)]
    apart = [silhouettes(panel, LABELS) for panel in (before, right)]
    assert evidence.nearest_is_alike == alike[0].mean()
    assert evidence.silhouette == apart[0].mean()
    found = evidence.sides["right"]
    expected = mcnemar(alike[0], alike[1])
    assert found.nearest_is_alike.value == alike[1].mean()
    assert found.nearest_is_alike.difference == pytest.approx(expected.difference)
    assert found.nearest_is_alike.ci95 == expected.ci95
    gains = apart[1] - apart[0]
    error = 1.96 * gains.std() / np.sqrt(EXAMPLES)
    assert found.silhouette.difference == pytest.approx(gains.mean())
    assert found.silhouette.ci95 == pytest.approx((gains.mean() - error, gains.mean() + error), abs=0.2 * error)
    assert not found.is_same
    assert evidence.sides["left"].is_same
    assert evidence.sides["left"].silhouette.ci95 == (0.0, 0.0)
    assert re.fullmatch(
        r"Before training, the classes of 30 test examples have a silhouette of 0\.\d\d \(0 is mixed, 1 far apart\)\. "
        r"Linear probe: all lie where they lay\. Full fine-tuning: 0\.\d\d \(\+0\.\d{3}, 95 % "
        r"interval \+0\.\d{3} to \+0\.\d{3}\); the nearest neighbour is of the same class for 100\.0 %, "
        r"before for [\d.]+ %\.",
        evidence.sentence,
    )


def test_a_difference_that_may_be_chance_is_said_to_be(store: Store, digits_config: ComparisonConfig) -> None:
    def keep(side: Side, seed: int) -> Arrays:
        return kept(side, seed) | {"after": lie(1.2, 5 if side == "left" else 6)}

    evidence = read(store, finish_projected(store, digits_config, keep))
    uncertain = [side for side in evidence.sides.values() if side.silhouette.may_be_chance]
    assert evidence.sentence.count("which may be chance") == len(uncertain) > 0


def test_several_seeds_are_resampled_with_their_examples(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, finish_projected(store, replace(digits_config, seeds=2)))
    for change, measure in (
        (evidence.sides["right"].nearest_is_alike, nearest_is_alike),
        (evidence.sides["right"].silhouette, silhouettes),
    ):
        assert change.value == pytest.approx(np.mean([measure(lie(0.3, seed + 1), LABELS).mean() for seed in (0, 1)]))
        assert change.ci95[0] < change.difference < change.ci95[1]
    assert "means over 2 seeds" in evidence.sentence


def test_json_has_places_labels_numbers_and_parameters(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = finish_projected(store, digits_config)
    described = json.loads(json.dumps(read(store, comparison_id).to_dict(), allow_nan=False))
    assert described["tsne"] is None
    assert described["labels"] == LABELS.tolist()
    assert described["examples"] == list(range(0, 60, 2))
    assert described["class_names"] == list(CLASSES)
    assert described["pca"]["places"]["before"] == described["pca"]["places"]["left"]
    assert len(described["pca"]["places"]["right"]) == EXAMPLES
    assert 0 < described["pca"]["kept"][1] <= described["pca"]["kept"][0] < 1
    for measure in ("silhouette", "nearest_is_alike"):
        change = described["sides"]["right"][measure]
        assert change["ci95"][0] < change["difference"] < change["ci95"][1]
        assert change["value"] == pytest.approx(described["before"][measure] + change["difference"])
    compute_tsne(store, comparison_id)
    embedded = json.loads(json.dumps(read(store, comparison_id).to_dict(), allow_nan=False))["tsne"]
    assert (embedded["seed"], embedded["iterations"]) == (0, 1000)
    assert embedded["perplexity"] == pytest.approx((2 * EXAMPLES - 1) / 3)
    assert embedded["places"]["before"] == embedded["places"]["left"]
    assert all(len(places) == EXAMPLES for places in embedded["places"].values())


def test_tsne_is_computed_once_and_kept(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = finish_projected(store, digits_config)
    comparison = store.comparison(comparison_id)
    assert wants_tsne(store, comparison)
    assert read_tsne(store, comparison_id) is None
    compute_tsne(store, comparison_id)
    assert not wants_tsne(store, comparison)
    file = store.comparison_folder(comparison_id) / TSNE_FILE
    written = file.stat().st_mtime_ns
    compute_tsne(store, comparison_id)
    assert file.stat().st_mtime_ns == written
    file.write_text("[]", encoding="utf-8")
    assert read(store, comparison_id).tsne is None


def test_what_was_deleted_gets_no_folder_again(store: Store, digits_config: ComparisonConfig) -> None:
    with pytest.raises(InvalidInput):
        compute_tsne(store, "nosuchcomparison")
    assert not (store.home / "comparisons").exists()


def test_without_representations_there_is_nothing(store: Store, digits_config: ComparisonConfig) -> None:
    older = finish_observed(store, digits_config)
    assert "projection" not in read_evidence(store, older)
    assert not wants_tsne(store, store.comparison(older))
    compute_tsne(store, older)
    assert read_tsne(store, older) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"examples": np.arange(EXAMPLES)},
        {"before": lie(1.0, 0)[:5], "after": lie(1.0, 0)[:5]},
        {"after": np.full((EXAMPLES, 5), np.nan, dtype=np.float16)},
    ],
    ids=["other examples", "fewer", "no numbers"],
)
def test_files_that_do_not_belong_together_are_left_out(
    store: Store, digits_config: ComparisonConfig, changes: Arrays
) -> None:
    def keep(side: Side, seed: int) -> Arrays:
        return kept(side, seed) | (changes if side == "right" else {})

    comparison_id = finish_projected(store, digits_config, keep)
    with pytest.raises(StoreError):
        load_representations(store, store.comparison(comparison_id), 0)
    assert "projection" not in read_evidence(store, comparison_id)


def test_classes_that_nobody_knows_are_refused(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = finish_projected(store, digits_config, classes=CLASSES[:2])
    with pytest.raises(StoreError, match="classes"):
        read(store, comparison_id)
    assert "projection" in READERS


def test_a_control_is_known_as_one(store: Store, digits_config: ComparisonConfig) -> None:
    config = replace(digits_config, right=VariantConfig(method="from_scratch"))
    sides = read(store, finish_projected(store, config)).sides
    assert (sides["left"].is_control, sides["right"].is_control) == (False, True)


def test_one_kind_that_can_not_be_read_costs_the_others_nothing(
    store: Store, digits_config: ComparisonConfig, caplog: pytest.LogCaptureFixture
) -> None:
    comparison_id = finish_projected(
        store, digits_config, lambda side, seed: kept(side, seed) | {"labels": np.full(EXAMPLES, "a")}
    )
    found = read_evidence(store, comparison_id)
    assert "projection" not in found
    assert "cost" in found
    assert "'projection'" in caplog.text


@pytest.mark.parametrize("places", [None, [], {"before": [[1, 2]]}, {"before": 5, "left": 5, "right": 5}])
def test_a_damaged_tsne_is_none(store: Store, digits_config: ComparisonConfig, places: object) -> None:
    comparison_id = finish_projected(store, digits_config)
    compute_tsne(store, comparison_id)
    file = store.comparison_folder(comparison_id) / TSNE_FILE
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"places": places}), encoding="utf-8")
    assert read(store, comparison_id).tsne is None
