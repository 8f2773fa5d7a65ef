"""What a run will do, decided before its first step: epochs, batches, and when to validate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tlvsft.training.counting import count_run
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.randomness import generator_for

Indices = np.ndarray[Any, np.dtype[np.int64]]
_SORTED_TOGETHER = 8


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

    def batches(self, lengths: Indices) -> Iterator[Indices]:
        """Indices of the training examples of each batch, in a new order each epoch.

        Examples of like length share a batch, which saves a good part of the padding: each run of a few random batches
        is sorted by length and dealt out again. The order depends on seed and data alone, never on the method.

        Args:
            lengths: Of the training examples, shape `(examples,)`.
        """
        generator = generator_for(self.seed, "batches")
        for _ in range(self.epochs):
            order = torch.randperm(self.examples, generator=generator).numpy()
            batches = np.array_split(order, self.batches_per_epoch)
            for start in range(0, len(batches), _SORTED_TOGETHER):
                yield from _deal_by_length(batches[start : start + _SORTED_TOGETHER], lengths, generator)


def _deal_by_length(batches: list[Indices], lengths: Indices, generator: torch.Generator) -> Iterator[Indices]:
    examples = np.concatenate(batches)
    by_length = np.array_split(examples[np.argsort(lengths[examples], kind="stable")], len(batches))
    for position in torch.randperm(len(batches), generator=generator).tolist():
        yield by_length[position]


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
    counts = count_run(
        parameters,
        batch_size=batch_size,
        examples=examples,
        validation_examples=validation_examples,
        epochs=epochs,
    )
    total, evaluations = counts.total_steps, counts.evaluations
    return Plan(
        examples=examples,
        epochs=counts.epochs,
        batches_per_epoch=counts.batches_per_epoch,
        evaluation_steps=frozenset(round(total * count / evaluations) for count in range(1, evaluations + 1)),
        seed=seed,
    )
