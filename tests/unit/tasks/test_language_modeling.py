"""A model that predicts words: its losses are those of the whole model, word by word; what is frozen stays so."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.unit.backbones.tiny import TEXT_SHAPES, build_language_model, save_tiny_language_model
from tlvsft.backbones import Backbone, freeze_blocks, load_backbone, load_language_head
from tlvsft.config import LanguageHead
from tlvsft.datasets import load_general_text
from tlvsft.tasks import ClassifierModel, EncodedCorpus, LanguageModel, LinearHead, encode_corpus

TEXTS = ["good", "the plot of the book " * 9, "a dull film", "bad end", "fine " * 20]


def build(backbone: Backbone, kind: LanguageHead = "kept", *, frozen: tuple[str, ...] = ()) -> LanguageModel:
    head = load_language_head(backbone, kind, generator=torch.Generator().manual_seed(0))
    return LanguageModel(backbone, head, freeze_blocks(backbone.blocks, frozen)).eval()


def losses_by_window(model: LanguageModel, corpus: EncodedCorpus, batches: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Sums and counts of all windows, in their order, however they are dealt into batches."""
    sums, counts = torch.zeros(len(corpus)), torch.zeros(len(corpus), dtype=torch.long)
    with torch.no_grad():
        for indices in batches:
            sums[indices], counts[indices] = model.token_losses(corpus.batch(np.array(indices)))
    return sums, counts


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_losses_are_those_of_the_whole_model(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    model, corpus = build(backbone), encode_corpus(backbone, TEXTS)
    batch = corpus.batch(np.arange(len(corpus)))
    with torch.no_grad():
        logits = build_language_model(shape)(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
        ).logits
        by_place = functional.cross_entropy(logits.transpose(1, 2), batch["targets"], reduction="none")
        sums, counts = model.token_losses(batch)
        assert torch.allclose(model(batch)[0, 0], logits[0, 0], atol=1e-5)
        assert torch.allclose(sums, by_place.sum(dim=1), atol=1e-4)
        assert torch.equal(counts, (batch["targets"] != -100).sum(dim=1))
        assert model.loss(batch).item() == pytest.approx((sums.sum() / counts.sum()).item(), rel=1e-5)


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_a_windows_loss_does_not_depend_on_its_company(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    model, corpus = build(backbone), encode_corpus(backbone, TEXTS)
    order = list(range(len(corpus)))
    together = losses_by_window(model, corpus, [order])
    for batches in ([[index] for index in order], [order[::-1][:3], order[::-1][3:]]):
        alone = losses_by_window(model, corpus, batches)
        assert torch.allclose(alone[0], together[0], rtol=1e-4)
        assert torch.equal(alone[1], together[1])


def test_many_places_are_computed_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model, corpus = build(backbone), encode_corpus(backbone, TEXTS)
    batch = corpus.batch(np.arange(len(corpus)))
    expected = model.token_losses(batch)[0]
    monkeypatch.setattr("tlvsft.tasks.language_modeling._PLACES_AT_ONCE", 3)
    assert torch.allclose(model.token_losses(batch)[0], expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["kept", "new"])
def test_a_head_trains_over_a_frozen_embedding(kind: LanguageHead, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model = build(backbone, kind, frozen=("embedding", "0"))
    corpus = encode_corpus(backbone, TEXTS)
    model.loss(corpus.batch(np.arange(3))).backward()
    assert all(parameter.grad is not None for parameter in model.head.parameters())
    assert backbone.model.wte.weight.grad is None
    assert backbone.model.h[2].attn.c_attn.weight.grad is not None


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_a_tied_head_trains_or_is_frozen_with_the_embedding(shape: str, frozen: bool, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    model = build(backbone, "tied", frozen=("embedding",) if frozen else ())
    embedding = backbone.model.get_input_embeddings().weight
    model.loss(encode_corpus(backbone, TEXTS).batch(np.arange(3))).backward()
    assert (embedding.grad is None) == frozen
    assert sum(parameter is embedding for _, parameter in model.named_parameters(remove_duplicate=False)) == 1


@pytest.mark.parametrize("kind", ["kept", "tied", "new"])
@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_the_state_names_the_backbone_as_a_classifier_does(shape: str, kind: LanguageHead, tmp_path: Path) -> None:
    name = save_tiny_language_model(shape, tmp_path)
    state = build(load_backbone(name), kind).state_dict()
    backbone = load_backbone(name)
    head = LinearHead(backbone.feature_size, 2, dropout=0.0, generator=torch.Generator(), layers=2)
    of_classifier = ClassifierModel(backbone, head, ()).state_dict()
    assert {key for key in state if key.startswith("backbone.")} == {
        key for key in of_classifier if key.startswith("backbone.")
    }
    assert all(key.startswith(("backbone.", "head.")) for key in state)


@pytest.mark.parametrize("kind", ["kept", "tied", "new"])
@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_a_state_can_be_put_back(shape: str, kind: LanguageHead, tmp_path: Path) -> None:
    name = save_tiny_language_model(shape, tmp_path)
    trained, other = build(load_backbone(name), kind), build(load_backbone(name), kind)
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.add_(0.5)
    other.load_state_dict({**other.state_dict(), **{key: t.clone() for key, t in trained.state_dict().items()}})
    batch = encode_corpus(load_backbone(name), TEXTS).batch(np.arange(4))
    with torch.no_grad():
        assert torch.equal(trained(batch), other(batch))


def test_training_mode_leaves_frozen_blocks_in_evaluation(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    model = build(backbone, frozen=("embedding", "0")).train()
    assert model.head.training
    assert not backbone.model.h[0].training
    assert backbone.model.h[1].training


@pytest.fixture(scope="module")
def wiki_gpt() -> Backbone:
    return load_backbone("wiki-gpt")


def perplexity(backbone: Backbone, texts: list[str]) -> float:
    model, corpus = build(backbone), encode_corpus(backbone, texts)
    by_length = np.argsort(corpus.lengths, kind="stable")
    batches = [part.tolist() for part in np.array_split(by_length, math.ceil(len(corpus) / 32))]
    sums, counts = losses_by_window(model, corpus, batches)
    return math.exp(sums.double().sum().item() / counts.sum().item())


def test_the_untouched_backbone_is_surprised_by_reviews_as_measured(wiki_gpt: Backbone, repository: Path) -> None:
    lines = (repository / "assets" / "datasets" / "book-reviews" / "validation.jsonl").read_text(encoding="utf-8")
    assert perplexity(wiki_gpt, [json.loads(line)["text"] for line in lines.splitlines()]) == pytest.approx(
        122.05, abs=0.1
    )


def test_the_untouched_backbone_reads_general_text_better_than_reviews(wiki_gpt: Backbone) -> None:
    assert perplexity(wiki_gpt, list(load_general_text())) == pytest.approx(90.39, abs=0.1)
