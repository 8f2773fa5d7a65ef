"""Texts as windows of tokens, with what is to be predicted at each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from tlvsft.backbones import Backbone, language_objective
from tlvsft.errors import BackboneError, InvalidInput, shorten
from tlvsft.tasks.masking import NOT_PREDICTED, Masking
from tlvsft.tasks.text_classification import find_context

MOST_TOKENS = 32_768
"""A single text is cut to this many tokens, about 25,000 words: one book among reviews must not be most of the data."""
_EVALUATION_SEED = 0

Integers = np.ndarray[Any, np.dtype[np.int64]]
Window = tuple[Tensor, Tensor]
"""What the model reads, and what it should predict at each place; both `(tokens,)`."""


@dataclass(frozen=True, eq=False, kw_only=True)
class EncodedCorpus:
    """Texts cut into windows that fit the backbone's context.

    Attributes:
        windows: In the order of the texts.
        texts: For each window, the number of its text; shape `(windows,)`, int64.
        pad_id: Fills shorter windows of a batch.
        note: What the user should know, e.g. that something was cut off.
        masking: Hides other words each time that a window is asked for; `None`: the targets stand.
    """

    windows: tuple[Window, ...]
    texts: Integers
    pad_id: int
    note: str | None = None
    masking: Masking | None = None

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def lengths(self) -> Integers:
        """Tokens of each window, shape `(windows,)`."""
        return np.array([len(inputs) for inputs, _ in self.windows], dtype=np.int64)

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """`input_ids`, `attention_mask` and `targets`, all `(batch, tokens)`, padded on the right.

        `targets` is -100 where nothing is predicted. With `masking`, the words to hide are drawn now.
        """
        chosen = [self.windows[index] for index in indices]
        if self.masking is not None:
            chosen = [self.masking.hide(inputs) for inputs, _ in chosen]
        inputs, targets = [window[0] for window in chosen], [window[1] for window in chosen]
        return {
            "input_ids": pad_sequence(inputs, batch_first=True, padding_value=self.pad_id),
            "attention_mask": pad_sequence([torch.ones_like(ids) for ids in inputs], batch_first=True),
            "targets": pad_sequence(targets, batch_first=True, padding_value=NOT_PREDICTED),
        }


def encode_corpus(backbone: Backbone, texts: Sequence[str], *, masks: torch.Generator | None = None) -> EncodedCorpus:
    """Tokenises texts and cuts them into windows, for what the backbone predicts.

    A model of next words predicts each token of a text once, its end included; where a text is longer than the
    context, later windows start without what came before. A model of masked words finds 15 % of each window's tokens.

    Args:
        backbone: Decides the tokens, the context, and what is predicted.
        texts: One example each.
        masks: For training on masked words: draws new ones with every batch. Without it they are drawn once, always
            alike, for evaluation. A model of next words needs none.

    Raises:
        BackboneError: The backbone predicts no words, or has no token for a mask.
        InvalidInput: The texts are so short that there is nothing to predict.
    """
    tokenizer = backbone.processor
    ids, note = _tokenize(tokenizer, texts)
    masking = None
    if language_objective(backbone) == "causal":
        by_text = [_next_word_windows(tokenizer, tokens, find_context(backbone)) for tokens in ids]
    else:
        masking = _masking_for(backbone, masks or torch.Generator().manual_seed(_EVALUATION_SEED))
        by_text = [_masked_word_windows(tokenizer, tokens, find_context(backbone)) for tokens in ids]
    if masks is None and masking is not None:
        by_text = [[masking.hide(inputs) for inputs, _ in windows] for windows in by_text]
    if not any(by_text):
        raise InvalidInput("The texts are too short to predict a word of them: give longer ones.")
    return EncodedCorpus(
        windows=tuple(window for windows in by_text for window in windows),
        texts=np.repeat(np.arange(len(by_text)), [len(windows) for windows in by_text]),
        pad_id=tokenizer.pad_token_id or 0,  # GPT-2 and LLaMA have none
        note=note,
        masking=masking if masks else None,
    )


def _tokenize(tokenizer: Any, texts: Sequence[str]) -> tuple[list[list[int]], str | None]:
    ids = tokenize(tokenizer, texts)
    too_long = sum(len(tokens) > MOST_TOKENS for tokens in ids)
    note = f"{too_long:,} of {len(ids):,} texts were longer than {MOST_TOKENS:,} tokens and were cut."
    return [tokens[:MOST_TOKENS] for tokens in ids], note if too_long else None


def tokenize(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text, without marks at its start and end, however long it is."""
    encoded = tokenizer(
        list(texts), add_special_tokens=False, return_attention_mask=False, return_token_type_ids=False, verbose=False
    )
    return list(encoded["input_ids"])


def next_word_marks(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The tokens before and after a text for a model of next words: one each, or none where the tokenizer has none."""
    start = tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id
    return _known(start), _known(tokenizer.eos_token_id)


def masked_word_marks(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The same for a model of masked words: `[CLS]` and `[SEP]`, or what stands for them."""
    return _known(tokenizer.cls_token_id), _known(tokenizer.sep_token_id)


def _known(token: int | None) -> list[int]:
    return [] if token is None else [token]


def _next_word_windows(tokenizer: Any, tokens: list[int], context: int) -> list[Window]:
    start, end = next_word_marks(tokenizer)
    text = torch.tensor([*start, *tokens, *end], dtype=torch.long)
    if len(text) < 2:
        return []
    return list(zip(torch.split(text[:-1], context), torch.split(text[1:], context), strict=True))


def _masked_word_windows(tokenizer: Any, tokens: list[int], context: int) -> list[Window]:
    start, end = masked_word_marks(tokenizer)
    size = context - len(start) - len(end)
    pieces = [tokens[place : place + size] for place in range(0, len(tokens), size)]
    windows = [torch.tensor([*start, *piece, *end], dtype=torch.long) for piece in pieces]
    return [(window, torch.full_like(window, NOT_PREDICTED)) for window in windows]


def _masking_for(backbone: Backbone, generator: torch.Generator) -> Masking:
    tokenizer = backbone.processor
    if tokenizer.mask_token_id is None:
        raise BackboneError(
            f"{shorten(backbone.name)!r} predicts masked words, but its tokenizer has no mask: save the tokenizer that "
            "it was pretrained with beside it."
        )
    start, end = masked_word_marks(tokenizer)
    return Masking(
        mask_id=tokenizer.mask_token_id, marks=(*start, *end), vocabulary=len(tokenizer), generator=generator
    )
