"""Plans: even batches, few labels get many epochs, validation stays cheap."""

from __future__ import annotations

import numpy as np
import pytest

from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.plan import Plan, plan_run

PARAMETERS = Hyperparameters(head_rate=0.1, steps=100, epochs=(4, 50))


def plan(examples: int, *, epochs: int | None = None, validation_examples: int = 100) -> Plan:
    return plan_run(
        PARAMETERS,
        batch_size=16,
        examples=examples,
        validation_examples=validation_examples,
        epochs=epochs,
        seed=0,
    )


@pytest.mark.parametrize("examples", [2, 15, 16, 17, 33, 100])
def test_no_batch_is_left_with_a_single_example(examples: int) -> None:
    """BatchNorm can't train on one."""
    sizes = {len(batch) for batch in plan(examples).batches(np.arange(examples))}
    assert max(sizes) <= 16
    assert min(sizes) >= 2


def test_each_epoch_sees_every_example_once_in_batches_of_like_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 160)
    batches = list(plan(160, epochs=2).batches(lengths))
    for epoch in (batches[:10], batches[10:]):
        assert sorted(index for batch in epoch for index in batch) == list(range(160))
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    assert padded < 1.25 * 2 * lengths.sum()
    first = [int(lengths[batch].mean()) for batch in batches[:8]]
    assert first != sorted(first)


def test_few_labels_get_many_epochs_and_many_labels_few() -> None:
    assert plan(10).epochs == 50
    assert plan(160).epochs == 10
    assert plan(16_000).epochs == 4


def test_the_user_has_the_last_word_on_epochs() -> None:
    assert plan(160, epochs=3).total_steps == 30


@pytest.mark.parametrize("examples", [2, 50, 1000])
@pytest.mark.parametrize("validation_examples", [1, 100, 1000])
def test_validation_comes_at_the_end_and_now_and_then(examples: int, validation_examples: int) -> None:
    planned = plan(examples, validation_examples=validation_examples)
    assert planned.total_steps in planned.evaluation_steps
    assert min(6, planned.total_steps) <= len(planned.evaluation_steps) <= 12
    assert min(planned.evaluation_steps) >= 1


def test_a_run_of_one_step_is_validated_after_it() -> None:
    assert plan(10, epochs=1).evaluation_steps == {1}
