"""All runs on a dataset: who is on the front, in words that say what may be chance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.evidence_runs import finish_observed
from tests.unit.language_runs import LANGUAGE_CONFIG
from tlvsft.catalog.methods import METHODS
from tlvsft.comparison.evidence import describe_evidence, pareto_reading, read_evidence, read_observed
from tlvsft.comparison.evidence.pareto import ParetoEvidence
from tlvsft.comparison.evidence.pareto_reading import read_pareto
from tlvsft.config import ComparisonConfig, Side
from tlvsft.evaluation.intervals import wilson_interval
from tlvsft.report.evidence.pareto import LETTERS, pareto_drawing
from tlvsft.runs.store import Store

EXAMPLES = 100
Figures = Mapping[str, Any]


def result(accuracy: float, train_s: float, train_flops: int | None = None) -> dict[str, Any]:
    right = round(accuracy * EXAMPLES)
    return {
        "test_accuracy": accuracy,
        "train_s": train_s,
        "train_flops": train_flops,
        "confusion_matrix": ((right, EXAMPLES - right), (0, 0)),
    }


def record(store: Store, config: ComparisonConfig, left: Figures, right: Figures, **options: Any) -> str:
    figures = {"left": left, "right": right}
    return finish_observed(store, config, figures=lambda side, _: figures[side], **options)


def read(store: Store, comparison_id: str) -> ParetoEvidence:
    evidence = read_pareto(read_observed(store, comparison_id))
    assert evidence is not None
    return evidence


def test_alone_it_says_that_more_will_come(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.80, 1.0, 10), result(0.95, 4.0, 90))
    assert read(store, mine).sentence == (
        "Of 2 runs with 50 labels, 2 are on the front of training time and accuracy: whatever was better took longer. "
        "Linear probe is on it. Full fine-tuning is on it. Counted in FLOPs, 2 are on it, both among them."
    )
    assert read(store, mine).note == "Whatever else is trained on this data will stand here, too."


def test_a_run_that_another_one_beats(store: Store, digits_config: ComparisonConfig) -> None:
    record(store, digits_config, result(0.60, 0.5), result(0.99, 3.0))
    mine = record(store, digits_config, result(0.80, 1.0), result(0.82, 4.0))
    evidence = read(store, mine)
    runs = {run.run_id: run for run in evidence.runs}
    assert [runs[run_id].score for run_id in evidence.fronts["train_s"]] == [0.60, 0.80, 0.99]
    assert evidence.fronts["train_flops"] == ()
    assert evidence.sentence == (
        "Of 4 runs with 50 labels, 3 are on the front of training time and accuracy: whatever was better took longer. "
        "Linear probe is on it. Full fine-tuning isn't: full fine-tuning in another run took 3.0 s instead of 4.0 s "
        "and reached 99.0 % instead of 82.0 %."
    )


def test_a_difference_within_chance_is_said_to_be_one(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.90, 1.0), result(0.88, 1.01))
    sentence = read(store, mine).sentence
    # Wilson: 82.6 to 94.5 % and 80.2 to 93.0 %
    assert (
        "Full fine-tuning isn't: linear probe took about as long and reached 90.0 % instead of 88.0 %, which may be "
        "chance."
    ) in sentence
    assert "1 more is behind by no more than may be chance." in sentence


def test_intervals_that_overlap_are_no_test(store: Store, digits_config: ComparisonConfig) -> None:
    ends = {share: wilson_interval(*share) for share in ((56, 70), (48, 80))}
    (low, _), (_, high) = ends[56, 70], ends[48, 80]
    assert low < high
    mine = record(store, digits_config, result(0.82, 1.0), result(0.70, 1.01))
    evidence = replace(read(store, mine), is_tie=None)
    first, second = (
        replace(run, score=right / of, ci95=ends[right, of])
        for run, (right, of) in zip(evidence.runs, ends, strict=True)
    )
    told = replace(evidence, runs=(first, second)).sentence
    assert "reached 80.0 % instead of 60.0 %." in told
    assert "may be chance" not in told


def test_between_the_two_sides_the_verdicts_own_test_decides(store: Store, digits_config: ComparisonConfig) -> None:
    evidence = read(store, record(store, digits_config, result(0.90, 1.0), result(0.88, 1.01)))
    assert "which may be chance" in replace(evidence, is_tie=True).sentence
    assert "may be chance" not in replace(evidence, is_tie=False).sentence


def test_a_lead_on_the_front_that_may_be_chance(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.90, 1.0), result(0.92, 4.0))
    sentence = read(store, mine).sentence
    assert "Linear probe is on it. Full fine-tuning is on it, by a lead that may be chance." in sentence


def test_a_run_of_another_backbone_is_called_one(store: Store, digits_config: ComparisonConfig) -> None:
    record(store, replace(digits_config, backbone="photos-resnet"), result(0.99, 0.5), result(0.99, 0.5))
    sentence = read(store, record(store, digits_config, result(0.80, 1.0), result(0.82, 4.0))).sentence
    assert "2 are on the front" in sentence
    assert "full fine-tuning on photos-resnet in another run took 0.50 s" in sentence


def test_one_run_alone_on_the_front(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.90, 1.0), result(0.80, 2.0))
    assert (
        "1 is on the front of training time and accuracy: no other was better or faster." in read(store, mine).sentence
    )


def test_the_same_reached_sooner(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.90, 1.0), result(0.90, 2.0))
    assert "isn't: linear probe took 1.0 s instead of 2.0 s and reached the same." in read(store, mine).sentence


def test_other_numbers_of_labels_are_shown_and_compete_for_nothing(
    store: Store, digits_config: ComparisonConfig
) -> None:
    record(store, replace(digits_config, labels=200), result(0.99, 0.1), result(0.99, 0.1))
    record(store, replace(digits_config, label_noise=0.2), result(0.99, 0.1), result(0.99, 0.1))
    mine = record(store, digits_config, result(0.80, 1.0), result(0.95, 4.0))
    evidence = read(store, mine)
    assert [run.competes for run in evidence.runs] == [True, True, False, False, False, False]
    assert {run_id.rsplit("-", 2)[0] for run_id in evidence.fronts["train_s"]} == {mine}
    assert "Of 2 runs with 50 labels, 2 are" in evidence.sentence
    assert evidence.note == ("4 runs with other labels are drawn faint and on no front, for labels cost, too.")


def test_several_seeds(store: Store, digits_config: ComparisonConfig) -> None:
    config = replace(digits_config, seeds=2)

    def figures(side: Side, seed: int) -> dict[str, Any]:
        return result(0.80 - 0.3 * seed, 1.0) if side == "left" else result(0.70, 2.0)

    mine = finish_observed(store, config, figures=figures)
    sentence = read(store, mine).sentence
    assert "Linear probe is on it with 1 of 2 seeds." in sentence
    assert "Full fine-tuning isn't: linear probe with seed 0 took" in sentence


def test_of_perplexities_the_lower_is_better(store: Store) -> None:
    mine = record(
        store,
        LANGUAGE_CONFIG,
        {"perplexity": 80.0, "train_s": 1.0, "train_flops": 5},
        {"perplexity": 90.0, "train_s": 2.0, "train_flops": 9},
    )
    evidence = read(store, mine)
    assert evidence.fronts == {"train_s": (f"{mine}-left-0",), "train_flops": (f"{mine}-left-0",)}
    assert (
        "took 1.0 s instead of 2.0 s and reached 80.0 instead of 90.0. Counted in FLOPs, only partly"
        in evidence.sentence
    )
    assert "no interval is known for a perplexity" in evidence.sentence
    assert evidence.to_dict()["measure"] == "perplexity"
    assert "lower is better" in pareto_drawing(evidence)


def test_what_is_beyond_the_limit_is_said_and_ones_own_are_there(
    store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = record(store, digits_config, result(0.80, 1.0), result(0.95, 4.0))
    record(store, digits_config, result(0.60, 0.5), result(0.70, 3.0))
    monkeypatch.setattr(pareto_reading, "MOST_RUNS", 2)
    evidence = read(store, mine)
    assert evidence.is_cut
    assert [run.side for run in evidence.runs] == ["left", "right", None, None]
    assert evidence.runs[0].ci95 is not None


def test_what_another_browser_did_is_not_there(store: Store, digits_config: ComparisonConfig) -> None:
    record(store, digits_config, result(0.99, 0.1), result(0.99, 0.1), owner="you")
    for owner in ("me", None):
        mine = record(store, digits_config, result(0.80, 1.0), result(0.95, 4.0), owner=owner)
        assert all(run.score < 0.99 for run in read(store, mine).runs)


def test_the_json(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.80, 1.0, 10), result(0.95, 4.0))
    described = describe_evidence(read_evidence(store, mine, kinds=("pareto",)))
    assert described.keys() == {"pareto"}
    assert described["pareto"]["fronts"] == {"train_s": [f"{mine}-left-0", f"{mine}-right-0"],
                                             "train_flops": [f"{mine}-left-0"]}  # fmt: skip
    first = described["pareto"]["runs"][0]
    assert (first["side"], first["method"], first["train_flops"], first["score"]) == ("left", "linear_probe", 10, 0.8)
    assert first["ci95"] == pytest.approx(
        [0.711, 0.867], abs=5e-4
    )  # statsmodels: proportion_confint(80, 100, "wilson")


def test_the_drawing_marks_both_sides_the_others_and_the_front(store: Store, digits_config: ComparisonConfig) -> None:
    record(store, replace(digits_config, labels=200), result(0.99, 0.1, 5), result(0.99, 0.1, 5))
    record(store, digits_config, result(0.60, 0.5, 3), result(0.70, 3.0, 4))
    mine = record(store, digits_config, result(0.80, 1.0, 10), result(0.95, 4.0, 20))
    drawn = pareto_drawing(read(store, mine))
    assert drawn.count("<svg") == 2
    for look, count in (("left", 2), ("right", 2), ("letter", 4), ("faint", 4)):
        assert drawn.count(f'<g class="{look}">') == count
    assert drawn.count('class="front"') == 2
    assert "<title>Full fine-tuning: 95.0 %, 50 labels, seed 0, 4.0 s, 20 FLOP</title>" in drawn
    assert "80.0 % (71.1 % to 86.7 %)" in drawn
    assert "time and FLOPs" in drawn


def test_without_counted_operations_there_is_one_chart(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.80, 1.0), result(0.95, 4.0))
    assert pareto_drawing(read(store, mine)).count("<svg") == 1


def test_every_method_has_a_letter_of_its_own() -> None:
    assert LETTERS.keys() == METHODS.keys()
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_a_side_whose_test_is_not_known_gives_none(store: Store, digits_config: ComparisonConfig) -> None:
    mine = record(store, digits_config, result(0.80, 1.0), {"train_s": 2.0})
    assert read_pareto(read_observed(store, mine)) is None
    assert "pareto" not in read_evidence(store, mine)


@pytest.mark.parametrize("perplexity", [math.inf, math.nan])
def test_a_run_that_is_beyond_all_numbers_does_not_spoil_the_others_figure(store: Store, perplexity: float) -> None:
    good = {"perplexity": 80.0, "train_s": 1.0}
    other = record(store, LANGUAGE_CONFIG, good, good | {"perplexity": perplexity})
    mine = record(store, LANGUAGE_CONFIG, good, good | {"perplexity": 70.0})
    evidence = read(store, mine)
    assert {run.score for run in evidence.runs} == {80.0, 70.0}
    assert "<svg" in pareto_drawing(evidence)
    json.dumps(describe_evidence(read_evidence(store, mine)), allow_nan=False)
    json.dumps(describe_evidence(read_evidence(store, other)), allow_nan=False)
