"""What the head reads of some test examples, before the run and after it: where the examples lie for the backbone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import load_backbone
from tlvsft.backbones.features import feature_layers, read_features
from tlvsft.config import Modality
from tlvsft.datasets import draw_label_subset
from tlvsft.tasks.heads import FeatureScale
from tlvsft.training.classification import Classification
from tlvsft.training.objectives import TestResult
from tlvsft.training.observing import Observation
from tlvsft.training.preparation import Preparation
from tlvsft.training.reading import Readable, batches_by_length, reading
from tlvsft.training.similarity import READ_TOGETHER, first_changed_block
from tlvsft.training.stopping import ShouldStop

REPRESENTATIONS = "representations"
"""The name of the file."""
EXAMPLES: dict[Modality, int] = {"image": 256, "text": 128}
"""Test examples that are kept; a text costs more."""
_DRAW_SEED = 0
"""Not the run's: every run on the same test split keeps the same examples."""
_LARGEST = 60_000.0
"""What float16 holds; beyond it a feature only says that it is far away."""


def keep_representations(run: Preparation, result: TestResult, should_stop: ShouldStop) -> Observation:
    """The features of some test examples, of the pretrained backbone and of the adapted one, on one scale.

    Features are standardised as the head does it, by their spread before the run; those of a control, which started
    from random weights and has no feature in common with the pretrained backbone, by their own. A language model has no
    classes to lie apart, and keeps nothing.

    Raises:
        StopRequested: `should_stop` said so.
    """
    objective = run.objective
    if result.predictions is None or not isinstance(objective, Classification):
        return Observation()
    labels, backbone = result.predictions.labels, run.backbone
    chosen = choose_examples(labels, num_classes=len(objective.class_names), count=EXAMPLES[backbone.modality])
    readable = objective.test_readable(should_stop)
    after = _read(chosen, readable, run.model.represent, should_stop, run=run)
    before = after
    if first_changed_block(run) is not None:
        before = _read(chosen, objective.test_inputs, _pretrained_reader(run), should_stop, run=run)
    scale = FeatureScale(before.shape[1], feature_layers(run.backbone.modality))
    scale.fit(before)
    before = scale(before)
    if not run.method.pretrained:
        scale.fit(after)
    arrays = {"before": _shorten(before), "after": _shorten(scale(after)), "labels": labels[chosen], "examples": chosen}
    return Observation(arrays={REPRESENTATIONS: arrays})


def choose_examples(labels: np.ndarray, *, num_classes: int, count: int) -> np.ndarray:
    """At most `count` places in a test split, as many of each class as it allows: int64, sorted, always the same."""
    dealt = draw_label_subset(labels, None, num_classes=num_classes, seed=_DRAW_SEED)
    return np.sort(dealt[:count])


def _pretrained_reader(run: Preparation) -> Callable[[Mapping[str, Tensor]], Tensor]:
    """Reads features from the pretrained backbone, where and how the run computes."""
    arithmetic, backbone = run.model.arithmetic, load_backbone(run.config.backbone)
    backbone.model.to(arithmetic.device)  # type: ignore[arg-type]

    def read(batch: Mapping[str, Tensor]) -> Tensor:
        placed = {name: tensor.to(arithmetic.device) for name, tensor in batch.items()}
        with arithmetic.autocast():
            return read_features(backbone.model, backbone.modality, placed).float()

    return read


def _read(
    chosen: np.ndarray,
    inputs: Readable,
    read: Callable[[Mapping[str, Tensor]], Tensor],
    should_stop: ShouldStop,
    *,
    run: Preparation,
) -> Tensor:
    """Features of the chosen examples in their order, shape `(examples, feature_size)`, in memory."""
    parts, order = [], []
    with reading(run.model):
        size = READ_TOGETHER[run.backbone.modality]
        for places in batches_by_length(inputs.lengths[chosen], should_stop, size=size):
            parts.append(read(inputs.batch(chosen[places])).cpu())
            order.append(places)
    return torch.cat(parts)[np.argsort(np.concatenate(order))]


def _shorten(features: Tensor) -> np.ndarray:
    """Features as they are kept, float16."""
    return features.clamp(-_LARGEST, _LARGEST).numpy().astype(np.float16)
