"""Low-rank adapters beside the layers of a frozen backbone, by the peft library, which is imported only here.

Source: Hu et al. 2021, arXiv:2106.09685.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from tlvsft.backbones import Backbone
from tlvsft.backbones.adaptable import adaptable_layers
from tlvsft.catalog.methods import ADAPTER_RANK
from tlvsft.errors import InvalidInput
from tlvsft.training.randomness import derive_seed

ADAPTER_ALPHA = 16
"""An adapter's part is scaled by this divided by the rank. Source: peft's examples, which take twice the rank."""
_NAME = "default"
_MARK, _WRAPPED = ".lora_", ".base_layer."
"""How peft names an adapter's tensors, and those of the layer beside it."""


class Adapters:
    """The adapters of one backbone, whose layers they wrap from the construction to `merge`.

    Args:
        backbone: Frozen.
        seed: Of the run; the first weights are drawn from a stream of their own.

    Raises:
        InvalidInput: The backbone has no layer that can be adapted.
    """

    def __init__(self, backbone: Backbone, *, seed: int) -> None:
        from peft import LoraConfig, LoraModel

        layers = {id(layer) for block in backbone.blocks for layer in adaptable_layers(block)}
        if not layers:
            raise InvalidInput(f"{backbone.name!r} has no layer that 'lora' can adapt: use the method 'partial'.")
        targets = {name: layer for name, layer in backbone.model.named_modules() if id(layer) in layers}
        config = LoraConfig(
            r=ADAPTER_RANK,
            lora_alpha=ADAPTER_ALPHA,
            target_modules=list(targets),
            fan_in_fan_out=any(isinstance(layer, Conv1D) for layer in targets.values()),
        )
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peft tells which layers have their weights the other way round
            torch.manual_seed(derive_seed(seed, "adapters"))
            self._tuner: Any = LoraModel(backbone.model, config, _NAME)
        for name, layer in targets.items():
            if isinstance(layer, nn.Conv2d):
                _lend_shape(backbone.model.get_submodule(name), layer)
        self.parameters: tuple[nn.Parameter, ...] = tuple(
            parameter for name, parameter in backbone.model.named_parameters() if _MARK in name
        )

    def merged_state(self, model: nn.Module) -> dict[str, Tensor]:
        """The state that a model around the backbone will have after `merge`; nothing is changed."""
        state = {
            merged: tensor for name, tensor in model.state_dict().items() if (merged := merged_name(name)) is not None
        }
        with torch.no_grad():
            for name, layer in model.named_modules():
                if hasattr(layer, "get_delta_weight"):
                    state[f"{name}.weight"] = state[f"{name}.weight"] + layer.get_delta_weight(_NAME)
        return state

    def merge(self) -> None:
        """Adds the adapters to the weights beside them, and takes them out: the backbone's layers are plain again."""
        self._tuner.merge_and_unload()


def merged_name(name: str) -> str | None:
    """What a tensor of a model with adapters is called after `merge`; `None` for an adapter's own, which goes then."""
    return None if _MARK in name else name.replace(_WRAPPED, ".")


def _lend_shape(wrapper: Any, layer: nn.Conv2d) -> None:
    """Lets a wrapped convolution be asked what MobileNet asks its convolutions."""
    wrapper.kernel_size, wrapper.stride, wrapper.dilation = layer.kernel_size, layer.stride, layer.dilation
