"""What comes next: probabilities in a reader's words, and a text that a seed decides."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.unit.backbones.tiny import (
    CONTEXT,
    MASKED_SHAPES,
    TEXT_SHAPES,
    build_language_model,
    build_tokenizer,
    save_tiny_language_model,
)
from tlvsft.backbones import Backbone, load_backbone, load_language_head
from tlvsft.errors import BackboneError
from tlvsft.tasks import LanguageModel, continue_text, next_word_probabilities

PROMPT = "the plot of the book"


def build(backbone: Backbone) -> LanguageModel:
    return LanguageModel(backbone, load_language_head(backbone, "kept", generator=torch.Generator()), ())


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_the_words_are_the_whole_models_and_sorted(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    words = next_word_probabilities(build(backbone), backbone, "good bad", count=16)
    masked = shape in MASKED_SHAPES
    inputs = [13, 3, 4, 15, 14] if masked else [0, 3, 4]
    with torch.no_grad():
        logits = build_language_model(shape)(input_ids=torch.tensor([inputs])).logits[0, 3 if masked else -1]
    expected = torch.softmax(logits[: len(backbone.processor)], dim=0)
    found = dict(words)
    assert [probability for _, probability in words] == sorted(found.values(), reverse=True)
    assert found["book"] == pytest.approx(expected[5].item(), rel=1e-4)
    assert "(end of text)" in found
    assert sum(found.values()) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_of_a_long_prompt_the_last_words_count(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    model = build(backbone)
    tail = "good bad " * CONTEXT
    long = next_word_probabilities(model, backbone, "film " * 3 + tail)
    assert long == next_word_probabilities(model, backbone, "end " * 9 + tail + "  ")


def test_a_continuation_depends_on_its_seed_alone(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model = build(backbone)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    texts = [continue_text(model, backbone, PROMPT, seed=seed) for seed in range(6)]
    assert torch.equal(torch.rand(1), expected)
    torch.manual_seed(6)
    assert texts == [continue_text(model, backbone, PROMPT, seed=seed) for seed in range(6)]
    assert len(set(texts)) > 1
    assert all("<end>" not in text for text in texts)


def test_a_continuation_is_as_long_as_asked_and_its_context_slides(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("llama", tmp_path))
    backbone.processor.eos_token = backbone.processor.unk_token = None  # nothing ends a text
    text = continue_text(build(backbone), backbone, PROMPT, max_new_tokens=2 * CONTEXT)
    assert len(text.split()) == 2 * CONTEXT


def test_the_end_of_a_text_ends_it(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model = build(backbone)
    with torch.no_grad():
        model.head.network.lm_head.weight.zero_()
    assert any(len(continue_text(model, backbone, PROMPT, seed=seed).split()) < 24 for seed in range(9))


@pytest.mark.parametrize("shape", MASKED_SHAPES)
def test_a_model_of_masked_words_writes_nothing(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    assert continue_text(build(backbone), backbone, PROMPT) == ""


def test_asking_leaves_the_models_mode(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model = build(backbone).train()
    first = next_word_probabilities(model, backbone, PROMPT)
    assert model.training
    assert first == next_word_probabilities(model.eval(), backbone, PROMPT)
    assert not model.training


def test_nothing_can_follow_on_nothing_without_a_mark(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model = build(backbone)
    assert next_word_probabilities(model, backbone, "")
    backbone.processor.eos_token = None
    with pytest.raises(BackboneError, match="type a word first"):
        next_word_probabilities(model, backbone, "  ")


def test_a_mask_is_needed_to_ask_for_a_masked_word(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("bert", tmp_path))
    model = build(backbone)
    backbone.processor = build_tokenizer(with_pad=True)
    with pytest.raises(BackboneError, match="no mask"):
        next_word_probabilities(model, backbone, PROMPT)


def test_the_bundled_model_speaks_readably() -> None:
    backbone = load_backbone("wiki-gpt")
    model = build(backbone)
    words = next_word_probabilities(model, backbone, "He was born in New", count=40)
    assert words[0][0] == "york"
    assert words == next_word_probabilities(model, backbone, "he was born in new ", count=40)
    assert all(word.strip() and "Ġ" not in word for word, _ in words)
    parts = [word for word, _ in next_word_probabilities(model, backbone, "the book", count=40)]
    assert any(part.startswith("…") for part in parts)
    assert "," in parts
    continuation = continue_text(model, backbone, "The book was", seed=0)
    assert continuation.startswith(" ")
    assert 10 <= len(continuation.split()) <= 24
