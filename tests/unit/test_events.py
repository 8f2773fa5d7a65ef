"""Every event survives JSON."""

from __future__ import annotations

import json

import pytest

from tlvsft.events import (
    EVENT_TYPES,
    Ancestor,
    BlockMovement,
    BlockProof,
    BlocksChanged,
    BlockSimilarity,
    BlocksMoved,
    BlockStatus,
    Descended,
    Evaluated,
    Event,
    FrozenProved,
    Noted,
    PrefixStored,
    RepresentationsCompared,
    RunFailed,
    RunFinished,
    RunStarted,
    RunStopped,
    SampleAnswer,
    SampleAnswered,
    SampleDrawn,
    SampleExample,
    ShiftResult,
    ShiftsTested,
    StepTaken,
    event_from_dict,
    event_to_dict,
)

EVENTS: list[Event] = [
    Descended(
        lineage=(
            Ancestor(
                run_id="a-left-0",
                comparison_id="a",
                side="left",
                seed=0,
                task="language_modeling",
                method="partial",
                dataset="d",
                steps=9,
                elapsed_s=2.0,
                train_s=1.0,
                perplexity_before=140.0,
                perplexity=70.0,
            ),
        )
    ),
    BlocksChanged(
        step=3,
        blocks=(
            BlockStatus(name="0", parameters=2, state="adapts", adapter_parameters=1),
            BlockStatus(name="head", parameters=1, state="trains", head="kept"),
        ),
    ),
    RunStarted(
        trainable_parameters=1,
        total_parameters=3,
        blocks=(
            BlockStatus(name="embedding", parameters=2, state="frozen"),
            BlockStatus(name="head", parameters=1, state="new"),
        ),
        total_steps=9,
        epochs=3,
        train_examples=24,
        class_names=("a", "b"),
    ),
    PrefixStored(
        step=0,
        prefix_blocks=2,
        total_blocks=4,
        examples=20,
        total_examples=20,
        computed_s=0.4,
        reused=False,
        size_bytes=1_000,
    ),
    StepTaken(step=1, epoch=0.5, elapsed_s=0.1, train_loss=2.3, examples=8),
    BlocksMoved(
        step=1,
        epoch=0.5,
        elapsed_s=0.1,
        examples=8,
        movements=(
            BlockMovement(name="0", weight_change=0.0, gradient_norm=0.0, statistics_change=0.0),
            BlockMovement(name="head", weight_change=0.25, gradient_norm=3.5),
        ),
    ),
    RepresentationsCompared(
        step=1,
        epoch=0.5,
        elapsed_s=0.1,
        examples=8,
        similarities=(BlockSimilarity(name="0", cka=1.0), BlockSimilarity(name="1", cka=None)),
    ),
    FrozenProved(
        proofs=(
            BlockProof(name="0", frozen=True, tensors=3, loaded="ab", trained="ab"),
            BlockProof(name="head", frozen=False, tensors=2, loaded="ab", trained="cd"),
        )
    ),
    ShiftsTested(results=(ShiftResult(name="rotated", accuracy=0.5, examples=8),)),
    Evaluated(step=1, epoch=0.5, elapsed_s=0.2, val_loss=2.2, val_accuracy=0.25, examples=8),
    SampleDrawn(shown=(SampleExample(index=3, label=1, text="a text"), SampleExample(index=9, label=0, image="data:"))),
    SampleAnswered(step=1, answers=(SampleAnswer(predicted=1, probability=0.75, truth_probability=0.25),)),
    Noted(message="3 of 9 texts were cut."),
    RunFinished(
        steps=9,
        frozen_intact=True,
        test_accuracy=0.5,
        test_macro_f1=0.4,
        confusion_matrix=((1, 0), (1, 0)),
        elapsed_s=1.0,
        train_s=0.5,
        examples_per_s=48.0,
        peak_memory_bytes=1,
    ),
    RunStopped(step=4, elapsed_s=0.4),
    RunFailed(message="No.", invalid_input=True),
]


def test_there_is_an_example_of_each_event() -> None:
    assert {type(event) for event in EVENTS} == set(EVENT_TYPES.values())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event: Event) -> None:
    assert event_from_dict(json.loads(json.dumps(event_to_dict(event)))) == event


def test_an_unknown_event_is_an_error() -> None:
    with pytest.raises(KeyError):
        event_from_dict({"type": "Nothing"})
