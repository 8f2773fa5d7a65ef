from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tlvsft.errors import InvalidInput
from tlvsft.pretraining.corpus import CorpusFiles, TokenStream
from tlvsft.pretraining.recipes import WikiGptRecipe
from tlvsft.pretraining.wiki_gpt import (
    CountedEmbeddings,
    TextBatches,
    build_model,
    build_optimizers,
    count_embeddings,
    for_release,
    measure,
    pretrain_wiki_gpt,
)


@pytest.fixture
def counted(wiki_gpt_recipe: WikiGptRecipe) -> CountedEmbeddings:
    generator = torch.Generator().manual_seed(0)
    tokens, head = torch.randn(2, wiki_gpt_recipe.vocab_size, wiki_gpt_recipe.width, generator=generator)
    return CountedEmbeddings(tokens=0.3 * tokens, head=0.02 * head)


def test_an_epoch_shows_every_window_once_and_the_next_in_another_order() -> None:
    batches = TextBatches(np.arange(81, dtype=np.uint16), context=8, batch_size=2, seed=0)

    first = torch.cat([batches.at(step) for step in range(5)])
    second = torch.cat([batches.at(step) for step in range(5, 10)])

    assert first.shape == (10, 9)
    assert sorted(first[:, 0].tolist()) == sorted(second[:, 0].tolist()) == list(range(0, 80, 8))
    assert first[:, 0].tolist() != second[:, 0].tolist()
    assert (first[:, 1:] - first[:, :-1] == 1).all()


def test_a_batch_depends_on_its_step_alone() -> None:
    ids = np.random.default_rng(0).integers(0, 100, 200).astype(np.uint16)
    asked_late = TextBatches(ids, context=8, batch_size=4, seed=3).at(9)
    in_order = TextBatches(ids, context=8, batch_size=4, seed=3)

    assert torch.equal([in_order.at(step) for step in range(10)][9], asked_late)


def test_embeddings_and_head_start_from_counting(wiki_gpt_recipe: WikiGptRecipe, counted: CountedEmbeddings) -> None:
    model = build_model(wiki_gpt_recipe, counted)

    assert torch.equal(model.transformer.wte.weight, counted.tokens)
    assert torch.equal(model.lm_head.weight, counted.head)


def test_embeddings_and_head_are_counted_from_windows_of_their_own(wiki_gpt_recipe: WikiGptRecipe) -> None:
    ids = np.random.default_rng(0).integers(0, wiki_gpt_recipe.vocab_size, 3000).astype(np.uint16)

    counted = count_embeddings(ids, wiki_gpt_recipe)

    shape = (wiki_gpt_recipe.vocab_size, wiki_gpt_recipe.width)
    assert counted.tokens.shape == counted.head.shape == shape
    assert counted.tokens.std().item() == pytest.approx(wiki_gpt_recipe.embedding_std, rel=1e-3)
    assert counted.head.std().item() == pytest.approx(wiki_gpt_recipe.head_std, rel=1e-3)
    assert not torch.allclose(counted.tokens / counted.tokens.std(), counted.head / counted.head.std())


def test_every_weight_has_one_optimizer_but_the_embeddings_which_stay(
    wiki_gpt_recipe: WikiGptRecipe, counted: CountedEmbeddings
) -> None:
    model = build_model(wiki_gpt_recipe, counted)

    optimizers = build_optimizers(model, wiki_gpt_recipe)

    held = [id(weight) for optimizer in optimizers for group in optimizer.param_groups for weight in group["params"]]
    stay = id(model.transformer.wte.weight)
    assert sorted([*held, stay]) == sorted(id(weight) for weight in model.parameters())


def test_a_model_that_knows_nothing_is_as_perplexed_as_the_vocabulary_is_large(
    wiki_gpt_recipe: WikiGptRecipe, counted: CountedEmbeddings
) -> None:
    nothing = torch.zeros_like(counted.head)
    model = build_model(wiki_gpt_recipe, CountedEmbeddings(tokens=nothing, head=nothing))
    stream = TokenStream(ids=np.arange(33, dtype=np.uint16), text_bytes=66)

    metrics = measure(model, {"books-heldout-00.txt.xz": stream}, context=8)

    assert metrics["perplexity"] == pytest.approx(300, rel=1e-4)
    assert metrics["perplexity/books-heldout-00"] == pytest.approx(300, rel=1e-4)
    assert metrics["bits_per_byte"] == pytest.approx(math.log2(300) / 2, rel=0.02)


def test_the_released_model_is_set_up_for_use(wiki_gpt_recipe: WikiGptRecipe, counted: CountedEmbeddings) -> None:
    model = for_release(build_model(wiki_gpt_recipe, counted))

    assert model.config.use_cache
    assert not model.training
    assert all(weight.requires_grad for weight in model.parameters())


def test_a_torch_without_muon_is_refused_before_anything_is_read(
    wiki_gpt_recipe: WikiGptRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(torch.optim, "Muon")
    with pytest.raises(InvalidInput, match=r"torch 2\.9"):
        pretrain_wiki_gpt(wiki_gpt_recipe, CorpusFiles(train=(), heldout=()), tmp_path)
