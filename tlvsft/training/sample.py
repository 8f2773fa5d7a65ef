"""A few validation examples that a run answers at each evaluation, so that one can watch it learn."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tlvsft.datasets import Split, draw_label_subset
from tlvsft.datasets.showing import picture_uri, shorten_text
from tlvsft.events import SampleAnswer, SampleExample

SAMPLE_SIZE = 8
"""As many as the page shows at once."""


def draw_sample(validation: Split, *, num_classes: int, seed: int) -> np.ndarray:
    """Which validation examples are shown: of as many classes as possible, decided by the seed alone.

    Returns:
        Indices of shape `(at most SAMPLE_SIZE,)`, int64, in the order of their classes.
    """
    dealt = draw_label_subset(validation.labels, None, num_classes=num_classes, seed=seed)[:SAMPLE_SIZE]
    return dealt[np.argsort(validation.labels[dealt], kind="stable")]


def show_sample(validation: Split, indices: np.ndarray) -> tuple[SampleExample, ...]:
    """The chosen examples in the form in which they are shown."""
    return tuple(_show(validation, int(index)) for index in indices)


def read_answers(logits: Tensor, labels: Tensor) -> tuple[SampleAnswer, ...]:
    """What logits `(examples, num_classes)` say, beside the true classes `(examples,)`."""
    probabilities = torch.softmax(logits, dim=1)
    predicted = probabilities.argmax(dim=1)
    rows = zip(probabilities.tolist(), predicted.tolist(), labels.tolist(), strict=True)
    return tuple(
        SampleAnswer(predicted=said, probability=shares[said], truth_probability=shares[label])
        for shares, said, label in rows
    )


def _show(validation: Split, index: int) -> SampleExample:
    content, label = validation.inputs[index], int(validation.labels[index])
    if isinstance(content, str):
        return SampleExample(index=index, label=label, text=shorten_text(content))
    return SampleExample(index=index, label=label, image=picture_uri(content))
