"""Loads a backbone by bundled name, local folder or Hub id: safetensors only, float32, no remote code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor
from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer, PreTrainedModel

from tlvsft.backbones.adaptable import count_adapter_parameters
from tlvsft.backbones.blocks import Block, split_into_blocks
from tlvsft.backbones.features import read_features
from tlvsft.backbones.freezing import fingerprint_tensors
from tlvsft.backbones.library import LOAD_ERRORS, silence_transformers
from tlvsft.backbones.word_models import count_word_head
from tlvsft.catalog.backbones import BACKBONES, BackboneSummary, BlockSummary
from tlvsft.config import Modality
from tlvsft.errors import BackboneError, shorten

_EXAMPLE_SIDE = 64
_HUB_ID = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?")


@dataclass(eq=False)
class Backbone:
    """A pretrained model without its head.

    Attributes:
        name: As the user gave it.
        modality: What it reads.
        model: A transformers model, float32.
        processor: Its tokenizer or image processor.
        blocks: From input to output; each parameter is in exactly one.
        feature_size: Length of a pooled feature vector.
        fingerprint: Hash of the *pretrained* weights, also where `model` was given random ones.
        pretrained_state: The pretrained weights, by their names in `model.state_dict()`.
        source: The folder or Hub id that it was loaded from.
    """

    name: str
    modality: Modality
    model: PreTrainedModel
    processor: Any
    blocks: tuple[Block, ...]
    feature_size: int
    fingerprint: str
    pretrained_state: Mapping[str, Tensor]
    source: str

    @cached_property
    def language_head_parameters(self) -> int | None:
        """Parameters of the pretrained head that predicts words, untied; `None` if there is none.

        The first question reads the model once more, with its head.
        """
        return count_word_head(self.source, self.model.config) if self.modality == "text" else None

    def features(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Feature vectors, shape `(batch, feature_size)`, for what the processor made of a batch of examples."""
        return read_features(self.model, self.modality, batch)

    def summary(self, *, with_language_head: bool = True) -> BackboneSummary:
        """This backbone seen from outside; without its language head nothing has to be read for it."""
        blocks = tuple(
            BlockSummary(
                name=block.name,
                parameters=block.count_parameters(),
                adapter_parameters=count_adapter_parameters(block),
            )
            for block in self.blocks
        )
        return BackboneSummary(
            name=self.name,
            modality=self.modality,
            blocks=blocks,
            feature_size=self.feature_size,
            language_head_parameters=self.language_head_parameters if with_language_head else None,
        )


def load_backbone(name: str, *, pretrained: bool = True, seed: int = 0) -> Backbone:
    """Loads a backbone.

    Args:
        name: A bundled backbone's name, a folder in the `save_pretrained` layout, or a Hub id.
        pretrained: Whether to keep the pretrained weights; else the same architecture gets random ones.
        seed: Of the random weights.

    Raises:
        BackboneError: It can't be found, read, or split into blocks.
    """
    silence_transformers()
    source = _locate(name)
    config = _load_config(name, source)
    with torch.random.fork_rng(devices=[]):  # a pooler that was not stored is drawn, only to be dropped
        model = _load_model(name, source)
    modality = _modality_of(name, model)
    processor = _load_processor(name, source, modality)
    if modality == "text":
        _check_tokenizer(name, processor, model)
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    if not pretrained:
        model = _reinitialise(config, seed)
    model.eval()  # type: ignore[no-untyped-call]
    return Backbone(
        name=name,
        modality=modality,
        model=model,
        processor=processor,
        blocks=split_into_blocks(model),
        feature_size=_measure_feature_size(name, modality, model),
        fingerprint=fingerprint_tensors(state.values()),
        pretrained_state=state,
        source=source,
    )


def _locate(name: str) -> str:
    if name in BACKBONES:
        path = BACKBONES[name].path
        if not (path / "config.json").is_file():
            raise BackboneError(f"The bundled backbone {name!r} is not installed: {path} has no config.json.")
        return str(path)
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return str(folder)
    if not _HUB_ID.fullmatch(name):
        raise BackboneError(f"{shorten(name)!r} is neither a folder nor a Hub id: {_choices()}")
    return name


def _load_config(name: str, source: str) -> Any:
    is_folder = Path(source).is_dir()
    if is_folder and not (Path(source) / "config.json").is_file():
        raise BackboneError(f"{shorten(name)!r} has no config.json: give a folder written by save_pretrained().")
    try:
        return AutoConfig.from_pretrained(source, trust_remote_code=False)
    except OSError as error:
        if is_folder:
            raise BackboneError(f"The config.json of {shorten(name)!r} can't be read: save the model again.") from error
        raise BackboneError(
            f"Can't get {shorten(name)!r} from the Hub: check the id and the network; offline, {_choices()}"
        ) from error
    except LOAD_ERRORS as error:
        raise BackboneError(
            f"{shorten(name)!r} is no model that transformers {transformers.__version__} knows "
            "(code from the Hub is never run): choose a model of a standard architecture."
        ) from error


def _load_model(name: str, source: str) -> PreTrainedModel:
    try:
        model, report = AutoModel.from_pretrained(
            source, dtype=torch.float32, use_safetensors=True, trust_remote_code=False, output_loading_info=True
        )
    except LOAD_ERRORS as error:
        raise BackboneError(
            f"{shorten(name)!r} has no readable safetensors weights (pickled ones are refused for safety): load it "
            "with transformers once and save it with save_pretrained()."
        ) from error
    missing = sorted(key for key in report["missing_keys"] if not key.startswith("pooler."))
    if missing or report["mismatched_keys"]:
        raise BackboneError(
            f"The weights of {shorten(name)!r} don't fit its config.json ({len(missing)} tensors are missing): "
            "save config and weights together with save_pretrained()."
        )
    return _without_learnt_pooler(model)


def _reinitialise(config: Any, seed: int) -> PreTrainedModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AutoModel.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    return _without_learnt_pooler(model)


def _without_learnt_pooler(model: PreTrainedModel) -> PreTrainedModel:
    """Drops BERT's and ViT's dense pooler: it serves the pretraining task, and the features here don't pass it."""
    pooler = getattr(model, "pooler", None)
    if pooler is not None and next(pooler.parameters(), None) is not None:
        model.pooler = None  # type: ignore[assignment]
    if hasattr(model.config, "use_cache"):
        model.config.use_cache = False
    return model


def _modality_of(name: str, model: PreTrainedModel) -> Modality:
    match getattr(model, "main_input_name", None):
        case "input_ids":
            return "text"
        case "pixel_values":
            return "image"
    raise BackboneError(f"{shorten(name)!r} reads neither text nor images: {_choices()}")


def _load_processor(name: str, source: str, modality: Modality) -> Any:
    try:
        if modality == "text":
            return AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        return AutoImageProcessor.from_pretrained(  # type: ignore[no-untyped-call]
            source, backend="pil", trust_remote_code=False
        )
    except LOAD_ERRORS as error:
        wanted = "tokenizer" if modality == "text" else "image processor"
        raise BackboneError(
            f"{shorten(name)!r} has no {wanted} that can be loaded: save it beside the model with save_pretrained()."
        ) from error


def _check_tokenizer(name: str, tokenizer: Any, model: PreTrainedModel) -> None:
    """Where a folder has no vocabulary, transformers makes a tokenizer up that knows its special tokens alone."""
    known, readable = len(tokenizer), model.config.vocab_size
    if known <= len(tokenizer.all_special_ids):
        raise BackboneError(f"{shorten(name)!r} has no tokenizer: save it beside the model with save_pretrained().")
    if known > readable:
        raise BackboneError(
            f"The tokenizer of {shorten(name)!r} knows {known:,} tokens, the model {readable:,}: save both together."
        )


def _measure_feature_size(name: str, modality: Modality, model: PreTrainedModel) -> int:
    """Sends one empty example through, which also shows that the model can be used at all."""
    try:
        with torch.inference_mode():
            return read_features(model, modality, _empty_example(model, modality)).shape[1]
    except (*LOAD_ERRORS, IndexError) as error:
        raise BackboneError(f"{shorten(name)!r} gives no feature vector for an example: {_choices()}") from error


def _empty_example(model: PreTrainedModel, modality: Modality) -> dict[str, Tensor]:
    if modality == "text":
        token = torch.zeros(1, 1, dtype=torch.long)
        return {"input_ids": token, "attention_mask": torch.ones_like(token)}
    size = getattr(model.config, "image_size", None) or _EXAMPLE_SIDE
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    return {"pixel_values": torch.zeros(1, model.config.num_channels, height, width)}


def _choices() -> str:
    return f"choose one of {', '.join(sorted(BACKBONES))}, a folder written by save_pretrained(), or a Hub id."
