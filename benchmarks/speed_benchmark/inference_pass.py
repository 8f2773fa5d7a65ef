"""The limit of a probe: one plain pass over all texts, which any frozen backbone has to be given at least once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModel, AutoTokenizer

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.config import RunConfig
from tlvsft.datasets import load_labelled_data


def inference_pass(*, config: dict[str, Any], batch_size: int) -> dict[str, Any]:
    """Loads, tokenises, and reads the features of the training, validation and test texts, sorted by length.

    Args:
        config: A `RunConfig` as data; dataset and backbone count.
        batch_size: Texts at once.

    Returns:
        `texts` and `feature_size`.
    """
    run = RunConfig.from_dict(config)
    folder = BACKBONES[run.backbone].path
    data = load_labelled_data(run.dataset)
    texts = [str(text) for split in (data.train, data.validation, data.test) for text in split.inputs]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    ids = sorted((torch.tensor(tokens) for tokens in tokenizer(texts, truncation=True)["input_ids"]), key=len)
    with torch.inference_mode():
        parts = [
            read(model, ids[start : start + batch_size], tokenizer.pad_token_id)
            for start in range(0, len(ids), batch_size)
        ]
    features = torch.cat(parts)
    return {"texts": len(features), "feature_size": features.shape[1]}


def read(model: Any, ids: list[Tensor], pad_id: int) -> Tensor:
    """The mean over the tokens of the first and the last layer, shape `(texts, 2 · width)`."""
    lengths = torch.tensor([len(tokens) for tokens in ids]).unsqueeze(1)
    padded = pad_sequence(ids, batch_first=True, padding_value=pad_id)
    mask = torch.arange(padded.shape[1]) < lengths
    layers = model(input_ids=padded, attention_mask=mask.long(), output_hidden_states=True).hidden_states
    both = torch.cat([layers[0], layers[-1]], dim=-1) * mask.unsqueeze(-1)
    pooled: Tensor = both.sum(dim=1) / lengths
    return pooled
