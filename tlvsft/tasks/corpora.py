"""Texts as windows of tokens, with what is to be predicted at each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import Backbone, fingerprint_tensors, language_objective
from tlvsft.errors import BackboneError, InvalidInput, shorten
from tlvsft.tasks.masking import NOT_PREDICTED, Masking
from tlvsft.tasks.ragged import Integers, Ragged
from tlvsft.tasks.text_classification import find_context

MOST_TOKENS = 32_768
"""A single text is cut to this many tokens, about 25,000 words: one book among reviews must not be most of the data."""
_EVALUATION_SEED = 0

Window = tuple[Tensor, Tensor]
"""What the model reads, and what it should predict at each place; both `(tokens,)`."""
_HIDDEN_TOGETHER = 256
"""Windows whose words to hide are drawn at a time."""


@dataclass(frozen=True, eq=False, kw_only=True)
class EncodedCorpus:
    """Texts cut into windows that fit the backbone's context.

    Attributes:
        inputs: What the model reads: one row for each window, in the order of the texts.
        targets: What it should predict at each place, laid out alike; -100: nothing.
        texts: For each window, the number of its text; shape `(windows,)`, int64.
        pad_id: Fills shorter windows of a batch.
        note: What the user should know, e.g. that something was cut off.
        masking: Hides other words each time that a window is asked for; `None`: the targets stand.
    """

    inputs: Ragged
    targets: Ragged
    texts: Integers
    pad_id: int
    note: str | None = None
    masking: Masking | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def lengths(self) -> Integers:
        """Tokens of each window, shape `(windows,)`."""
        return self.inputs.lengths

    @property
    def layout(self) -> Ragged:
        """One row for each window, one place for each token."""
        return self.inputs

    @property
    def varies(self) -> bool:
        """Whether other words are hidden each time."""
        return self.masking is not None

    def fingerprint(self) -> str:
        """Hash of all tokens that are read."""
        return fingerprint_tensors([self.inputs.values, torch.from_numpy(self.inputs.lengths)])

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """`input_ids`, `attention_mask` and `targets`, all `(batch, tokens)`, padded on the right.

        `targets` is -100 where nothing is predicted. With `masking`, the words to hide are drawn now.
        """
        _, inside = self.inputs.places(indices)
        inputs = self.inputs.batch(indices, fill=self.pad_id)
        if self.masking is None:
            targets = self.targets.batch(indices, fill=NOT_PREDICTED)
        else:
            inputs, targets = self.masking.hide(inputs, inside)
        return {"input_ids": inputs, "attention_mask": inside.long(), "targets": targets}

    def with_words_hidden(self, masking: Masking) -> EncodedCorpus:
        """The same windows with words hidden once and for all."""
        hidden = []
        for start in range(0, len(self), _HIDDEN_TOGETHER):
            indices = np.arange(start, min(start + _HIDDEN_TOGETHER, len(self)))
            _, inside = self.inputs.places(indices)
            hidden.append(tuple(part[inside] for part in masking.hide(self.inputs.batch(indices), inside)))
        inputs, targets = (Ragged(torch.cat(parts), self.lengths) for parts in zip(*hidden, strict=True))
        return replace(self, inputs=inputs, targets=targets)


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
    is_causal = language_objective(backbone) == "causal"
    cut = _next_word_windows if is_causal else _masked_word_windows
    by_text = [cut(tokenizer, tokens, find_context(backbone)) for tokens in ids]
    masking = None if is_causal else _masking_for(backbone, masks or torch.Generator().manual_seed(_EVALUATION_SEED))
    windows = [window for windows in by_text for window in windows]
    if not windows:
        raise InvalidInput("The texts are too short to predict a word of them: give longer ones.")
    corpus = EncodedCorpus(
        inputs=Ragged.join(inputs for inputs, _ in windows),
        targets=Ragged.join(targets for _, targets in windows),
        texts=np.repeat(np.arange(len(by_text)), [len(windows) for windows in by_text]),
        pad_id=tokenizer.pad_token_id or 0,  # GPT-2 and LLaMA have none
        note=note,
        masking=masking if masks else None,
    )
    return corpus if masks or masking is None else corpus.with_words_hidden(masking)


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
