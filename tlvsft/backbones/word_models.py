"""A stored model together with its head for words: what it predicts, the next word or a masked one, and what with."""

from __future__ import annotations

from typing import Any, Literal, cast

import torch
import transformers
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPoolingAndCrossAttentions

from tlvsft.backbones.library import LOAD_ERRORS, silence_transformers
from tlvsft.errors import BackboneError, shorten

Objective = Literal["causal", "masked"]
"""`causal`: each word from those before it. `masked`: hidden words from all others."""


class _GivenStates(nn.Module):
    """Stands in a model where its layers stood, and hands on the states that it is given as if it had made them."""

    @property
    def decoder(self) -> _GivenStates:
        """OPT's like asks for the decoder within its layers."""
        return self

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


def read_word_model(source: str, config: Any) -> PreTrainedModel | None:
    """Reads a model with its pretrained head for words.

    Args:
        source: The folder or Hub id of a model that could be read without its head.
        config: Its configuration.

    Returns:
        `None` where there is no such head, or its weights were not stored.

    Raises:
        BackboneError: The weights can't be read any more.
    """
    objective = find_objective(config)
    if objective is None:
        return None
    silence_transformers()
    loader: Any = AutoModelForCausalLM if objective == "causal" else AutoModelForMaskedLM
    try:
        with torch.random.fork_rng(devices=[]):  # weights that were not stored are drawn, and thrown away below
            model, report = loader.from_pretrained(
                source, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, output_loading_info=True
            )
    except LOAD_ERRORS as error:
        raise BackboneError(
            f"The head of {shorten(source)!r} that predicts words can't be read: save the model again with "
            "save_pretrained()."
        ) from error
    return None if report["missing_keys"] or report["mismatched_keys"] else cast("PreTrainedModel", model)


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


def count_word_head(source: str, config: Any) -> int | None:
    """Parameters of a stored model's head for words, untied; `None` where it has none. See `read_word_model`."""
    model = read_word_model(source, config)
    if model is None:
        return None
    untie_head(model)
    take_layers_out(model)
    return sum(parameter.numel() for parameter in model.parameters())
