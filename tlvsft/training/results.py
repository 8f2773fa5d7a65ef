"""What a run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

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


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedRun:
    """A run that finished or was stopped.

    Attributes:
        predictions: Of the test split; `None` when the run was stopped.
        changed_tensors: The model's state, head included, without what equals the pretrained backbone.
        backbone_fingerprint: Hash of the pretrained backbone that the rest is read from.
        test_examples: For display.
    """

    outcome: RunFinished | RunStopped
    predictions: Predictions | None
    class_names: tuple[str, ...]
    changed_tensors: dict[str, Tensor]
    backbone_fingerprint: str
    test_examples: Split


def find_changed_tensors(model: nn.Module, pretrained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies of those entries of a classifier's state that differ from the pretrained backbone, head included."""
    changed = {}
    for name, tensor in model.state_dict().items():
        original = pretrained.get(name.removeprefix(_BACKBONE_PREFIX)) if name.startswith(_BACKBONE_PREFIX) else None
        if original is None or not torch.equal(original, tensor):
            changed[name] = tensor.detach().clone().contiguous()
    return changed
