"""Tiny backbones with random weights, one of each shape, saved as real ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = ("good", "bad", "book", "film", "the", "a", "dull", "fine", "plot", "end")
CONTEXT = 16
_ENCODER = {
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 24,
}

CONFIGS: dict[str, Any] = {
    "bert": lambda: hf.BertConfig(vocab_size=16, max_position_embeddings=CONTEXT, **_ENCODER),
    "distilbert": lambda: hf.DistilBertConfig(
        vocab_size=16, max_position_embeddings=CONTEXT, dim=16, n_layers=3, n_heads=2, hidden_dim=24
    ),
    "gpt2": lambda: hf.GPT2Config(
        vocab_size=16, n_positions=CONTEXT, n_embd=16, n_layer=3, n_head=2, bos_token_id=0, eos_token_id=0
    ),
    "llama": lambda: hf.LlamaConfig(
        vocab_size=16,
        max_position_embeddings=CONTEXT,
        num_key_value_heads=1,
        bos_token_id=0,
        eos_token_id=0,
        **_ENCODER,
    ),
    "resnet": lambda: hf.ResNetConfig(
        num_channels=1, embedding_size=8, hidden_sizes=[8, 12, 16], depths=[1, 1, 1], layer_type="basic"
    ),
    "vit": lambda: hf.ViTConfig(image_size=16, patch_size=4, num_channels=3, **_ENCODER),
    "mobilenet_v1": lambda: hf.MobileNetV1Config(image_size=32, depth_multiplier=0.25),
    "mobilenet_v2": lambda: hf.MobileNetV2Config(image_size=32, depth_multiplier=0.35),
}
TEXT_SHAPES = ("bert", "distilbert", "gpt2", "llama")
MASKED_SHAPES = ("bert", "distilbert")
IMAGE_SHAPES = ("resnet", "vit", "mobilenet_v1", "mobilenet_v2")


def build_model(shape: str, *, seed: int = 0) -> hf.PreTrainedModel:
    """A tiny model with random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: hf.PreTrainedModel = hf.AutoModel.from_config(CONFIGS[shape]())
    return model


def build_tokenizer(*, with_pad: bool, with_mask: bool = False) -> hf.PreTrainedTokenizerFast:
    """Words to numbers; GPT-2's and LLaMA's have no padding token. With a mask come the marks around a text."""
    end, unknown, pad = "<end>", "<unk>", "<pad>"
    marks = {"cls_token": "<cls>", "sep_token": "<sep>", "mask_token": "<mask>"} if with_mask else {}
    vocabulary = {word: number for number, word in enumerate((end, unknown, pad, *WORDS, *marks.values()))}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=unknown))
    tokenizer.pre_tokenizer = Whitespace()
    special = {"eos_token": end, "unk_token": unknown} | ({"pad_token": pad} if with_pad else {}) | marks
    return hf.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)


def build_image_processor(model: hf.PreTrainedModel) -> Any:
    """Resizes to what the model wants and scales to -1 … 1."""
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    channels = model.config.num_channels
    side = getattr(model.config, "image_size", 16)
    return ViTImageProcessorPil(
        size={"height": side, "width": side}, image_mean=[0.5] * channels, image_std=[0.5] * channels
    )


def save_tiny(shape: str, folder: Path) -> str:
    """Saves a tiny backbone with its processor; returns its folder, a name that `load_backbone` takes."""
    model = build_model(shape)
    model.save_pretrained(folder)
    if shape in TEXT_SHAPES:
        build_tokenizer(with_pad=shape in {"bert", "distilbert"}).save_pretrained(folder)
    else:
        build_image_processor(model).save_pretrained(folder)
    return str(folder)


def build_language_model(shape: str, *, seed: int = 0, **changes: Any) -> hf.PreTrainedModel:
    """A tiny model with random weights and its head for words; `changes` go into its config."""
    config = CONFIGS[shape]()
    config.update(changes)
    loader = hf.AutoModelForMaskedLM if shape in MASKED_SHAPES else hf.AutoModelForCausalLM
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: hf.PreTrainedModel = loader.from_config(config)
        with torch.no_grad():
            for parameter in model.parameters():  # biases and norms, too: one that is lost must show
                parameter.add_(torch.randn_like(parameter), alpha=0.1)
    return model.eval()


def save_tiny_language_model(shape: str, folder: Path, **changes: Any) -> str:
    """Saves a tiny backbone with its head for words and its tokenizer; returns its folder."""
    build_language_model(shape, **changes).save_pretrained(folder)
    masked = shape in MASKED_SHAPES
    build_tokenizer(with_pad=masked, with_mask=masked).save_pretrained(folder)
    return str(folder)
