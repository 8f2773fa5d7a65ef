"""A finished run's classifier, put together again from the backbone and the tensors that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import Backbone, load_backbone
from tlvsft.catalog.methods import get_method
from tlvsft.config import RunConfig
from tlvsft.errors import BackboneError
from tlvsft.tasks import CentroidHead, ClassifierModel, LinearHead, encode_inputs
from tlvsft.training.reading import compute_logits
from tlvsft.training.stopping import never

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained model that answers. Not thread-safe."""

    backbone: Backbone
    model: ClassifierModel
    class_names: tuple[str, ...]

    def predict(self, inputs: Sequence[str] | Sequence[Image.Image]) -> np.ndarray:
        """Probabilities of each input, shape `(inputs, num_classes)`, float32; rows sum to 1.

        Raises:
            InvalidInput: Images for a text backbone, or the reverse.
        """
        logits = compute_logits(self.model, encode_inputs(self.backbone, inputs), never)
        probabilities: np.ndarray = torch.softmax(logits, dim=1).numpy()
        return probabilities


def restore_classifier(
    config: RunConfig,
    *,
    changed_tensors: Mapping[str, Tensor],
    class_names: tuple[str, ...],
    backbone_fingerprint: str,
) -> Classifier:
    """Rebuilds a run's classifier.

    Args:
        config: Of the run.
        changed_tensors: As `TrainedRun` gave them.
        class_names: Likewise.
        backbone_fingerprint: Likewise; the backbone's weights must still be these.

    Raises:
        BackboneError: The backbone is gone, or is no longer the one that the run started from.
    """
    backbone = load_backbone(config.backbone)
    if backbone.fingerprint != backbone_fingerprint:
        raise BackboneError(f"{config.backbone!r} has changed since this run was trained: train it again.")
    model = ClassifierModel(backbone, _empty_head(config, backbone, len(class_names)), backbone.blocks)
    model.load_state_dict({**model.state_dict(), **changed_tensors})
    return Classifier(backbone, model.eval(), class_names)


def _empty_head(config: RunConfig, backbone: Backbone, num_classes: int) -> LinearHead | CentroidHead:
    if get_method(config.variant.method).takes_steps:
        return LinearHead(backbone.feature_size, num_classes, dropout=0.0, generator=torch.Generator())
    return CentroidHead(backbone.feature_size, num_classes)
