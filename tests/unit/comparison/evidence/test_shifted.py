"""Out of distribution: read from a store, counted by hand, said in words, drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.catalog.shifts import ANSWERS_FILE, SHIFTS
from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.shifted import ShiftedEvidence, read_shifted
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.evaluation.statistics import mcnemar
from tlvsft.events import ShiftResult, ShiftsTested
from tlvsft.report.evidence.shifted import shifted_drawing
from tlvsft.runs.artifacts import save_examples, save_observed
from tlvsft.runs.records import Example
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
Right = Sequence[bool]
EXAMPLES = 100


def right_on(count: int, *, first: int = 0) -> list[bool]:
    """So many right answers in a row."""
    return [first <= place < first + count for place in range(EXAMPLES)]


def shift_runs(store: Store, comparison_id: str, shifted: Mapping[Side, Mapping[str, Right]]) -> None:
    """What the observer would have left behind, the same for each seed."""
    for run in store.comparison(comparison_id).runs:
        answers = {name: np.array(right) for name, right in shifted[run.side].items()}
        results = [
            ShiftResult(name=name, accuracy=float(right.mean()), examples=EXAMPLES)
            for name, right in answers.items()
            if name in SHIFTS
        ]
        store.append_events(run.id, [ShiftsTested(results=tuple(results))])
        pictures = np.arange(len(answers) * 16, dtype=np.uint8).reshape(len(answers), 4, 4)
        bits = {name: np.packbits(right) for name, right in answers.items()}
        save_observed(store.run_folder(run.id), ANSWERS_FILE, {**bits, "pictures": pictures})


@pytest.fixture
def record_shifted(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> Callable[..., ShiftedEvidence]:
    """Records a comparison and reads it; a side's answers begin with those to ordinary examples."""

    def record(*, seeds: int = 1, **shifted: Mapping[str, Right]) -> ShiftedEvidence:
        config = replace(digits_config, seeds=seeds)
        answers = {(side, seed): shifted[side]["ordinary"] for side in SIDES for seed in config.all_seeds()}
        comparison_id = record_comparison(config, answers)
        shift_runs(store, comparison_id, shifted)  # type: ignore[arg-type]  # its keys are sides
        found = read_shifted(read_observed(store, comparison_id))
        assert found is not None
        return found

    return record


def test_numbers_by_hand(record_shifted: Callable[..., ShiftedEvidence]) -> None:
    found = record_shifted(
        left={"ordinary": right_on(90), "rotated": right_on(80), "noisy": right_on(40)},
        right={"ordinary": right_on(95), "rotated": right_on(70), "noisy": right_on(30)},
    )
    ordinary, rotated, noisy, average = found.kinds
    assert [kind.name for kind in found.kinds] == ["ordinary", "rotated", "noisy", "average"]
    assert [kind.sides["left"].accuracy for kind in found.kinds] == pytest.approx([0.9, 0.8, 0.4, 0.6])
    assert [kind.sides["right"].accuracy for kind in found.kinds] == pytest.approx([0.95, 0.7, 0.3, 0.5])
    assert ordinary.lead == mcnemar(np.array(right_on(90)), np.array(right_on(95)))
    assert rotated.lead == mcnemar(np.array(right_on(80)), np.array(right_on(70)))
    assert noisy.sides["left"].change == mcnemar(np.array(right_on(90)), np.array(right_on(40)))
    assert average.sides["right"].change is not None
    assert average.sides["right"].change.difference == pytest.approx(-0.45)
    assert average.holds is not None
    assert average.holds.difference == pytest.approx(-0.45 + 0.30)
    assert found.met == ("rotated",)
    assert rotated.picture is not None
    assert rotated.picture.startswith("data:image/png;base64,")


def test_ahead_in_distribution_and_behind_out_of_it_is_said_plainly(
    record_shifted: Callable[..., ShiftedEvidence],
) -> None:
    found = record_shifted(
        left={"ordinary": right_on(80), "noisy": right_on(70)}, right={"ordinary": right_on(95), "noisy": right_on(40)}
    )
    assert "80.0 % of 100 ordinary test images right and 70.0 % of the same ones noisy;" in found.sentence
    assert "Linear probe holds up better: it loses 10.0 points, full fine-tuning 55.0" in found.sentence
    assert "Full fine-tuning is ahead on the ordinary ones and behind on these" in found.sentence
    assert "Kumar and others (2022)" in found.sentence
    assert found.sentence.endswith("This is about these two trained models.")


def test_the_paper_is_not_called_upon_where_it_was_the_probe_that_fell_behind(
    record_shifted: Callable[..., ShiftedEvidence],
) -> None:
    found = record_shifted(
        left={"ordinary": right_on(95), "noisy": right_on(40)}, right={"ordinary": right_on(80), "noisy": right_on(70)}
    )
    assert "Linear probe is ahead on the ordinary ones and behind on these" in found.sentence
    assert "difference −30.0 points" in found.sentence
    assert "Kumar" not in found.sentence


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ((80, 80), (81, 79), "Neither is ahead beyond chance, on the ordinary ones or on these."),
        ((70, 50), (90, 70), "Full fine-tuning is ahead on both."),
        ((90, 60), (70, 60), "Linear probe is ahead on the ordinary ones; on these who is ahead can't be told apart"),
        ((80, 30), (80, 60), "On the ordinary ones neither is ahead beyond chance; full fine-tuning is ahead on these"),
    ],
)
def test_who_is_ahead_where(
    record_shifted: Callable[..., ShiftedEvidence], left: tuple[int, int], right: tuple[int, int], said: str
) -> None:
    found = record_shifted(
        left={"ordinary": right_on(left[0]), "thick": right_on(left[1])},
        right={"ordinary": right_on(right[0]), "thick": right_on(right[1])},
    )
    assert said in found.sentence


def test_a_difference_that_may_be_chance_is_called_one(record_shifted: Callable[..., ShiftedEvidence]) -> None:
    found = record_shifted(
        left={"ordinary": right_on(90), "thick": right_on(89)}, right={"ordinary": right_on(90), "thick": right_on(91)}
    )
    assert "too close to call: linear probe changes by −1.0 points, full fine-tuning by +1.0" in found.sentence


def test_several_seeds_are_about_methods(record_shifted: Callable[..., ShiftedEvidence]) -> None:
    answers = {"ordinary": right_on(90), "rotated": right_on(50), "thick": right_on(70)}
    found = record_shifted(seeds=3, left=answers, right=answers)
    assert found.kinds[1].sides["left"].each == pytest.approx((0.5, 0.5, 0.5))
    assert "rotated and thick (mean of the 2)" in found.sentence
    assert found.sentence.endswith("This is about the methods on this task.")
    assert "their range" in shifted_drawing(found)


def test_reviews_by_style(store: Store, record_comparison: RecordComparison) -> None:
    config = PRESETS["book-reviews"].comparison_config()
    comparison_id = record_comparison(config, {("left", 0): right_on(60), ("right", 0): right_on(60, first=40)})
    styles = ["implied"] * 30 + ["mixed"] * 30 + ["plain"] * 40
    examples = [Example(index=place, label=place % 2, text="…", group=style) for place, style in enumerate(styles)]
    save_examples(store.comparison_folder(comparison_id), examples, class_names=("negative", "positive"))
    found = read_shifted(read_observed(store, comparison_id))
    assert found is not None
    ordinary, implied = found.kinds
    assert (ordinary.examples, implied.examples) == (70, 30)
    assert ordinary.words == "mixed and plain"
    assert ordinary.sides["left"].accuracy == pytest.approx(30 / 70)
    assert ordinary.sides["right"].accuracy == pytest.approx(60 / 70)
    assert (implied.sides["left"].accuracy, implied.sides["right"].accuracy) == (1, 0)
    assert implied.sides["left"].change is not None
    assert implied.sides["left"].change.difference == pytest.approx(1 - 30 / 70)
    assert [part.name for part in found.parts] == ["mixed", "plain"]
    assert found.sentence.startswith(
        "Linear probe gets 42.9 % of 70 ordinary test examples (mixed and plain) right and 100.0 % of 30 implied "
        "ones; full fine-tuning 85.7 % and 0.0 %."
    )
    drawn = shifted_drawing(found)
    assert "not an unseen one" in drawn
    assert "… plain" in drawn


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (Example(index=0, label=0, text="a text"), "these texts come without kinds"),
        (Example(index=0, label=0, image="data:image/png;base64,"), "train again to see it"),
    ],
)
def test_where_nothing_was_tested_it_says_why(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison, example: Example, said: str
) -> None:
    comparison_id = record_comparison(digits_config, {("left", 0): right_on(9), ("right", 0): right_on(9)})
    save_examples(store.comparison_folder(comparison_id), [example], class_names=("0", "1"))
    found = read_shifted(read_observed(store, comparison_id))
    assert found is not None
    assert said in found.sentence
    assert found.to_dict()["kinds"] == []
    assert "<p" in shifted_drawing(found)


def test_the_json_has_every_difference_with_its_interval(record_shifted: Callable[..., ShiftedEvidence]) -> None:
    found = record_shifted(
        left={"ordinary": right_on(90), "thick": right_on(80)}, right={"ordinary": right_on(90), "thick": right_on(70)}
    )
    described = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    ordinary, thick = described["kinds"]
    assert ordinary["holds"] is None
    assert ordinary["left"]["change"] is None
    assert thick["holds"]["difference"] == pytest.approx(-0.1)
    assert thick["lead"]["ci95"][0] < -0.1 < thick["lead"]["ci95"][1]
    assert thick["left"] | {"change": None} == {"accuracy": 0.8, "each": [0.8], "change": None}
    assert described["met_in_pretraining"] == ["thick"]


def test_the_drawing_shows_pictures_dumbbells_and_all_numbers(record_shifted: Callable[..., ShiftedEvidence]) -> None:
    found = record_shifted(
        left={"ordinary": right_on(90), "thick": right_on(80)}, right={"ordinary": right_on(90), "thick": right_on(70)}
    )
    drawn = shifted_drawing(found)
    assert drawn.count("<img ") == 2
    assert 'alt="A test image, thick"' in drawn
    assert drawn.count('class="hollow"') == 2
    assert drawn.count("<circle") == 2
    assert "<title>thick: 90.0 % → 70.0 %</title>" in drawn
    assert "met thick images" in drawn
    for number in ("90.0 %", "80.0 %", "70.0 %", "−20.0 ("):
        assert number in drawn
