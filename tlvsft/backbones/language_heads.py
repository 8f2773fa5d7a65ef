"""The head that predicts words: a backbone's own, an untrained one of the same shape, or one tied to its embedding."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel

from tlvsft.backbones.library import LOAD_ERRORS
from tlvsft.backbones.loading import Backbone
from tlvsft.backbones.word_models import Objective, find_objective, read_word_model, take_layers_out, untie_head
from tlvsft.config import LanguageHead
from tlvsft.errors import BackboneError, shorten

_INITIAL_STD = 0.02
"""Of new weights, as GPT-2 and BERT have them. Source: Devlin et al. 2018, arXiv:1810.04805."""


class WordHead(nn.Module):
    """Maps a backbone's last hidden states to one logit per word of its vocabulary.

    Args:
        network: A transformers model without its layers, as `take_layers_out` leaves it.
    """

    def __init__(self, network: PreTrainedModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, states: Tensor) -> Tensor:
        """Logits, shape `(batch, tokens, vocabulary)`, of states of shape `(batch, tokens, width)`."""
        logits: Tensor = self.network(inputs_embeds=states).logits
        return logits


class _TiedProjection(nn.Module):
    """A linear layer whose weights belong to the embedding: they train or are frozen with it, and are stored there."""

    def __init__(self, weight: nn.Parameter, bias: nn.Parameter | None) -> None:
        super().__init__()
        self._borrowed = (weight,)  # in a tuple, or torch would register it here, too
        self.bias = bias

    @property
    def weight(self) -> nn.Parameter:
        return self._borrowed[0]

    def forward(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.weight, self.bias)


def language_objective(backbone: Backbone) -> Objective:
    """Whether a backbone predicts the next word (`causal`) or masked ones (`masked`).

    Raises:
        BackboneError: It predicts no words.
    """
    objective = find_objective(backbone.model.config) if backbone.modality == "text" else None
    if objective is None:
        raise _no_head(backbone)
    return objective


def load_language_head(backbone: Backbone, kind: LanguageHead, *, generator: torch.Generator) -> WordHead:
    """Loads the head with which a backbone was pretrained.

    Args:
        backbone: Stays as it is.
        kind: `kept` is an untied copy of the pretrained head; `new` has its shape and first weights that are drawn;
            `tied` projects with the backbone's own embedding, the very same parameter.
        generator: Draws the weights of a `new` head and nothing else.

    Raises:
        BackboneError: The backbone has no such head, or its weights can't be read.
    """
    model = read_word_model(backbone.source, backbone.model.config) if backbone.modality == "text" else None
    if model is None:
        raise _no_head(backbone)
    if kind == "tied":
        _tie(model, backbone)
    else:
        untie_head(model)
    take_layers_out(model)
    if kind == "new":
        _reinitialise(model, generator)
    head = WordHead(model)
    _check_that_it_answers(head, backbone)
    return head


def _tie(model: PreTrainedModel, backbone: Backbone) -> None:
    projection: Any = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    embedding: Any = backbone.model.get_input_embeddings()
    if embedding.weight.shape != projection.weight.shape:
        raise BackboneError(
            f"The head of {shorten(backbone.name)!r} is of another shape than its embedding and can't be tied to it: "
            "choose the head 'kept'."
        )
    tied = _TiedProjection(embedding.weight, projection.bias)
    model.set_output_embeddings(tied)  # type: ignore[no-untyped-call]


def _reinitialise(head: nn.Module, generator: torch.Generator) -> None:
    """Matrices at random, norms to one, biases to zero."""
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=_INITIAL_STD, generator=generator)
            else:
                parameter.fill_(0.0 if name.endswith("bias") else 1.0)


def _check_that_it_answers(head: WordHead, backbone: Backbone) -> None:
    try:
        with torch.inference_mode():
            head(backbone.model(input_ids=torch.zeros(1, 1, dtype=torch.long)).last_hidden_state)
    except LOAD_ERRORS as error:
        raise BackboneError(
            f"The head of {shorten(backbone.name)!r} that predicts words doesn't stand alone: choose a model like "
            "GPT-2, LLaMA, BERT or DistilBERT."
        ) from error


def _no_head(backbone: Backbone) -> BackboneError:
    return BackboneError(
        f"{shorten(backbone.name)!r} has no pretrained head that predicts words: choose 'wiki-gpt', or a model saved "
        "with its language modelling head, like GPT-2, LLaMA, BERT or DistilBERT."
    )
