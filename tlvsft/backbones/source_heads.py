"""The head with which an image backbone told its own classes apart while it was pretrained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
import transformers
from torch import Tensor
from transformers import AutoModelForImageClassification, PreTrainedModel

from tlvsft.backbones.arithmetic import Arithmetic
from tlvsft.backbones.library import LOAD_ERRORS, silence_transformers
from tlvsft.backbones.loading import Backbone

_POOLER = "pooler."
"""A backbone is loaded without a learnt pooler; the head of its source classes may want it."""


class SourceClassifier:
    """A backbone's stored model whole, with its head for the classes that it was pretrained on; not thread-safe.

    Args:
        network: In evaluation mode, on the CPU.
        arithmetic: Where and how to compute.
    """

    def __init__(self, network: PreTrainedModel, arithmetic: Arithmetic) -> None:
        self._network = network.to(arithmetic.device)  # type: ignore[arg-type]  # its stubs know of no device
        self._arithmetic = arithmetic

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the source classes are called, in the order of their numbers."""
        names: Mapping[int, str] = self._network.config.id2label or {}
        return tuple(names[number] for number in sorted(names))

    def adapt(self, backbone: Mapping[str, Tensor]) -> None:
        """Gives the head another backbone to read from: tensors by their names in the model without its head."""
        self._network.base_model.load_state_dict(dict(backbone), strict=False)  # a pooler keeps its weights

    @torch.no_grad()
    def classify(self, batch: Mapping[str, Tensor]) -> Tensor:
        """The most probable source class of each image, `(batch,)` int64, on the CPU."""
        pixels = batch["pixel_values"].to(self._arithmetic.device)
        with self._arithmetic.autocast():
            logits: Tensor = self._network(pixel_values=pixels).logits
        return logits.float().argmax(dim=1).cpu()


def load_source_classifier(backbone: Backbone, arithmetic: Arithmetic) -> SourceClassifier | None:
    """Reads an image backbone once more, with the head that it was pretrained with.

    By transformers' own classes, from safetensors alone; code from the Hub is never run.

    Returns:
        `None` where there is no such head, or where what is stored isn't what `backbone` was loaded from.
    """
    config = backbone.model.config
    if backbone.modality != "image" or type(config) not in transformers.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING:
        return None
    silence_transformers()
    try:
        with torch.random.fork_rng(devices=[]):  # a head that was not stored is drawn, and refused below
            network, report = AutoModelForImageClassification.from_pretrained(
                backbone.source,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except LOAD_ERRORS:
        return None
    if report["missing_keys"] or report["mismatched_keys"] or not _is_around(network, backbone):
        return None
    return SourceClassifier(cast("PreTrainedModel", network.eval()), arithmetic)


def _is_around(network: PreTrainedModel, backbone: Backbone) -> bool:
    """Whether a model's own backbone is, tensor for tensor, the one that was loaded without the head."""
    inner, expected = network.base_model.state_dict(), backbone.pretrained_state
    others = {name for name in inner if name not in expected}
    if not expected.keys() <= inner.keys() or any(not name.startswith(_POOLER) for name in others):
        return False
    return all(torch.equal(inner[name], tensor) for name, tensor in expected.items())
