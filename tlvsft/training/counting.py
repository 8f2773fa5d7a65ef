"""How many steps, epochs and validations a run has, counted before anything is loaded. Plain data: loads no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tlvsft.training.defaults import Hyperparameters

_TRAINED_PER_VALIDATED = 2
FEWEST_EVALUATIONS, MOST_EVALUATIONS = 6, 12
LEAST_EPOCHS_STORED = 2
"""Frozen blocks are computed once in phases of so many epochs: in a single one there is nothing to save."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The size of a run.

    Attributes:
        evaluations: Validations after the first update; one more comes before it.
    """

    epochs: int
    batches_per_epoch: int
    evaluations: int

    @property
    def total_steps(self) -> int:
        """Optimizer updates."""
        return self.epochs * self.batches_per_epoch


def count_run(
    parameters: Hyperparameters,
    *,
    batch_size: int,
    examples: int,
    validation_examples: int,
    epochs: int | None,
) -> Counts:
    """Counts what a run will do.

    Args:
        parameters: The method's defaults.
        batch_size: Largest batch.
        examples: How many training examples.
        validation_examples: How many validation examples: validating should cost less than training.
        epochs: What the user asked for; `None` leaves it to the method.
    """
    batches_per_epoch = math.ceil(examples / batch_size)
    if epochs is None:
        epochs = parameters.epochs_for(batches_per_epoch)
    total = epochs * batches_per_epoch
    affordable = epochs * examples // (_TRAINED_PER_VALIDATED * validation_examples)
    evaluations = min(total, max(FEWEST_EVALUATIONS, min(MOST_EVALUATIONS, affordable)))
    return Counts(epochs=epochs, batches_per_epoch=batches_per_epoch, evaluations=evaluations)
