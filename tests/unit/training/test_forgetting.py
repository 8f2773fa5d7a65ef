"""What was forgotten, against values that plain transformers gives for the same tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf
from torch import Tensor
from torch.nn import functional

from tests.unit.backbones.tiny import CONFIGS, CONTEXT, build_image_processor
from tests.unit.training.fakes import corpus, image_data, run, text_data
from tlvsft.backbones import Arithmetic, load_backbone
from tlvsft.catalog.forgotten import AGREEMENT_FILE, GENERAL_FILE
from tlvsft.datasets import load_general_text
from tlvsft.events import StepTaken
from tlvsft.training import forgetting, untouched
from tlvsft.training.forgetting import observe_forgetting
from tlvsft.training.results import TextLosses
from tlvsft.training.untouched import untouched_losses

WATCHED: dict[str, Any] = {"observers": (observe_forgetting,), "epochs": 2}
HEADS = {"resnet": "classifier.1", "vit": "classifier", "mobilenet_v2": "classifier"}


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untouched, "_known", {})


def save_with_source_head(shape: str, folder: Path, *, classes: int = 7) -> str:
    """A tiny image backbone with a head for classes of its own, whose answers differ from image to image."""
    config = CONFIGS[shape]()
    config.num_labels = classes
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = hf.AutoModelForImageClassification.from_config(config).eval()
    processor = build_image_processor(model)
    with torch.no_grad():  # no class is everybody's favourite
        pixels = pixels_of(processor, shape)
        model.get_parameter(f"{HEADS[shape]}.bias").sub_(model(pixels).logits.mean(dim=0))
        assert len(model(pixels).logits.argmax(dim=1).unique()) > 1
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return str(folder)


def pixels_of(processor: Any, shape: str) -> Tensor:
    """The test images as a backbone reads them."""
    images = [image.convert("L" if shape == "resnet" else "RGB") for image in image_data().test.inputs]  # type: ignore[union-attr]
    pixels: Tensor = processor(images=images, return_tensors="pt")["pixel_values"]
    return pixels.float()


def perplexity_by_hand(folder: str, changed: Mapping[str, Tensor]) -> float:
    """Of the general English, text by text and window by window, by transformers alone."""
    model = hf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    head = model.lm_head.weight.detach().clone()  # tied to the embedding in the file: it stays the pretrained one
    state = model.transformer.state_dict()
    for name, tensor in changed.items():
        state[name].copy_(tensor)
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    nats, count = 0.0, 0
    for text in load_general_text():
        ids = torch.tensor([0, *tokenizer(text, add_special_tokens=False)["input_ids"], 0])
        for read, wanted in zip(ids[:-1].split(CONTEXT), ids[1:].split(CONTEXT), strict=True):
            with torch.no_grad():
                states = model.transformer(input_ids=read[None]).last_hidden_state[0]
                nats += float(functional.cross_entropy(states @ head.T, wanted, reduction="sum"))
            count += len(wanted)
    return math.exp(nats / count)


@pytest.mark.parametrize("method", ["full", "lora", "partial"])
def test_a_classifiers_backbone_is_asked_for_words_again(gpt2_lm: str, method: str) -> None:
    heard = run(gpt2_lm, method, text_data(), **WATCHED)
    finish = heard.finish
    assert finish.source_perplexity_before == pytest.approx(perplexity_by_hand(gpt2_lm, {}), rel=1e-4)
    assert finish.source_perplexity_after == pytest.approx(perplexity_by_hand(gpt2_lm, heard.adapted_tensors), rel=1e-4)
    assert finish.source_perplexity_after != finish.source_perplexity_before
    assert (finish.source_texts, finish.source_unchanged, finish.source_agreement) == (90, False, None)
    kept = heard.run.arrays[GENERAL_FILE]
    assert TextLosses(kept["after"], kept["tokens"]).perplexity == finish.source_perplexity_after


@pytest.mark.parametrize("method", ["linear_probe", "nearest_centroid"])
def test_a_backbone_that_is_untouched_isnt_asked(gpt2_lm: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(gpt2_lm, method, text_data(), **WATCHED).finish
    assert first.source_unchanged
    assert first.source_perplexity_after == first.source_perplexity_before
    monkeypatch.setattr(untouched, "_known", {})  # as in another process
    monkeypatch.setattr(forgetting, "read_texts", None)
    again = run(gpt2_lm, method, text_data(), **WATCHED).finish
    assert again.source_perplexity_after == first.source_perplexity_after


def test_a_run_from_an_earlier_one_is_measured_against_the_untouched_model(gpt2_lm: str) -> None:
    """Its own backbone is frozen, and has forgotten all the same: in the run before."""
    first = run(gpt2_lm, "full", corpus(), task="language_modeling", **WATCHED)
    before = first.finish
    heard = run(gpt2_lm, "linear_probe", text_data(), start=first.run, **WATCHED)
    finish = heard.finish
    assert not finish.source_unchanged
    assert finish.frozen_intact
    assert finish.source_perplexity_before == pytest.approx(before.source_perplexity_before, rel=1e-6)
    assert finish.source_perplexity_after == pytest.approx(perplexity_by_hand(gpt2_lm, first.adapted_tensors), rel=1e-4)


def test_a_model_of_words_keeps_what_its_test_found(gpt2_lm: str) -> None:
    heard = run(gpt2_lm, "linear_probe", corpus(), task="language_modeling", **WATCHED)
    finish, kept = heard.finish, heard.run.arrays[GENERAL_FILE]
    assert finish.source_texts == 90
    assert not finish.source_unchanged, "its backbone is, and its head has learnt"
    for name, figure in (("before", finish.source_perplexity_before), ("after", finish.source_perplexity_after)):
        assert TextLosses(kept[name], kept["tokens"]).perplexity == figure


def test_masked_words_are_measured_too(bert_lm: str) -> None:
    finish = run(bert_lm, "full", text_data(), **WATCHED).finish
    assert finish.source_perplexity_before is not None
    assert finish.source_perplexity_after != finish.source_perplexity_before


@pytest.mark.parametrize("method", ["from_scratch", "random_features"])
def test_controls_have_nothing_to_forget(gpt2_lm: str, method: str) -> None:
    heard = run(gpt2_lm, method, text_data(), **WATCHED)
    assert (heard.finish.source_perplexity_before, heard.finish.source_texts) == (None, 0)
    assert heard.run.arrays == {}


@pytest.mark.parametrize("shape", ["bert", "resnet"])
def test_a_backbone_without_a_head_says_nothing(shape: str, request: pytest.FixtureRequest) -> None:
    data = text_data() if shape == "bert" else image_data()
    heard = run(request.getfixturevalue(shape), "full", data, **WATCHED)
    assert heard.run.arrays == {}
    assert heard.finish.source_agreement is None


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("shape", HEADS)
def test_agreement_is_how_often_the_source_head_says_the_same(shape: str, method: str, tmp_path: Path) -> None:
    folder = save_with_source_head(shape, tmp_path)
    heard = run(folder, method, image_data(), **WATCHED)
    pixels = pixels_of(load_backbone(folder).processor, shape)
    model = hf.AutoModelForImageClassification.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        before = model(pixels).logits.argmax(dim=1)
        state = model.base_model.state_dict()
        for name, tensor in heard.adapted_tensors.items():
            state[name].copy_(tensor)
        after = model(pixels).logits.argmax(dim=1)
    np.testing.assert_array_equal(heard.run.arrays[AGREEMENT_FILE]["same"], (before == after).numpy())
    finish = heard.finish
    assert finish.source_agreement == float((before == after).float().mean())
    assert (finish.source_examples, finish.source_texts) == (16, 0)
    assert finish.source_unchanged is not bool(heard.adapted_tensors)  # no gradient reaches MobileNet's adapters


def test_training_shows_in_the_agreement(tmp_path: Path) -> None:
    """Else the test before could pass with a head that says one thing of everything."""
    folder = save_with_source_head("resnet", tmp_path)
    heard = run(folder, "full", image_data(), observers=(observe_forgetting,), epochs=6, rate_factor=5.0)
    agreement = heard.finish.source_agreement
    assert agreement is not None
    assert agreement < 1


def test_a_frozen_image_backbone_agrees_with_itself(tmp_path: Path) -> None:
    heard = run(save_with_source_head("resnet", tmp_path), "linear_probe", image_data(), **WATCHED)
    finish = heard.finish
    assert (finish.source_agreement, finish.source_examples, finish.source_unchanged) == (1.0, 16, True)


def test_drifted_statistics_are_a_change(tmp_path: Path) -> None:
    folder = save_with_source_head("resnet", tmp_path)
    heard = run(folder, "linear_probe", image_data(), batchnorm="train", **WATCHED)
    assert not heard.finish.source_unchanged


def test_of_many_images_some_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "MOST_IMAGES", 5)
    heard = run(save_with_source_head("resnet", tmp_path), "full", image_data(), **WATCHED)
    assert heard.finish.source_examples == len(heard.run.arrays[AGREEMENT_FILE]["same"]) == 5


def test_large_backbones_read_fewer_texts(gpt2_lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "SMALL_PARAMETERS", 1)
    assert run(gpt2_lm, "full", text_data(), **WATCHED).finish.source_texts == 30


def test_a_backbone_too_large_for_a_second_copy_isnt_asked(gpt2_lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "LARGEST_PARAMETERS", 1)
    assert run(gpt2_lm, "full", text_data(), **WATCHED).finish.source_texts == 0


@pytest.mark.usefixtures("global_generator_kept")
@pytest.mark.parametrize("method", ["linear_probe", "full", "lora"])
def test_a_run_is_the_same_with_it_and_without(gpt2_lm: str, method: str) -> None:
    watched, plain = run(gpt2_lm, method, text_data(), **WATCHED), run(gpt2_lm, method, text_data(), epochs=2)
    losses = [[event.train_loss for event in heard.of(StepTaken)] for heard in (watched, plain)]
    assert losses[0] == losses[1]
    assert watched.run.changed_tensors.keys() == plain.run.changed_tensors.keys()
    for name, tensor in plain.run.changed_tensors.items():
        assert torch.equal(tensor, watched.run.changed_tensors[name])


def test_what_was_measured_once_is_read_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = TextLosses(np.array([1.0, 1 / 3, np.pi]), np.array([1, 2, 3]))
    asked: list[int] = []

    def measure() -> TextLosses:
        asked.append(1)
        return measured

    def ask(fingerprint: str = "f", arithmetic: Arithmetic | None = None) -> TextLosses | None:
        monkeypatch.setattr(untouched, "_known", {})
        return untouched_losses(fingerprint, arithmetic or Arithmetic(), ["a", "b", "c"], measure=measure)

    first, again = ask(), ask()
    assert again is not None
    assert first is not None
    assert again.losses.tobytes() == first.losses.tobytes()
    assert again.tokens.tobytes() == first.tokens.tobytes()
    assert len(asked) == 1
    ask("another")
    ask("f", Arithmetic(precision="bfloat16"))
    assert len(asked) == 3


def test_a_damaged_file_is_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = TextLosses(np.array([1.0]), np.array([4]))
    for content in (None, b"", b"PK damaged", b"\x93NUMPY"):
        if content is not None:
            for file in (tmp_path / "home" / "cache" / "untouched").iterdir():
                file.write_bytes(content)
        monkeypatch.setattr(untouched, "_known", {})
        found = untouched_losses("f", Arithmetic(), ["a"], measure=lambda: measured)
        assert found is not None
        assert found.losses[0] == 1.0


def test_nothing_is_kept_of_what_predicts_no_words(tmp_path: Path) -> None:
    assert untouched_losses("f", Arithmetic(), ["a"], measure=lambda: None) is None
    assert not (tmp_path / "home" / "cache" / "untouched").exists()
