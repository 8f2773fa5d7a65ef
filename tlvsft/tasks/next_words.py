"""What a language model says next: the most probable words after a prompt, and a text that goes on from it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tlvsft.backbones import Backbone, language_objective
from tlvsft.errors import BackboneError
from tlvsft.tasks.corpora import masked_word_marks, next_word_marks, tokenize
from tlvsft.tasks.language_modeling import LanguageModel
from tlvsft.tasks.text_classification import find_context

SHOWN_WORDS = 8
NEW_TOKENS = 24
SAMPLED_FROM = 40
"""A continuation is drawn from this many most probable tokens. Source: Fan et al. 2018, arXiv:1805.04833."""
TEMPERATURE = 0.8
"""Below 1, which makes what is probable more so: small models say too much nonsense otherwise."""


def next_word_probabilities(
    model: LanguageModel, backbone: Backbone, prompt: str, *, count: int = SHOWN_WORDS
) -> tuple[tuple[str, float], ...]:
    """The most probable words after a prompt; a model of masked words is asked for one that is masked at its end.

    Args:
        model: With or without changes; its mode is kept.
        backbone: The one that `model` is made of.
        prompt: Any text; of one that is longer than the context, the last words count.
        count: How many words.

    Returns:
        Words with their probabilities (0 to 1), most probable first. A word may be a part of one: `…s` goes on with
        the prompt's last word.

    Raises:
        BackboneError: The backbone can't say what follows on nothing, or has no mask.
    """
    ids = _tokenize_prompt(backbone, prompt)
    probabilities = torch.softmax(_next_logits(model, backbone, ids), dim=0)
    best = probabilities.topk(min(count, len(backbone.processor)))
    return tuple(
        (_readable(backbone.processor, ids, token), probability)
        for token, probability in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    )


def continue_text(
    model: LanguageModel, backbone: Backbone, prompt: str, *, seed: int = 0, max_new_tokens: int = NEW_TOKENS
) -> str:
    """Goes on with a prompt, word by word; the same seed gives the same text.

    Args:
        model: As for `next_word_probabilities`.
        backbone: Likewise.
        prompt: Likewise.
        seed: Decides all draws; torch's global generator isn't touched.
        max_new_tokens: How far to go at most; the end of a text ends it sooner.

    Returns:
        What follows on the prompt, with the space before it if there is one; empty from a model of masked words,
        which doesn't write.

    Raises:
        BackboneError: The backbone can't say what follows on nothing.
    """
    if language_objective(backbone) == "masked":
        return ""
    prompt_ids = _tokenize_prompt(backbone, prompt)
    generator = torch.Generator().manual_seed(seed)
    ids = list(prompt_ids)
    for _ in range(max_new_tokens):
        best = _next_logits(model, backbone, ids).topk(min(SAMPLED_FROM, len(backbone.processor)))
        weights = torch.softmax(best.values / TEMPERATURE, dim=0)
        token = int(best.indices[torch.multinomial(weights, 1, generator=generator)])
        if token in backbone.processor.all_special_ids:
            break
        ids.append(token)
    return _decode_after(backbone.processor, prompt_ids, ids[len(prompt_ids) :])


def _tokenize_prompt(backbone: Backbone, prompt: str) -> list[int]:
    """The prompt's tokens without a space at its end, which would stand between the prompt and its next word."""
    return tokenize(backbone.processor, [prompt.rstrip()])[0]


def _next_logits(model: LanguageModel, backbone: Backbone, ids: list[int]) -> Tensor:
    """Logits of the tokenizer's words after `ids`, shape `(words,)`."""
    inputs, place = _frame(backbone, ids)
    input_ids = torch.tensor([inputs])
    was_training = model.training
    model.eval()
    with torch.no_grad():
        states = model.represent({"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids)})
        logits: Tensor = model.head(states[:, place : place + 1])[0, 0]
    model.train(was_training)
    return logits[: len(backbone.processor)]


def _frame(backbone: Backbone, ids: list[int]) -> tuple[list[int], int]:
    """What the model reads, and at which place it says what comes next."""
    tokenizer, context = backbone.processor, find_context(backbone)
    if language_objective(backbone) == "masked":
        start, end = masked_word_marks(tokenizer)
        if tokenizer.mask_token_id is None:
            raise BackboneError(f"{backbone.name!r} predicts masked words, but its tokenizer has no mask.")
        room = context - len(start) - len(end) - 1
        inputs = [*start, *ids[-room:], tokenizer.mask_token_id, *end]
        return inputs, len(inputs) - len(end) - 1
    inputs = [*next_word_marks(tokenizer)[0], *ids][-context:]
    if not inputs:
        raise BackboneError(f"{backbone.name!r} has no mark for the start of a text: type a word first.")
    return inputs, len(inputs) - 1


def _readable(tokenizer: Any, before: list[int], token: int) -> str:
    """A token as a reader takes it: a word, a mark in brackets, or with `…` what goes on with the word before."""
    if token in tokenizer.all_special_ids:
        return "(end of text)" if token == tokenizer.eos_token_id else f"({tokenizer.decode([token]).strip('<>[]|')})"
    text = _decode_after(tokenizer, before[-1:], [token])
    word = text.strip()
    if not word:
        return "(line break)" if "\n" in text else "(space)"
    goes_on = bool(before) and text == word and word[0].isalnum()
    return f"…{word}" if goes_on else word


def _decode_after(tokenizer: Any, before: list[int], tokens: list[int]) -> str:
    """The text of `tokens` where they follow on `before`, with the space between the two, if there is one."""
    known: str = tokenizer.decode(before)
    whole: str = tokenizer.decode([*before, *tokens])
    return whole[len(known) :] if whole.startswith(known) else str(tokenizer.decode(tokens))
