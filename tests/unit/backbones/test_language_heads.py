"""The head for words is the model's own, whatever the architecture; it is kept, drawn anew, or tied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as hf
from torch import nn

from tests.unit.backbones.tiny import (
    MASKED_SHAPES,
    TEXT_SHAPES,
    build_language_model,
    build_tokenizer,
    save_tiny,
    save_tiny_language_model,
)
from tlvsft.backbones import (
    Backbone,
    WordHead,
    language_objective,
    load_backbone,
    load_language_head,
    word_models,
)
from tlvsft.config import LANGUAGE_HEADS, LanguageHead
from tlvsft.errors import BackboneError

SMALL = {
    "vocab_size": 16,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 32,
    "pad_token_id": 1,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
INPUTS = torch.tensor([[3, 4, 5, 6], [7, 8, 9, 10]])


def load_head(backbone: Backbone, kind: LanguageHead = "kept", *, seed: int = 0) -> WordHead:
    return load_language_head(backbone, kind, generator=torch.Generator().manual_seed(seed))


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_the_kept_head_gives_the_logits_of_the_whole_model(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    with torch.inference_mode():
        expected = build_language_model(shape)(input_ids=INPUTS).logits
        logits = load_head(backbone)(backbone.model(input_ids=INPUTS).last_hidden_state)
    assert torch.allclose(logits, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("config", "objective"),
    [
        (hf.GPTNeoXConfig(**SMALL), "causal"),  # its head is stored under another name than it is loaded
        (hf.OPTConfig(**SMALL, ffn_dim=24, word_embed_proj_dim=16), "causal"),  # calls the decoder in its layers
        (hf.CohereConfig(**SMALL, logit_scale=0.3), "causal"),  # scales its logits
        (hf.XLMRobertaConfig(**SMALL), "masked"),  # names its layers after another model
        (hf.AlbertConfig(**SMALL, embedding_size=8), "masked"),  # its embedding is narrower than its layers
        (hf.ElectraConfig(**SMALL, embedding_size=8), "masked"),
    ],
    ids=lambda value: getattr(value, "model_type", None),
)
def test_other_architectures_keep_their_logits(config: Any, objective: str, tmp_path: Path) -> None:
    auto = hf.AutoModelForMaskedLM if objective == "masked" else hf.AutoModelForCausalLM
    torch.manual_seed(0)
    auto.from_config(config).save_pretrained(tmp_path)
    build_tokenizer(with_pad=True, with_mask=True).save_pretrained(tmp_path)
    backbone = load_backbone(str(tmp_path))
    assert language_objective(backbone) == objective
    with torch.inference_mode():
        states = backbone.model(input_ids=INPUTS).last_hidden_state
        expected = auto.from_pretrained(tmp_path)(input_ids=INPUTS).logits
        assert torch.allclose(load_head(backbone)(states), expected, atol=1e-6)
        assert load_head(backbone, "tied")(states).shape == expected.shape
    assert backbone.language_head_parameters == count(load_head(backbone, "new"))


def test_a_head_that_cannot_stand_alone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_models._GivenStates, "decoder", None)
    config = hf.OPTConfig(**SMALL, ffn_dim=24, word_embed_proj_dim=16)
    hf.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    build_tokenizer(with_pad=True).save_pretrained(tmp_path)
    with pytest.raises(BackboneError, match="doesn't stand alone") as caught:
        load_head(load_backbone(str(tmp_path)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_what_a_model_predicts_is_read_from_its_config(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    assert language_objective(backbone) == ("masked" if shape in MASKED_SHAPES else "causal")


def test_a_bert_that_says_that_it_is_a_decoder_predicts_next_words(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("bert", tmp_path, is_decoder=True))
    assert language_objective(backbone) == "causal"


@pytest.mark.parametrize("shape", TEXT_SHAPES)
@pytest.mark.parametrize("tied", [True, False])
def test_the_summary_counts_the_head_that_is_loaded(shape: str, tied: bool, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path, tie_word_embeddings=tied))
    counted = backbone.summary().language_head_parameters
    assert counted == count(load_head(backbone)) == count(load_head(backbone, "new"))
    assert counted is not None
    assert counted >= 16 * 16


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_a_kept_head_is_a_copy_and_a_tied_one_is_the_embedding_itself(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    embedding = backbone.model.get_input_embeddings().weight
    kept, tied = load_head(backbone), load_head(backbone, "tied")
    assert all(parameter.data_ptr() != embedding.data_ptr() for parameter in kept.parameters())
    assert count(tied) == count(kept) - embedding.numel()
    assert not any(torch.equal(tensor, embedding) for tensor in tied.state_dict().values())
    states = backbone.model(input_ids=INPUTS).last_hidden_state.detach()
    before = tied(states)
    before.sum().backward()
    assert embedding.grad is not None
    with torch.no_grad():
        embedding.zero_()
    assert not torch.equal(tied(states), before)


def test_an_untied_pretrained_head_can_be_tied(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path, tie_word_embeddings=False))
    states = torch.randn(1, 3, 16, generator=torch.Generator().manual_seed(0))
    assert not torch.equal(load_head(backbone)(states), load_head(backbone, "tied")(states))


@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_a_new_head_has_the_shape_of_the_old_one_and_comes_from_its_generator_alone(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model(shape, tmp_path))
    torch.manual_seed(1)
    first = load_head(backbone, "new", seed=3).state_dict()
    torch.manual_seed(2)
    again, other = load_head(backbone, "new", seed=3).state_dict(), load_head(backbone, "new", seed=4).state_dict()
    kept = load_head(backbone).state_dict()
    assert {name: tensor.shape for name, tensor in first.items()} == {name: t.shape for name, t in kept.items()}
    assert all(torch.equal(first[name], again[name]) for name in first)
    for name, tensor in first.items():
        if tensor.dim() > 1:
            assert not torch.equal(tensor, kept[name])
            assert not torch.equal(tensor, other[name])
            assert tensor.std().item() == pytest.approx(0.02, rel=0.2)
        else:
            assert torch.all(tensor == (0.0 if name.endswith("bias") else 1.0))


@pytest.mark.parametrize("kind", LANGUAGE_HEADS)
@pytest.mark.parametrize("shape", ["llama", "bert"])
def test_a_model_saved_without_its_head_has_none(shape: str, kind: LanguageHead, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    assert backbone.summary().language_head_parameters is None
    with pytest.raises(BackboneError, match="no pretrained head that predicts words") as caught:
        load_head(backbone, kind)
    assert "\n" not in str(caught.value)


def test_looking_for_a_head_draws_nothing_from_the_global_generator(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny("llama", tmp_path))
    before = torch.get_rng_state()
    assert backbone.language_head_parameters is None
    assert torch.equal(torch.get_rng_state(), before)


def test_an_image_backbone_predicts_no_words(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny("resnet", tmp_path))
    assert backbone.summary().language_head_parameters is None
    with pytest.raises(BackboneError, match="no pretrained head that predicts words"):
        language_objective(backbone)


def test_a_head_that_is_gone_since_is_said_in_one_line(tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny_language_model("gpt2", tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"not a tensor")
    with pytest.raises(BackboneError, match="can't be read") as caught:
        load_head(backbone)
    assert "\n" not in str(caught.value)


def test_loading_a_head_draws_nothing_from_the_global_generator_and_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    backbone = load_backbone(save_tiny_language_model("bert", tmp_path))
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    load_head(backbone, "new", seed=9)
    assert torch.equal(torch.rand(1), expected)
    assert capfd.readouterr() == ("", "")


def test_the_bundled_language_model_kept_a_head_of_its_own() -> None:
    backbone = load_backbone("wiki-gpt")
    assert language_objective(backbone) == "causal"
    assert backbone.summary().language_head_parameters == count(load_head(backbone)) == 8192 * 192
