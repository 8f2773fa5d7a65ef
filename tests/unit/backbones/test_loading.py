"""Backbones load from a folder in float32, and everything that can be wrong with one is said in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.unit.backbones.tiny import CONFIGS, IMAGE_SHAPES, build_model, build_tokenizer, save_tiny
from tlvsft.backbones import load_backbone, summarize_backbone
from tlvsft.errors import BackboneError


def refusal(name: str) -> str:
    with pytest.raises(BackboneError) as caught:
        load_backbone(name)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 300
    return message


@pytest.mark.parametrize("shape", CONFIGS)
def test_each_shape_loads_from_its_folder(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    assert backbone.modality == ("image" if shape in IMAGE_SHAPES else "text")
    assert {parameter.dtype for parameter in backbone.model.parameters()} == {torch.float32}
    assert not backbone.model.training
    summary = backbone.summary()
    assert summary.parameters == sum(parameter.numel() for parameter in backbone.model.parameters())
    assert summary.feature_size == backbone.feature_size > 0


def test_half_precision_checkpoints_train_in_float32(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    build_model("gpt2").half().save_pretrained(tmp_path)
    assert {parameter.dtype for parameter in load_backbone(name).model.parameters()} == {torch.float32}


def test_the_unused_pooler_is_no_part_of_the_backbone(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny("bert", tmp_path))
    assert not any("pooler" in name for name, _ in backbone.model.named_parameters())


def test_random_weights_depend_on_the_seed_alone_and_keep_the_fingerprint(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    pretrained = load_backbone(name)
    torch.manual_seed(1)
    first = load_backbone(name, pretrained=False, seed=3)
    torch.manual_seed(2)
    again = load_backbone(name, pretrained=False, seed=3)
    other = load_backbone(name, pretrained=False, seed=4)
    weights = [backbone.model.h[0].attn.c_attn.weight for backbone in (pretrained, first, again, other)]
    assert torch.equal(weights[1], weights[2])
    assert not torch.equal(weights[1], weights[3])
    assert not torch.equal(weights[0], weights[1])
    assert pretrained.fingerprint == first.fingerprint


def test_loading_draws_nothing_from_the_global_generator(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    load_backbone(name, pretrained=False, seed=9)
    assert torch.equal(torch.rand(1), expected)


def test_the_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    before = load_backbone(name).fingerprint
    build_model("gpt2", seed=1).save_pretrained(tmp_path)
    assert load_backbone(name).fingerprint != before


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    assert "config.json" in refusal(str(tmp_path))


def test_a_corrupt_config_is_refused(tmp_path: Path) -> None:
    save_tiny("gpt2", tmp_path)
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    assert "config.json" in refusal(str(tmp_path))


def test_an_unknown_architecture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "frobnicator"}), encoding="utf-8")
    assert "standard architecture" in refusal(str(tmp_path))


def test_remote_code_is_never_run(tmp_path: Path) -> None:
    save_tiny("gpt2", tmp_path)
    config = {"model_type": "custom", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "evil.py").write_text("raise SystemExit('remote code ran')", encoding="utf-8")
    assert "never run" in refusal(str(tmp_path))


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(build_model("gpt2").state_dict(), tmp_path / "pytorch_model.bin")
    assert "pickled" in refusal(name)


def test_corrupt_weights_are_refused(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not a tensor")
    assert "safetensors" in refusal(name)


def test_missing_weights_are_refused_rather_than_drawn_at_random(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    kept = {key: tensor for key, tensor in weights.items() if "h.1." not in key}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert "don't fit" in refusal(name)


def test_a_missing_processor_is_refused(tmp_path: Path) -> None:
    build_model("resnet").save_pretrained(tmp_path / "image")
    build_model("gpt2").save_pretrained(tmp_path / "text")
    assert "image processor" in refusal(str(tmp_path / "image"))
    assert "tokenizer" in refusal(str(tmp_path / "text"))


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    name = save_tiny("gpt2", tmp_path)
    tokenizer = build_tokenizer(with_pad=True)
    tokenizer.add_tokens([f"word{number}" for number in range(10)])
    tokenizer.save_pretrained(tmp_path)
    assert "tokenizer" in refusal(name)


@pytest.mark.parametrize("name", ["no/such/folder/at-all", "/no/such/folder", "", "a b", "../x" * 40])
def test_a_name_that_is_neither_folder_nor_id_is_refused(name: str) -> None:
    assert "choose one of glyphs-resnet, photos-resnet, wiki-gpt" in refusal(name)


def test_an_id_that_the_hub_does_not_give_is_refused() -> None:
    assert "network" in refusal("nobody-at-all/no-such-model")


def test_a_summary_says_what_the_blocks_hold(tmp_path: Path) -> None:
    summary = summarize_backbone(save_tiny("resnet", tmp_path))
    assert summary.block_names == ("embedding", "0", "1", "2")
    assert summary.feature_size == 16
