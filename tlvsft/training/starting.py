"""Starting from an earlier run: its tensors take the place of the pretrained ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from tlvsft.backbones import Backbone
from tlvsft.catalog.methods import Method
from tlvsft.errors import InvalidInput

_BACKBONE_PREFIX, _HEAD_PREFIX = "backbone.", "head."


class Start(Protocol):
    """What an earlier run left: a snapshot or a stored checkpoint."""

    @property
    def changed_tensors(self) -> Mapping[str, Tensor]:
        """The model's state, head included, without what equals the pretrained backbone."""

    @property
    def backbone_fingerprint(self) -> str:
        """Hash of that pretrained backbone."""


def start_backbone(backbone: Backbone, method: Method, start: Start) -> None:
    """Gives a backbone the weights of an earlier run.

    Args:
        backbone: As it was pretrained.
        method: Of the run that starts.
        start: What the earlier run left.

    Raises:
        InvalidInput: The method starts from random weights, or the earlier run was of another backbone.
    """
    if not method.pretrained:
        raise InvalidInput(
            f"Method {method.name!r} starts from random weights: choose another, or leave out the start."
        )
    if start.backbone_fingerprint != backbone.fingerprint:
        raise InvalidInput(
            f"The earlier run was not trained on {backbone.name!r} as it is now: start from one that was."
        )
    changed, state = _without_prefix(start.changed_tensors, _BACKBONE_PREFIX), backbone.model.state_dict()
    with torch.no_grad():
        for name, tensor in changed.items():
            state[name].copy_(tensor)


def start_head(head: nn.Module, start: Start) -> None:
    """Gives a head the weights of an earlier run's, where that one had the same kind of head."""
    changed, state = _without_prefix(start.changed_tensors, _HEAD_PREFIX), head.state_dict()
    if changed.keys() != state.keys() or any(state[name].shape != tensor.shape for name, tensor in changed.items()):
        return
    with torch.no_grad():
        for name, tensor in changed.items():
            state[name].copy_(tensor)


def _without_prefix(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
