"""Reads a backbone out: one feature vector per example, whatever the architecture."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from tlvsft.config import Modality


def read_features(model: nn.Module, modality: Modality, batch: Mapping[str, Tensor]) -> Tensor:
    """Feature vectors, shape `(batch, feature_size)`; see `text_features` and `image_features`."""
    return text_features(model, batch) if modality == "text" else image_features(model, batch)


def feature_layers(modality: Modality) -> int:
    """How many layers of equal width stand side by side in a feature vector."""
    return 2 if modality == "text" else 1


def text_features(model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
    """Mean over an example's tokens of the embedding layer and of the last layer, side by side.

    The embedding layer keeps which words there are; the last one adds what they mean together, but has given up part
    of the first for the sake of its pretraining task.

    Args:
        model: Takes `input_ids` and `attention_mask`, both `(batch, tokens)`.
        batch: These two.

    Returns:
        Shape `(batch, feature_size)`, twice the width of the model.
    """
    layers = model(**batch, output_hidden_states=True).hidden_states
    both = torch.cat([layers[0], layers[-1]], dim=-1)  # (batch, tokens, feature_size)
    mask = batch["attention_mask"].unsqueeze(-1).to(both.dtype)  # (batch, tokens, 1)
    pooled: Tensor = (both * mask).sum(dim=1) / mask.sum(dim=1)
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
