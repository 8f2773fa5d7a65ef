"""What a text model was pretrained to predict, the next word or a masked one, and its head for that."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import torch
import transformers
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPoolingAndCrossAttentions

Objective = Literal["causal", "masked"]
"""`causal`: each word from those before it. `masked`: hidden words from all others."""


class _GivenStates(nn.Module):
    """Stands in a model where its layers stood, and hands on the states that it is given as if it had made them."""

    def forward(self, *_: Any, inputs_embeds: Tensor, **__: Any) -> Any:
        return BaseModelOutputWithPoolingAndCrossAttentions(last_hidden_state=inputs_embeds)


def find_objective(config: Any) -> Objective | None:
    """What a model of this configuration predicts; `None` where transformers knows no head for words.

    BERT and its like are known for both; they predict masked words unless they say that they are decoders.
    """
    is_causal = type(config) in transformers.MODEL_FOR_CAUSAL_LM_MAPPING
    if type(config) in transformers.MODEL_FOR_MASKED_LM_MAPPING and not (
        is_causal and getattr(config, "is_decoder", False)
    ):
        return "masked"
    return "causal" if is_causal else None


def model_class(objective: Objective) -> Any:
    """The transformers class that loads a model together with its head for words."""
    return AutoModelForCausalLM if objective == "causal" else AutoModelForMaskedLM


def untie_head(model: PreTrainedModel) -> None:
    """Makes the output weights of a model with a head for words a copy, where they were those of its embedding."""
    projection: Any = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    projection.weight = nn.Parameter(projection.weight.detach().clone())


def take_layers_out(model: PreTrainedModel) -> None:
    """Leaves nothing but the head of a model with a head for words.

    It is then called with hidden states, `model(inputs_embeds=states).logits`, and runs the model's own code: whatever
    an architecture does after its last layer (a norm, a scale, a bias) is done.
    """
    setattr(model, model.base_model_prefix, _GivenStates())


def count_language_head(config: Any, stored: Collection[str]) -> int | None:
    """Parameters of the pretrained head for words, untied, without loading it.

    Args:
        config: The model's configuration.
        stored: Names of the tensors that are stored beside those of the model without head.

    Returns:
        `None` where there is no such head, or its weights were not stored.
    """
    objective = find_objective(config)
    if objective is None:
        return None
    with torch.device("meta"):
        model: PreTrainedModel = model_class(objective).from_config(config)
    layers = f"{model.base_model_prefix}."
    needed = {name for name, _ in model.named_parameters() if not name.startswith(layers)}
    if not needed <= set(stored):
        return None
    untie_head(model)
    take_layers_out(model)
    return sum(parameter.numel() for parameter in model.parameters())
