from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoImageProcessor,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoTokenizer,
)

from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.pretraining import RECIPES, pretrain
from tlvsft.pretraining.glyphs import GlyphBatches
from tlvsft.pretraining.photos import PhotoBatches
from tlvsft.pretraining.recipes import GlyphsRecipe, PhotosRecipe, Recipe, WikiGptRecipe
from tlvsft.pretraining.wiki_gpt import TextBatches

BATCHES = {"glyphs": GlyphBatches, "wiki-gpt": TextBatches, "photos": PhotoBatches}


@pytest.fixture(autouse=True)
def _tiny_recipes(
    monkeypatch: pytest.MonkeyPatch,
    glyphs_recipe: GlyphsRecipe,
    wiki_gpt_recipe: WikiGptRecipe,
    photos_recipe: PhotosRecipe,
) -> None:
    monkeypatch.setitem(RECIPES, "glyphs", glyphs_recipe)
    monkeypatch.setitem(RECIPES, "wiki-gpt", wiki_gpt_recipe)
    monkeypatch.setitem(RECIPES, "photos", photos_recipe)


@pytest.mark.parametrize("recipe", list(RECIPES))
def test_interrupted_and_resumed_is_bit_identical_to_straight(
    recipe: str, data_of: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, batches = data_of[recipe], BATCHES[recipe]
    straight = pretrain(recipe, data=data, output=tmp_path / "straight", work=tmp_path / "work-1")
    original = batches.at
    with monkeypatch.context() as patch:
        patch.setattr(batches, "at", lambda self, step: _interrupt_at(3, step) or original(self, step))
        with pytest.raises(KeyboardInterrupt):
            pretrain(recipe, data=data, output=tmp_path / "resumed", work=tmp_path / "work-2")
    assert not (tmp_path / "resumed").exists()
    resumed = pretrain(recipe, data=data, output=tmp_path / "resumed", work=tmp_path / "work-2")

    expected, found = (load_file(folder / "model.safetensors") for folder in (straight, resumed))
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_glyphs_load_through_the_auto_classes(omniglot: Path, tmp_path: Path) -> None:
    from PIL import Image

    folder = pretrain("glyphs", data=omniglot, output=tmp_path / "out", work=tmp_path / "work")

    model = AutoModelForImageClassification.from_pretrained(folder, dtype=torch.float32)
    assert model.config.num_labels == 16
    assert model.config.id2label[1] == "Greek/character01 90°"
    pixels = AutoImageProcessor.from_pretrained(folder)(Image.new("L", (50, 40), 255), return_tensors="pt")
    assert pixels["pixel_values"].shape == (1, 1, 32, 32)
    assert pixels["pixel_values"].max() == 1.0
    assert model(**pixels).logits.shape == (1, 16)


def test_photos_load_through_the_auto_classes(tiny_imagenet: Path, tmp_path: Path) -> None:
    from PIL import Image

    folder = pretrain("photos", data=tiny_imagenet, output=tmp_path / "out", work=tmp_path / "work")

    model = AutoModelForImageClassification.from_pretrained(folder, dtype=torch.float32)
    assert model.config.id2label == {0: "n1 tomato", 1: "n2 frog", 2: "n3 sky"}
    pixels = AutoImageProcessor.from_pretrained(folder)(Image.new("RGB", (50, 40), "white"), return_tensors="pt")
    assert pixels["pixel_values"].shape == (1, 3, 32, 32)
    assert model(**pixels).logits.shape == (1, 3)


def test_wiki_gpt_loads_through_the_auto_classes(corpus: Path, tmp_path: Path) -> None:
    folder = pretrain("wiki-gpt", data=corpus, output=tmp_path / "out", work=tmp_path / "work")

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert tokenizer.model_max_length == model.config.n_positions == 8
    assert model.config.pad_token_id == tokenizer.pad_token_id
    assert model.config.use_cache
    assert model(**tokenizer("the king", return_tensors="pt")).logits.shape[-1] == 300
    assert not torch.equal(model.lm_head.weight, model.transformer.wte.weight)


@pytest.mark.parametrize("recipe", list(RECIPES))
def test_the_export_tells_its_own_story(recipe: str, data_of: dict[str, Path], tmp_path: Path) -> None:
    told: list[Path] = []
    folder = pretrain(
        recipe, data=data_of[recipe], output=tmp_path / "out", work=tmp_path / "work", on_exported=told.append
    )

    assert told == [folder]
    assert {file.suffix for file in folder.iterdir()} == {".safetensors", ".json", ".md", ".png"}
    assert json.loads((folder / "recipe.json").read_text())["seed"] == 0
    training = json.loads((folder / "training.json").read_text())
    assert training["steps"] == 6
    assert [entry["step"] for entry in training["history"]] == [2, 4, 6]
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert f"python -m tlvsft pretrain {recipe} --data DIR" in card
    assert f"{training['examples_seen']:,}" in card


def test_the_card_of_the_glyphs_counts_them(omniglot: Path, tmp_path: Path) -> None:
    folder = pretrain("glyphs", data=omniglot, output=tmp_path / "out", work=tmp_path / "work")

    card = (folder / "README.md").read_text()
    assert "4 characters, 20 drawings each" in card
    assert "(16 classes). Drawings 4 of" in card
    assert "| chance | 0.0625 |" in card


def test_files_that_others_put_beside_the_weights_stay(omniglot: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "blocks.json").write_text("{}")

    pretrain("glyphs", data=omniglot, output=folder, work=tmp_path / "work")

    assert (folder / "blocks.json").exists()


def test_a_checkpoint_with_enough_steps_is_exported_as_it_is(omniglot: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    first = pretrain("glyphs", data=omniglot, output=tmp_path / "first", work=work)
    second = pretrain("glyphs", data=omniglot, output=tmp_path / "second", work=work, steps=1)

    assert (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()


def test_starting_over_forgets_the_checkpoint(omniglot: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    pretrain("glyphs", data=omniglot, output=tmp_path / "out", work=work)
    folder = pretrain("glyphs", data=omniglot, output=tmp_path / "out", work=work, steps=2, resume=False)

    assert json.loads((folder / "training.json").read_text())["steps"] == 2


def test_another_recipe_does_not_go_on_from_this_one(
    omniglot: Path, tmp_path: Path, glyphs_recipe: GlyphsRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    pretrain("glyphs", data=omniglot, output=tmp_path / "out", work=work)
    monkeypatch.setitem(RECIPES, "glyphs", replace(glyphs_recipe, batch_size=4))

    with pytest.raises(InvalidInput, match="another recipe or other data"):
        pretrain("glyphs", data=omniglot, output=tmp_path / "out", work=work)


def test_an_unknown_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Unknown recipe 'glyph': did you mean 'glyphs'"):
        pretrain("glyph", data=tmp_path)


@pytest.mark.parametrize("recipe", list(RECIPES))
def test_a_folder_without_data_leaves_nothing_behind(recipe: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="give --data a folder"):
        pretrain(recipe, data=tmp_path / "nowhere", output=tmp_path / "out", work=tmp_path / "work")

    assert not (tmp_path / "work").exists()


def test_importing_the_package_loads_no_torch() -> None:
    code = "import sys, tlvsft.pretraining; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_recipes_are_named_like_their_backbones() -> None:
    names = {key: recipe.name for key, recipe in RECIPES.items()}

    assert names == {"glyphs": "glyphs-resnet", "wiki-gpt": "wiki-gpt", "photos": "photos-resnet"}
    assert all(isinstance(recipe, Recipe) for recipe in RECIPES.values())


def _interrupt_at(wanted: int, step: int) -> None:
    if step == wanted:
        raise KeyboardInterrupt
