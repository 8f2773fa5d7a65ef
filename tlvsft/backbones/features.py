"""Reads a backbone out: one feature vector per example, whatever the architecture."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from tlvsft.config import Modality


def read_features(model: nn.Module, modality: Modality, batch: Mapping[str, Tensor]) -> Tensor:
    """Feature vectors, shape `(batch, feature_size)`; see `text_features` and `image_features`."""
    return text_features(model, batch) if modality == "text" else image_features(model, batch)


def text_features(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Mean over an example's tokens of the mean over all layers, the embedding layer included.

    The lower layers keep lexical content that the last one has given up for predicting the next token.

    Args:
        model: Takes `input_ids` and `attention_mask`, both `(batch, tokens)`.
        batch: These two.

    Returns:
        Shape `(batch, feature_size)`.
    """
    layers = model(**batch, output_hidden_states=True).hidden_states
    mask = batch["attention_mask"].unsqueeze(-1).to(layers[0].dtype)  # (batch, tokens, 1)
    mixed = torch.stack(layers).mean(dim=0)  # (batch, tokens, feature_size)
    pooled: Tensor = (mixed * mask).sum(dim=1) / mask.sum(dim=1)
    return pooled


def image_features(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """The model's own pooled features, else its class token, else the mean over places.

    Args:
        model: Takes `pixel_values`.
        batch: `pixel_values`, shape `(batch, channels, height, width)`.

    Returns:
        Shape `(batch, feature_size)`.
    """
    output = model(**batch)
    pooled = getattr(output, "pooler_output", None)
    if pooled is not None:
        return torch.flatten(pooled, start_dim=1)
    last: Tensor = output.last_hidden_state
    return last.mean(dim=(2, 3)) if last.dim() == 4 else last[:, 0]
