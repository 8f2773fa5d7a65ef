"""Texts for a text backbone: tokenised once, padded batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import Backbone, fingerprint_tensors
from tlvsft.tasks.ragged import Integers, Ragged

LONGEST_CONTEXT = 512
"""Texts are cut to the backbone's context, and to this many tokens: attention grows with the square."""


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """Token ids of each text, without padding."""

    tokens: Ragged
    pad_id: int
    note: str | None

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def lengths(self) -> Integers:
        """Tokens of each text, shape `(texts,)`."""
        return self.tokens.lengths

    @property
    def layout(self) -> Ragged:
        """One row for each text, one place for each token."""
        return self.tokens

    @property
    def varies(self) -> bool:
        """No: an example is the same each time."""
        return False

    def fingerprint(self) -> str:
        """Hash of all tokens."""
        return fingerprint_tensors([self.tokens.values, torch.from_numpy(self.tokens.lengths)])

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """`input_ids` and `attention_mask`, both `(batch, tokens)`, padded on the right to the longest text."""
        _, inside = self.tokens.places(indices)
        return {"input_ids": self.tokens.batch(indices, fill=self.pad_id), "attention_mask": inside.long()}


def encode_texts(backbone: Backbone, texts: Sequence[str]) -> EncodedTexts:
    """Tokenises texts and cuts those that are longer than the backbone's context."""
    tokenizer = backbone.processor
    pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0  # GPT-2 and LLaMA have none
    context = find_context(backbone)
    ids = _tokenize(tokenizer, texts)
    too_long = [index for index, example in enumerate(ids) if len(example) > context]
    for index in too_long:
        ids[index] = _tokenize(tokenizer, [texts[index]], truncation=True, max_length=context)[0]
    note = f"{len(too_long):,} of {len(texts):,} texts were longer than {context} tokens and were cut."
    tokens = Ragged.join(torch.tensor(example or [pad_id]) for example in ids)
    return EncodedTexts(tokens, pad_id, note if too_long else None)


def find_context(backbone: Backbone) -> int:
    """How many tokens of a text the backbone reads."""
    positions = getattr(backbone.model.config, "max_position_embeddings", None) or LONGEST_CONTEXT
    return int(min(backbone.processor.model_max_length, positions, LONGEST_CONTEXT))


def _tokenize(tokenizer: Any, texts: Sequence[str], **options: Any) -> list[list[int]]:
    encoded = tokenizer(list(texts), return_attention_mask=False, return_token_type_ids=False, **options)
    return list(encoded["input_ids"])
