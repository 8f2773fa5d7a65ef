"""What a run will do, decided before its first step: epochs, batches, and when to validate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.randomness import generator_for

FEWEST_EVALUATIONS, MOST_EVALUATIONS = 5, 15


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Epochs, batches and evaluations of one run.

    Attributes:
        examples: How many training examples.
        batches_per_epoch: Batches of nearly equal size, so that none is left with a single example.
        evaluation_steps: After which updates to validate; the last one is among them.
        seed: Of the run; decides the order of examples, whatever the method.
    """

    examples: int
    epochs: int
    batches_per_epoch: int
    evaluation_steps: frozenset[int]
    seed: int

    @property
    def total_steps(self) -> int:
        """Optimizer updates."""
        return self.epochs * self.batches_per_epoch

    def batches(self) -> Iterator[np.ndarray]:
        """Indices of the training examples of each batch, in a new order each epoch."""
        generator = generator_for(self.seed, "batches")
        for _ in range(self.epochs):
            order = torch.randperm(self.examples, generator=generator).numpy()
            yield from np.array_split(order, self.batches_per_epoch)


def plan_run(
    parameters: Hyperparameters,
    *,
    batch_size: int,
    examples: int,
    validation_examples: int,
    epochs: int | None,
    seed: int,
) -> Plan:
    """Plans a run.

    Args:
        parameters: The method's defaults.
        batch_size: Largest batch.
        examples: How many training examples.
        validation_examples: How many validation examples: validating should cost less than training.
        epochs: What the user asked for; `None` leaves it to the method.
        seed: Of the run.
    """
    batches_per_epoch = math.ceil(examples / batch_size)
    if epochs is None:
        epochs = parameters.epochs_for(batches_per_epoch)
    total = epochs * batches_per_epoch
    affordable = epochs * examples // validation_examples
    evaluations = min(total, max(FEWEST_EVALUATIONS, min(MOST_EVALUATIONS, affordable)))
    steps = frozenset(round(total * count / evaluations) for count in range(1, evaluations + 1))
    return Plan(
        examples=examples, epochs=epochs, batches_per_epoch=batches_per_epoch, evaluation_steps=steps, seed=seed
    )
