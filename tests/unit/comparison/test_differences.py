"""Each claim beside what the comparison shows of it; a claim that isn't borne out is said to be so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.methods import METHODS
from tlvsft.comparison import Difference, LabelScore, Shown, SideEvidence, Winner, describe_differences, describe_losses
from tlvsft.comparison.claims import CLAIMS, EXTENT, TOPICS, claim_of
from tlvsft.config import ComparisonConfig, DatasetConfig, Side
from tlvsft.events import BlockMovement, BlockStatus, Evaluated, RunFinished

CONFIG = ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), labels=50)
WORDS = replace(CONFIG, backbone="wiki-gpt", task="language_modeling")


def finish(**changes: Any) -> RunFinished:
    given: dict[str, Any] = {
        "steps": 150, "frozen_intact": None, "test_accuracy": 0.8, "elapsed_s": 2.0, "train_s": 1.0,
        "examples_per_s": 10.0, "peak_memory_bytes": 400_000_000,
    }  # fmt: skip
    return RunFinished(**(given | changes))


def side(name: str, method: str, changes: tuple[float, ...], end: RunFinished | None) -> SideEvidence:
    """Two blocks of 100 parameters each under a head of 10."""
    frozen = ["frozen" if change == 0 else "trains" for change in changes]
    blocks = [
        BlockStatus(name=block, parameters=100, state=state)  # type: ignore[arg-type]
        for block, state in zip(("embedding", "0"), frozen, strict=True)
    ]
    moves = [
        BlockMovement(name=block, weight_change=change, gradient_norm=10 * change)
        for block, change in zip(("embedding", "0"), changes, strict=True)
    ]
    return SideEvidence(
        name=name,
        method=METHODS[method],
        blocks=(*blocks, BlockStatus(name="head", parameters=10, state="new")),
        moves=(*moves, BlockMovement(name="head", weight_change=2.0, gradient_norm=0.75)),
        finishes=() if end is None else (end,),
        steps=150,
    )


def probe_and_full(left: RunFinished | None, right: RunFinished | None, **more: Any) -> Shown:
    sides = {
        "left": side("linear probe", "linear_probe", (0.0, 0.0), left),
        "right": side("full fine-tuning", "full", (0.01, 0.041), right),
    }
    return Shown(**({"config": CONFIG, "sides": sides, "class_count": 10} | more))


def rows(shown: Shown | None, **methods: str) -> dict[str, Difference]:
    chosen = {"left": METHODS[methods.get("left", "linear_probe")], "right": METHODS[methods.get("right", "full")]}
    return {row.title: row for row in describe_differences(chosen, shown)}  # type: ignore[arg-type]


def texts(row: Difference) -> list[str]:
    return [finding.text for finding in row.evidence]


def claims(row: Difference) -> list[str | None]:
    return [finding.claim for finding in row.evidence]


def test_before_any_run_each_row_says_what_will_stand_there() -> None:
    table = rows(None)
    assert list(table) == list(TOPICS.values())
    assert all(row.evidence == () and row.awaits for row in table.values())


def test_every_method_has_its_claims() -> None:
    for method in METHODS.values():
        assert all(claim_of(method, topic) for topic in TOPICS)
    assert all(of_kind.keys() == EXTENT.keys() for of_kind in CLAIMS.values())
    assert "thaw one after the other" in claim_of(METHODS["gradual_unfreezing"], "architecture")


def test_the_evidence_is_computed_from_the_comparison() -> None:
    left = finish(frozen_intact=True)
    right = finish(test_accuracy=0.87, elapsed_s=8.0, peak_memory_bytes=800_000_000)
    table = rows(probe_and_full(left, right, winner="right"))
    assert texts(table["Definition"]) == [
        (
            "Linear probe: none of 2 backbone blocks changed; its head did"
            "; what is frozen is bit for bit what was loaded (checked)."
        ),
        "Full fine-tuning: 2 of 2 backbone blocks changed, from 1.0 % (embedding) to 4.1 % (block 0).",
    ]
    assert texts(table["Objective"]) == [
        "Test accuracy: linear probe 80.0 %, full fine-tuning 87.0 %.",
        (
            "What was forgotten of the source task wasn't measured: the backbone came without a head for it, or this "
            "was trained before that was measured."
        ),
        "Tailoring more of the model paid: full fine-tuning is ahead, beyond chance.",
    ]
    assert texts(table["Model architecture"]) == [
        "Linear probe: 2 blocks frozen (200 parameters), head new (10).",
        "Full fine-tuning: 2 blocks trained (200 parameters), head new (10).",
    ]
    assert texts(table["Training process"]) == [
        "Linear probe: trains 10 of 210 parameters (4.8 %). Gradients came to the head alone (norm 0.75).",
        (
            "Full fine-tuning: trains 210 of 210 parameters (100 %). "
            "Gradient norms at step 150: 0.1 (embedding), 0.41 (block 0), 0.75 (head)."
        ),
    ]
    assert texts(table["Computational complexity"])[2:] == [
        "The claimed saving of time showed: 0.25 × (linear probe 2.0 s, full fine-tuning 8.0 s).",
        "The claimed saving of memory showed: 0.5 × (linear probe 400 MB, full fine-tuning 800 MB).",
    ]


def test_flops_are_stated_and_judged_where_they_were_counted() -> None:
    left = finish(test_accuracy=0.8, elapsed_s=2.0, peak_memory_bytes=400_000_000, train_flops=490_000_000)
    right = finish(test_accuracy=0.87, elapsed_s=8.0, peak_memory_bytes=800_000_000, train_flops=49_000_000_000)
    found = texts(rows(probe_and_full(left, right, winner="right"))["Computational complexity"])
    assert found[0].endswith("peak memory 400 MB (libraries included), 490 MFLOP of training.")
    assert found[4:] == [
        "The claimed saving of FLOPs showed: 0.01 × (linear probe 490 MFLOP, full fine-tuning 49.0 GFLOP).",
    ]


@pytest.mark.parametrize(
    ("method", "changes", "claim"),
    [
        ("linear_probe", (0.0, 0.1), "failed"),
        ("full", (0.0, 0.0), None),
        ("partial", (0.0, 0.1), "held"),
        ("lora", (0.0, 0.1), "held"),
    ],
)
def test_what_changed_is_held_against_the_method(method: str, changes: tuple[float, ...], claim: str | None) -> None:
    shown = probe_and_full(None, None)
    sides = {**shown.sides, "left": side("it", method, changes, None)}
    finding = rows(replace(shown, sides=sides), left=method)["Definition"].evidence[0]
    assert finding.claim == claim
    assert ("adapters merged" in finding.text) is (method == "lora")


def test_claims_that_are_not_borne_out_are_said_to_be_so() -> None:
    left = finish(frozen_intact=False, elapsed_s=8.0)
    table = rows(probe_and_full(left, finish(test_accuracy=0.7, elapsed_s=8.1), winner="left"))
    assert claims(table["Definition"]) == ["failed", "held"]
    assert texts(table["Objective"])[-1] == (
        "Here tailoring more of the model didn't pay: linear probe is ahead, beyond chance."
    )
    time, memory = table["Computational complexity"].evidence[2:4]
    assert (time.claim, memory.claim) == ("failed", "failed")
    assert time.text == "Here the claimed saving of time didn't show: linear probe 8.0 s, full fine-tuning 8.1 s."


def test_what_is_too_close_to_call_bears_no_claim_out() -> None:
    last = rows(probe_and_full(finish(), finish(test_accuracy=0.81), winner="tie"))["Objective"].evidence[-1]
    assert (last.claim, "too close to call" in last.text) == (None, True)


@pytest.mark.parametrize(("winner", "claim"), [("left", "held"), ("right", "failed"), ("tie", None)])
def test_numbers_of_labels_are_laid_side_by_side(winner: Winner, claim: str | None) -> None:
    here = LabelScore(labels=50, scores={"left": 0.8, "right": 0.87}, winner="right")
    alone = rows(probe_and_full(finish(), finish(), label_scores=(here,)))["Data requirement"]
    assert texts(alone) == [
        "50 labels: linear probe 80.0 %, full fine-tuning 87.0 %.",
        "Run the same with another number of labels to see more, or a sweep over labels to see the whole curve.",
    ]
    fewer = LabelScore(labels=20, scores={"left": 0.6, "right": 0.5}, winner=winner)
    row = rows(probe_and_full(finish(), finish(), label_scores=(fewer, here)))["Data requirement"]
    assert [text.split(":")[0] for text in texts(row)[:2]] == ["20 labels", "50 labels"]
    assert row.evidence[-1].claim == claim
    assert "the fewest (20 labels)" in row.evidence[-1].text


def test_a_language_model_says_what_it_forgot_and_lower_is_better() -> None:
    ends = [
        finish(test_accuracy=None, perplexity=value, source_perplexity_before=95.0, source_perplexity_after=after)
        for value, after in ((71.0, 114.0), (68.0, 152.0))
    ]
    table = rows(probe_and_full(*ends, config=WORDS, winner="right"))
    assert texts(table["Objective"]) == [
        "Test perplexity: linear probe 71.0, full fine-tuning 68.0.",
        "Perplexity on general English, linear probe: 95.0 → 114.0 (+20 %).",
        "Perplexity on general English, full fine-tuning: 95.0 → 152.0 (+60 %).",
        "Tailoring more of the model paid: full fine-tuning is ahead, beyond chance.",
    ]


def test_it_is_said_which_figures_are_of_one_seed_and_which_leave_something_out() -> None:
    config = replace(CONFIG, seeds=2, right=replace(CONFIG.right, start="abc-left"))
    table = rows(probe_and_full(finish(), finish(), config=config))
    assert texts(table["Definition"])[-1].startswith("Changes and gradients are those of the first seed")
    left_out = "What a side started from was trained before, and isn't in these figures."
    assert left_out in texts(table["Computational complexity"])
    plain = rows(probe_and_full(finish(), finish()))
    assert len(texts(plain["Definition"])) == 2
    assert left_out not in texts(plain["Computational complexity"])


def test_over_seeds_perplexities_are_those_of_the_verdict() -> None:
    shown = probe_and_full(finish(), finish(), config=WORDS)
    ends = tuple(finish(test_accuracy=None, perplexity=value) for value in (50.0, 200.0))
    sides = {side: replace(found, finishes=ends) for side, found in shown.sides.items()}
    row = rows(replace(shown, sides=sides))["Objective"]
    assert texts(row)[0] == "Test perplexity: linear probe 100.0, full fine-tuning 100.0."


@pytest.mark.parametrize(("slowest", "claim"), [(4.0, "held"), (6.0, None)])
def test_a_saving_within_the_spread_of_the_seeds_is_none(slowest: float, claim: str | None) -> None:
    shown = probe_and_full(finish(), finish())
    times = {"left": (1.0, slowest), "right": (5.0, 9.0)}
    sides = {
        side: replace(found, finishes=tuple(finish(elapsed_s=time, reused_s=0.0) for time in times[side]))
        for side, found in shown.sides.items()
    }
    row = rows(replace(shown, sides=sides))["Computational complexity"]
    time = next(found for found in row.evidence if "saving of time" in found.text)
    assert time.claim == claim


def test_a_classifier_says_what_it_forgot() -> None:
    left = finish(source_agreement=1.0, heldout_accuracy_before=0.841, heldout_accuracy_after=0.841)
    right = finish(source_agreement=0.433, heldout_accuracy_before=0.841, heldout_accuracy_after=0.61)
    assert texts(rows(probe_and_full(left, right, winner="tie"))["Objective"])[1:-1] == [
        "Agreement of the pretrained head with itself (a proxy), linear probe: 100.0 %.",
        "Accuracy on held-out source data, linear probe: 84.1 % → 84.1 %.",
        "Agreement of the pretrained head with itself (a proxy), full fine-tuning: 43.3 %.",
        "Accuracy on held-out source data, full fine-tuning: 84.1 % → 61.0 %.",
    ]


def test_a_control_has_nothing_to_forget() -> None:
    shown = probe_and_full(finish(source_agreement=1.0), finish(), winner="tie")
    sides = {**shown.sides, "right": side("from scratch", "from_scratch", (0.1, 0.1), finish())}
    found = texts(rows(replace(shown, sides=sides), right="from_scratch")["Objective"])
    assert "From scratch: nothing to forget, since it starts from random weights." in found


def test_after_a_stop_it_tells_what_it_can() -> None:
    shown = probe_and_full(None, None)
    seen = Evaluated(step=40, epoch=1.0, elapsed_s=1.0, val_loss=0.5, val_accuracy=0.75, examples=50)
    stopped = {name: replace(evidence, evaluation=seen) for name, evidence in shown.sides.items()}
    table = rows(replace(shown, sides=stopped))
    assert texts(table["Objective"]) == [
        "Validation accuracy (not tested): linear probe 75.0 % after 40 steps, full fine-tuning 75.0 % after 40 steps."
    ]
    assert texts(table["Computational complexity"]) == []
    assert len(texts(table["Definition"])) == 2


def test_equals_and_controls_are_held_to_no_claim() -> None:
    both = {
        "left": side("full fine-tuning (straight)", "full", (0.1, 0.1), finish()),
        "right": side("full fine-tuning (adapted first)", "full", (0.1, 0.1), finish(test_accuracy=0.9)),
    }
    same = rows(Shown(config=CONFIG, sides=both), left="full", right="full")  # type: ignore[arg-type]
    assert set(claims(same["Objective"]) + claims(same["Computational complexity"])) == {None}
    control = {"left": both["left"], "right": side("from scratch", "from_scratch", (0.9, 0.9), finish())}
    table = rows(Shown(config=CONFIG, sides=control), right="from_scratch")  # type: ignore[arg-type]
    assert set(claims(table["Objective"])) == {None}


def losses(config: ComparisonConfig, left: str, right: str, count: int | None = None) -> str:
    names: dict[Side, str] = {"left": left, "right": right}
    return describe_losses(config, names, {side: METHODS[name] for side, name in names.items()}, class_count=count)


def test_the_loss_is_named() -> None:
    assert losses(CONFIG, "linear_probe", "full", 10).startswith(
        "Both minimise the same loss: cross-entropy over 10 classes, the mean over each batch."
    )
    assert "cross-entropy of the next word over the vocabulary" in losses(WORDS, "partial", "full")
    assert "hidden words" in losses(replace(WORDS, backbone="some/bert"), "partial", "full")
    half = losses(CONFIG, "nearest_centroid", "full")
    assert half.startswith("Full minimises cross-entropy over the classes")
    assert half.endswith("Nearest_centroid minimises none: nothing is trained.")
    assert losses(CONFIG, "nearest_centroid", "nearest_centroid").startswith("Neither")
