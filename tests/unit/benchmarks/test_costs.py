"""From a run's events to what it takes."""

from __future__ import annotations

from benchmarks.cost_benchmark.measuring import describe_run
from benchmarks.cost_benchmark.settings import settings_of
from tlvsft.events import Evaluated, Event, PrefixStored, RunFinished, RunStarted, StepTaken


def step(number: int, at: float) -> StepTaken:
    return StepTaken(step=number, epoch=1.0, elapsed_s=at, train_loss=1.0, examples=number)


def evaluated(number: int, at: float) -> Evaluated:
    return Evaluated(step=number, epoch=1.0, elapsed_s=at, val_loss=1.0, val_accuracy=0.5, examples=number)


def test_steps_validations_and_the_rest_are_told_apart() -> None:
    heard: list[Event] = [
        RunStarted(
            trainable_parameters=1, total_parameters=2, blocks=(), total_steps=4, epochs=2, train_examples=8,
            class_names=(),
        ),
        PrefixStored(
            step=0, prefix_blocks=2, total_blocks=4, examples=8, total_examples=8, computed_s=0.4, reused=False,
            size_bytes=800,
        ),
        evaluated(0, 2.0), step(1, 2.1), step(2, 2.2), evaluated(2, 2.5), step(3, 2.7), step(4, 2.8), evaluated(4, 3.1),
        RunFinished(
            steps=4, frozen_intact=True, elapsed_s=4.0, train_s=0.9, examples_per_s=1.0, peak_memory_bytes=7,
        ),
    ]  # fmt: skip
    cost, facts = describe_run(heard)
    rounded = {name: round(value, 6) for name, value in cost.items()}
    assert rounded == {
        "step_s": 0.1, "evaluation_s": 0.3, "prefix_s": 0.05, "prefix_bytes": 100.0, "fixed_s": 2.2,
        "peak_bytes": 7.0, "run_s": 4.0,
    }  # fmt: skip
    assert facts == {"examples": 8}


def test_the_variants_that_are_measured() -> None:
    digits, *_ = settings_of("glyphs-resnet")
    methods = [digits.run_config(frozen).variant.method for frozen in ((), ("0",), digits.block_names, None)]
    assert methods == ["full", "partial", "linear_probe", "lora"]
    assert [setting.task for setting in settings_of("wiki-gpt")] == ["classification", "language_modeling"]
