"""A run's model, put together again from the backbone and the tensors that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import Backbone, load_backbone, load_language_head
from tlvsft.catalog.ladder import language_head
from tlvsft.catalog.methods import get_method
from tlvsft.config import LanguageHead, RunConfig
from tlvsft.errors import BackboneError
from tlvsft.tasks import (
    CentroidHead,
    ClassifierModel,
    LanguageModel,
    LinearHead,
    continue_text,
    encode_inputs,
    next_word_probabilities,
)
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
    backbone = _load_unchanged(config.backbone, backbone_fingerprint)
    model = ClassifierModel(backbone, _empty_head(config, backbone, len(class_names)), backbone.blocks)
    model.load_state_dict({**model.state_dict(), **changed_tensors})
    return Classifier(backbone, model.eval(), class_names)


@dataclass(frozen=True, eq=False)
class WordPredictor:
    """A language model that says what comes next. Not thread-safe."""

    backbone: Backbone
    model: LanguageModel

    def next_words(self, prompt: str) -> tuple[tuple[str, float], ...]:
        """The most probable next words after a prompt with their probabilities (0–1), the most probable first."""
        return next_word_probabilities(self.model, self.backbone, prompt)

    def continue_text(self, prompt: str) -> str:
        """What the model writes after a prompt, sampled with a fixed seed; empty from a model of masked words."""
        return continue_text(self.model, self.backbone, prompt)

    def update(self, changed_tensors: Mapping[str, Tensor]) -> None:
        """Takes on the tensors of another checkpoint of the same run."""
        self.model.load_state_dict({**self.model.state_dict(), **changed_tensors})


def restore_word_predictor(
    config: RunConfig, *, changed_tensors: Mapping[str, Tensor], backbone_fingerprint: str
) -> WordPredictor:
    """Rebuilds a run's language model; arguments and errors as `restore_classifier` has them."""
    backbone = _load_unchanged(config.backbone, backbone_fingerprint)
    predictor = _build_word_predictor(backbone, language_head(config.variant))
    predictor.update(changed_tensors)
    return predictor


def load_word_predictor(backbone: str) -> WordPredictor:
    """The pretrained language model as it is, with its own head.

    Raises:
        BackboneError: It can't be loaded, or predicts no words.
    """
    return _build_word_predictor(load_backbone(backbone), "kept")


def _build_word_predictor(backbone: Backbone, kind: LanguageHead) -> WordPredictor:
    head = load_language_head(backbone, kind, generator=torch.Generator())
    return WordPredictor(backbone, LanguageModel(backbone, head, backbone.blocks).eval())


def _load_unchanged(name: str, fingerprint: str) -> Backbone:
    backbone = load_backbone(name)
    if backbone.fingerprint != fingerprint:
        raise BackboneError(f"{name!r} has changed since this run was trained: train it again.")
    return backbone


def _empty_head(config: RunConfig, backbone: Backbone, num_classes: int) -> LinearHead | CentroidHead:
    if get_method(config.variant.method).takes_steps:
        return LinearHead(backbone.feature_size, num_classes, dropout=0.0, generator=torch.Generator())
    return CentroidHead(backbone.feature_size, num_classes)
