"""What a run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tlvsft.events import RunFinished, RunStopped

if TYPE_CHECKING:
    from tlvsft.datasets import Split

_BACKBONE_PREFIX = "backbone."


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model says about the test split.

    Attributes:
        labels: True classes, shape `(examples,)`, int64.
        probabilities: Shape `(examples, num_classes)`, float32; rows sum to 1.
    """

    labels: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class TextLosses:
    """How surprised a language model is by each test text.

    Attributes:
        losses: Nats, summed over a text's predicted tokens, shape `(texts,)`, float64.
        tokens: How many tokens were predicted, shape `(texts,)`, int64.
    """

    losses: np.ndarray
    tokens: np.ndarray

    @property
    def perplexity(self) -> float:
        """Per token, over all texts together."""
        return float(np.exp(self.losses.sum() / self.tokens.sum()))


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot:
    """A model as it is after some updates.

    Attributes:
        step: How many updates.
        changed_tensors: The model's state, head included, without what equals the pretrained backbone.
        backbone_fingerprint: Hash of the pretrained backbone that the rest is read from.
    """

    step: int
    class_names: tuple[str, ...]
    changed_tensors: dict[str, Tensor]
    backbone_fingerprint: str


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedRun(Snapshot):
    """A run that finished or was stopped.

    Attributes:
        predictions: A classifier's, of the test split; `None` when the run was stopped.
        text_losses: A language model's, likewise.
        test_examples: For display beside a classifier's answers; a language model gives none.
        arrays: What observers want kept, by name: each a file of arrays beside the run's weights.
    """

    outcome: RunFinished | RunStopped
    predictions: Predictions | None
    text_losses: TextLosses | None
    test_examples: Split | None
    arrays: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)


def find_changed_tensors(state: Mapping[str, Tensor], pretrained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies of those entries of a classifier's state that differ from the pretrained backbone, head included."""
    changed = {}
    for name, placed in state.items():
        tensor = placed.detach().cpu()
        original = pretrained.get(name.removeprefix(_BACKBONE_PREFIX)) if name.startswith(_BACKBONE_PREFIX) else None
        if original is None or not torch.equal(original, tensor):
            changed[name] = tensor.clone().contiguous()
    return changed
