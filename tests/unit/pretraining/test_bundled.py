"""The backbones in `assets/`, as anybody would load them."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoImageProcessor, AutoModel, AutoModelForCausalLM, AutoTokenizer

from tlvsft.catalog.paths import ASSETS, BUNDLED_BACKBONES
from tlvsft.pretraining import RECIPES

NAMES = [recipe.name for recipe in RECIPES.values()]


@pytest.mark.parametrize("name", NAMES)
def test_only_plain_files_are_bundled(name: str) -> None:
    assert {file.suffix for file in (BUNDLED_BACKBONES / name).iterdir()} == {
        ".safetensors",
        ".json",
        ".md",
        ".png",
    }


def test_all_that_is_bundled_stays_below_60_megabytes() -> None:
    assert sum(file.stat().st_size for file in ASSETS.rglob("*") if file.is_file()) < 60_000_000


def test_photos_resnet_stays_below_12_megabytes() -> None:
    files = (BUNDLED_BACKBONES / "photos-resnet").iterdir()

    assert sum(file.stat().st_size for file in files) < 12_000_000


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_stored_as_float16(name: str) -> None:
    stored = load_file(BUNDLED_BACKBONES / name / "model.safetensors")

    assert {weight.dtype for weight in stored.values() if weight.is_floating_point()} == {torch.float16}


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_finite_float32(name: str) -> None:
    model = AutoModel.from_pretrained(BUNDLED_BACKBONES / name, dtype=torch.float32)

    assert all(weight.dtype == torch.float32 for weight in model.parameters())
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_what_is_bundled_was_made_by_the_recipe_in_the_code(recipe) -> None:
    bundled = json.loads((BUNDLED_BACKBONES / recipe.name / "recipe.json").read_text(encoding="utf-8"))

    assert bundled == json.loads(recipe.to_json())


@pytest.mark.parametrize("name", NAMES)
def test_cards_name_their_sources(name: str) -> None:
    card = (BUNDLED_BACKBONES / name / "README.md").read_text(encoding="utf-8")

    sources = {
        "glyphs-resnet": ("Omniglot", "MIT"),
        "wiki-gpt": ("Wikipedia", "CC BY-SA 3.0", "Project Gutenberg"),
        "photos-resnet": ("Tiny ImageNet", "non-commercial research"),
    }
    assert all(source in card for source in sources[name])


def test_glyphs_resnet_reads_grey_images() -> None:
    from PIL import Image

    processor = AutoImageProcessor.from_pretrained(BUNDLED_BACKBONES / "glyphs-resnet")
    pixels = processor(Image.new("L", (105, 105)), return_tensors="pt")["pixel_values"]

    assert pixels.shape == (1, 1, 32, 32)
    assert pixels.abs().max() == 0.0


def test_photos_resnet_beats_chance_by_far_on_photos_it_never_saw() -> None:
    training = json.loads((BUNDLED_BACKBONES / "photos-resnet" / "training.json").read_text(encoding="utf-8"))

    assert training["metrics"]["accuracy"] > 0.25
    assert training["metrics"]["classes"] == 200


def test_photos_resnet_reads_photos_of_any_size_and_mode() -> None:
    from PIL import Image

    folder = BUNDLED_BACKBONES / "photos-resnet"
    processor = AutoImageProcessor.from_pretrained(folder)
    photos = [Image.new("RGB", (300, 200), "orange"), Image.new("L", (20, 90)), Image.new("RGBA", (64, 64))]
    pixels = processor(photos, return_tensors="pt")["pixel_values"]
    features = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()(pixels).pooler_output

    assert pixels.shape == (3, 3, 64, 64)
    assert features.shape == (3, 512, 1, 1)
    assert torch.isfinite(features).all()


def test_wiki_gpt_continues_a_sentence_with_a_likely_word() -> None:
    folder = BUNDLED_BACKBONES / "wiki-gpt"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    logits = model(**tokenizer("The capital of the United", return_tensors="pt")).logits[0, -1]

    assert tokenizer.decode([logits.argmax().item()]).strip() in {"states", "kingdom"}
