"""Reads a model out over a whole split: no gradients, evaluation mode, then back to the mode it was in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from tlvsft.tasks import AdaptedModel, ClassifierModel
from tlvsft.training.stopping import ShouldStop, check_stop

EVALUATION_BATCH = 64


class Readable(Protocol):
    """Examples that come in batches: `EncodedInputs`, `EncodedCorpus`, or either with stored activations."""

    @property
    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How much work each example is, shape `(examples,)`."""

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """The chosen examples as a model takes them."""


def compute_logits(model: ClassifierModel, inputs: Readable, should_stop: ShouldStop) -> Tensor:
    """Logits of every example, shape `(examples, num_classes)`."""
    with reading(model):
        parts = [
            (indices, model(inputs.batch(indices)).cpu()) for indices in batches_by_length(inputs.lengths, should_stop)
        ]
    return _in_order(parts)


def compute_features(
    model: ClassifierModel, inputs: Readable, should_stop: ShouldStop, *, at_most: int, in_training: bool
) -> Tensor:
    """Features, shape `(examples, feature_size)`, with the model in training mode or not.

    Of more than `at_most` examples, every n-th in the order of their lengths is read.
    """
    every = math.ceil(len(inputs.lengths) / at_most)
    with reading(model, in_training=in_training):
        parts = [
            (indices, model.represent(inputs.batch(indices)))
            for indices in batches_by_length(inputs.lengths, should_stop, every=every)
        ]
    return _in_order(parts)


def batches_by_length(
    lengths: np.ndarray, should_stop: ShouldStop, *, every: int = 1, size: int = EVALUATION_BATCH
) -> Iterator[np.ndarray]:
    """Indices of all examples, or of every n-th, in batches of like length.

    Raises:
        StopRequested: `should_stop` said so, between two batches.
    """
    by_length = np.argsort(lengths, kind="stable")[::every]
    for start in range(0, len(by_length), size):
        check_stop(should_stop)
        yield by_length[start : start + size]


@contextmanager
def reading(model: AdaptedModel, *, in_training: bool = False) -> Iterator[None]:
    """Evaluation mode (or training mode) without gradients; afterwards the mode that it was in."""
    was_training = model.training
    model.train(in_training)
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def _in_order(parts: list[tuple[np.ndarray, Tensor]]) -> Tensor:
    read = np.concatenate([indices for indices, _ in parts])
    return torch.cat([tensor for _, tensor in parts])[np.argsort(read)]
