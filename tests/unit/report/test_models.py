"""Language models as transformers loads them, and the arithmetic of folding a head."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

from tests.unit.backbones.tiny import save_tiny_language_model
from tlvsft.backbones import load_backbone, load_language_head
from tlvsft.config import ComparisonConfig, DatasetConfig, LanguageHead, VariantConfig
from tlvsft.report.cards import ModelFacts, model_card
from tlvsft.report.models import fold_head, save_word_model
from tlvsft.tasks import CentroidHead, LanguageModel, LinearHead
from tlvsft.training.restoring import WordPredictor

HOSTILE = "](https://elsewhere.example) <img src=x>\n# A heading | of its own"


def changed_predictor(backbone_name: str, head: LanguageHead) -> WordPredictor:
    """A language model every weight of which has moved."""
    backbone = load_backbone(backbone_name)
    words = load_language_head(backbone, head, generator=torch.Generator().manual_seed(0))
    model = LanguageModel(backbone, words, backbone.blocks).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.05)
    return WordPredictor(backbone, model)


@pytest.mark.parametrize("head", ["kept", "new", "tied"])
@pytest.mark.parametrize("shape", ["gpt2", "bert", "distilbert", "llama"])
def test_plain_transformers_loads_a_language_model(shape: str, head: LanguageHead, tmp_path: Path) -> None:
    name = save_tiny_language_model(shape, tmp_path / "backbone")
    predictor = changed_predictor(name, head)
    folder = tmp_path / "model"
    loader = save_word_model(predictor, folder)
    masked = shape in {"bert", "distilbert"}
    assert loader == ("AutoModelForMaskedLM" if masked else "AutoModelForCausalLM")
    model = (AutoModelForMaskedLM if masked else AutoModelForCausalLM).from_pretrained(folder).eval()
    tokens = AutoTokenizer.from_pretrained(folder)(["the good book", "a dull film"], return_tensors="pt")
    batch = {"input_ids": tokens["input_ids"], "attention_mask": tokens["attention_mask"]}
    with torch.inference_mode():
        torch.testing.assert_close(model(**batch).logits, predictor.model(batch), rtol=0, atol=1e-4)


def test_the_bundled_language_model_too(tmp_path: Path) -> None:
    predictor = changed_predictor("wiki-gpt", "kept")
    save_word_model(predictor, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    ids = AutoTokenizer.from_pretrained(tmp_path)("the old house by the river", return_tensors="pt")["input_ids"]
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    with torch.inference_mode():
        torch.testing.assert_close(model(**batch).logits, predictor.model(batch), rtol=0, atol=1e-4)


def test_a_linear_head_is_folded_into_one_layer() -> None:
    head = LinearHead(6, 3, dropout=0.5, generator=torch.Generator().manual_seed(0)).eval()
    features = 5 + 3 * torch.randn(20, 6, generator=torch.Generator().manual_seed(1))
    head.fit(features, torch.zeros(20))
    weight, bias = fold_head(head)
    torch.testing.assert_close(features @ weight.T + bias, head(features), rtol=1e-4, atol=1e-5)


def test_distances_to_centroids_become_one_layer_of_the_same_probabilities() -> None:
    head = CentroidHead(6, 3)
    features = 5 + 3 * torch.randn(30, 6, generator=torch.Generator().manual_seed(1))
    head.fit(features, torch.arange(30) % 3)
    weight, bias = fold_head(head)
    folded = (features @ weight.T + bias).softmax(dim=1)
    torch.testing.assert_close(folded, head(features).softmax(dim=1), rtol=1e-4, atol=1e-5)


def facts(**changes: object) -> ModelFacts:
    config = ComparisonConfig(
        backbone="glyphs-resnet",
        dataset=DatasetConfig(name="/data/mine"),
        right=VariantConfig(method="lora"),
        labels=50,
    )
    given: dict[str, object] = {
        "config": config.run_config("right", 0),
        "comparison_id": "abcdefghijklmnop",
        "classes": ("cat", HOSTILE),
        "step": 12,
        "loader": "AutoModelForImageClassification",
        "mode": "L",
    }
    return ModelFacts(**(given | changes))  # type: ignore[arg-type]


def test_the_card_says_what_it_is_and_takes_no_text_for_markdown() -> None:
    card = model_card(facts())
    assert card.startswith("---\nlicense: apache-2.0\nlibrary_name: transformers\npipeline_tag: image-classification\n")
    assert "**The run was stopped after step 12**" in card
    assert "The low-rank adapters are merged into the weights." in card
    assert '.convert("L")' in card
    assert "Licence: unknown to this program." in card
    assert "<img" not in card
    assert "](https" not in card
    assert "\n# A heading" not in card


def test_the_card_of_a_text_classifier_says_that_it_is_in_two_parts() -> None:
    card = model_card(facts(loader="AutoModel", mode=None))
    assert "No class of transformers for" in card
    assert "trust_remote_code" in card
