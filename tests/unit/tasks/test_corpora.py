"""Texts become windows in which each word is predicted exactly once, or hidden as BERT's are."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.backbones.tiny import CONTEXT, WORDS, build_tokenizer, save_tiny_language_model
from tlvsft.backbones import Backbone, load_backbone
from tlvsft.errors import BackboneError, InvalidInput
from tlvsft.tasks import EncodedCorpus, corpora, encode_corpus
from tlvsft.tasks.masking import NOT_PREDICTED, Masking

END, GOOD, BAD, BOOK = 0, 3, 4, 5
CLS, SEP, MASK = 13, 14, 15


@pytest.fixture
def gpt2(tmp_path: Path) -> Backbone:
    return load_backbone(save_tiny_language_model("gpt2", tmp_path))


@pytest.fixture
def bert(tmp_path: Path) -> Backbone:
    return load_backbone(save_tiny_language_model("bert", tmp_path))


def whole(corpus: EncodedCorpus) -> dict[str, torch.Tensor]:
    return dict(corpus.batch(np.arange(len(corpus))))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_text_stands_between_marks_and_its_end_is_predicted(gpt2: Backbone) -> None:
    batch = whole(encode_corpus(gpt2, ["good bad book"]))
    assert batch["input_ids"].tolist() == [[END, GOOD, BAD, BOOK]]
    assert batch["targets"].tolist() == [[GOOD, BAD, BOOK, END]]


def test_batches_are_padded_on_the_right(gpt2: Backbone) -> None:
    batch = encode_corpus(gpt2, ["good bad book", "good"]).batch(np.array([1, 0]))
    assert batch["attention_mask"].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert batch["targets"].tolist() == [[GOOD, END, NOT_PREDICTED, NOT_PREDICTED], [GOOD, BAD, BOOK, END]]


@pytest.mark.parametrize("words", [1, CONTEXT - 2, CONTEXT - 1, CONTEXT, 2 * CONTEXT - 1, 50])
@pytest.mark.parametrize("shape", ["gpt2", "llama"])
def test_every_word_of_a_long_text_is_predicted_exactly_once(shape: str, words: int, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    text = [WORDS[index % len(WORDS)] for index in range(words)]
    corpus = encode_corpus(backbone, [" ".join(text), "good"])
    batch = whole(corpus)
    assert corpus.lengths.max() <= CONTEXT
    assert corpus.lengths.tolist() == batch["attention_mask"].sum(dim=1).tolist()
    first = batch["targets"][torch.from_numpy(corpus.texts == 0)]
    predicted = first[first != NOT_PREDICTED].tolist()
    assert predicted == [*backbone.processor.convert_tokens_to_ids(text), END]
    assert corpus.texts[-1] == 1
    assert corpus.note is None


def test_a_text_without_words_is_its_end(gpt2: Backbone) -> None:
    assert whole(encode_corpus(gpt2, ["", "good"]))["targets"][0].tolist() == [END, NOT_PREDICTED]


def test_a_tokenizer_without_marks_leaves_the_first_word_unpredicted(gpt2: Backbone) -> None:
    gpt2.processor = build_tokenizer(with_pad=False)
    gpt2.processor.eos_token = None
    corpus = encode_corpus(gpt2, ["good", "good bad"])
    assert corpus.texts.tolist() == [1]
    assert whole(corpus)["targets"].tolist() == [[BAD]]
    with pytest.raises(InvalidInput, match="too short"):
        encode_corpus(gpt2, ["good"])


@pytest.mark.parametrize("shape", ["gpt2", "bert"])
def test_only_a_huge_text_is_cut_and_the_note_says_so(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "MOST_TOKENS", 40)
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    assert encode_corpus(backbone, ["good " * 40]).note is None
    corpus = encode_corpus(backbone, ["good " * 41, "bad"])
    assert corpus.note == "1 of 2 texts were longer than 40 tokens and were cut."
    read = whole(corpus)["input_ids"]
    if shape == "gpt2":
        assert int((read == GOOD).sum()) == 40


def test_long_texts_bring_no_warning(gpt2: Backbone, capfd: pytest.CaptureFixture[str]) -> None:
    gpt2.processor.model_max_length = CONTEXT
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encode_corpus(gpt2, ["good " * 100])
    assert capfd.readouterr() == ("", "")


def test_masked_windows_keep_their_marks_and_hide_some_words(bert: Backbone) -> None:
    text = " ".join(WORDS * 4)
    corpus = encode_corpus(bert, [text])
    batch = whole(corpus)
    read, wanted = batch["input_ids"], batch["targets"]
    hidden = wanted != NOT_PREDICTED
    original = torch.where(hidden, wanted, read)
    lengths = batch["attention_mask"].sum(dim=1)
    assert corpus.lengths.max() == CONTEXT
    assert (original[:, 0] == CLS).all()
    assert all(row[length - 1] == SEP for row, length in zip(original, lengths, strict=True))
    words = [
        token for row in original.tolist() for token in row if token not in {CLS, SEP, bert.processor.pad_token_id}
    ]
    assert words == bert.processor.convert_tokens_to_ids(WORDS * 4)
    assert hidden.sum(dim=1).tolist() == [max(1, round(0.15 * (length - 2))) for length in lengths.tolist()]


def test_evaluation_hides_the_same_words_every_time(bert: Backbone) -> None:
    texts = ["good bad book film the", "a dull fine plot end"]
    corpus = encode_corpus(bert, texts)
    for batch in (whole(corpus), whole(encode_corpus(bert, texts))):
        assert torch.equal(batch["input_ids"], whole(corpus)["input_ids"])
        assert torch.equal(batch["targets"], whole(corpus)["targets"])


def test_training_hides_other_words_each_time_but_the_same_for_the_same_seed(bert: Backbone) -> None:
    texts = [" ".join(WORDS)] * 8
    first, again = encode_corpus(bert, texts, masks=generator(1)), encode_corpus(bert, texts, masks=generator(1))
    drawn = [whole(first)["targets"] for _ in range(2)]
    assert not torch.equal(drawn[0], drawn[1])
    assert all(torch.equal(targets, whole(again)["targets"]) for targets in drawn)


def test_hidden_words_become_masks_random_words_or_stay() -> None:
    masking = Masking(mask_id=9_999, marks=(0,), vocabulary=9_000, generator=generator())
    ids = torch.full((2, 10_003), 7)
    ids[:, 0] = 0
    inside = torch.ones_like(ids, dtype=torch.bool)
    inside[1, 5_001:] = False
    inputs, targets = masking.hide(ids, inside)
    hidden = targets != NOT_PREDICTED
    assert hidden.sum(dim=1).tolist() == [1_500, 750]
    assert not hidden[:, 0].any()
    assert not hidden[~inside].any()
    assert torch.equal(inputs[~hidden], ids[~hidden])
    shares = [(inputs[hidden] == token).float().mean().item() for token in (9_999, 7)]
    assert shares == pytest.approx([0.8, 0.1], abs=0.03)


def test_masked_words_need_a_mask(bert: Backbone) -> None:
    bert.processor = build_tokenizer(with_pad=True)
    with pytest.raises(BackboneError, match="no mask"):
        encode_corpus(bert, ["good"])
