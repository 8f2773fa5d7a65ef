"""Reads a classifier out over a whole split: no gradients, evaluation mode, then back to the mode it was in."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from tlvsft.tasks import ClassifierModel, EncodedInputs
from tlvsft.training.stopping import ShouldStop, check_stop

EVALUATION_BATCH = 64


def compute_logits(model: ClassifierModel, inputs: EncodedInputs, should_stop: ShouldStop) -> Tensor:
    """Logits of every example, shape `(examples, num_classes)`."""
    return _read_all(model, model, inputs, should_stop)


def compute_features(
    model: ClassifierModel, inputs: EncodedInputs, should_stop: ShouldStop, *, at_most: int, in_training: bool
) -> Tensor:
    """Features, shape `(examples, feature_size)`, with the model in training mode or not.

    Of more than `at_most` examples, every n-th in the order of their lengths is read.
    """
    every = math.ceil(len(inputs) / at_most)
    return _read_all(model, model.features, inputs, should_stop, every=every, in_training=in_training)


def _read_all(
    model: ClassifierModel,
    read: Callable[..., Tensor],
    inputs: EncodedInputs,
    should_stop: ShouldStop,
    *,
    every: int = 1,
    in_training: bool = False,
) -> Tensor:
    by_length = np.argsort(inputs.lengths, kind="stable")[::every]
    was_training = model.training
    model.train(in_training)
    parts = []
    with torch.no_grad():
        for start in range(0, len(by_length), EVALUATION_BATCH):
            check_stop(should_stop)
            parts.append(read(inputs.batch(by_length[start : start + EVALUATION_BATCH])))
    model.train(was_training)
    return torch.cat(parts)[np.argsort(by_length)]
