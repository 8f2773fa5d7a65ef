"""A run's trained model as a folder in transformers' own layout, which plain `from_pretrained` loads.

What is written is loaded again and must answer as the app's own model does, or it isn't given away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForMaskedLM,
)

from tlvsft.backbones import Backbone, language_objective
from tlvsft.backbones.features import read_features
from tlvsft.backbones.library import silence_transformers
from tlvsft.backbones.word_models import read_word_model, untie_head
from tlvsft.errors import RunError
from tlvsft.report.cards import ModelFacts, model_card
from tlvsft.report.image_modes import MODES
from tlvsft.report.templates import fill_in
from tlvsft.runs.artifacts import Checkpoint, load_checkpoint
from tlvsft.runs.store import Store
from tlvsft.tasks import CentroidHead, LinearHead
from tlvsft.tasks.text_classification import find_context
from tlvsft.training.restoring import Classifier, WordPredictor, restore_classifier, restore_word_predictor

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from tlvsft.runs.records import RunRecord

HEAD_FILE, CARD_FILE, CLASSIFY_FILE = "head.safetensors", "README.md", "classify.py"
TOLERANCE = 1e-4
"""How far the logits of what was written may be from the app's own."""
_TRIED = 2
_TRIED_TOKENS = 8
_TRIED_SIDE = 64


def write_model(store: Store, run: RunRecord, folder: Path) -> None:
    """Writes a run's model with its tokenizer or image processor and a card.

    Args:
        store: Where the run is.
        run: Finished, or stopped with weights.
        folder: Exists, and is empty.

    Raises:
        InvalidInput: It has no weights (any more), or its backbone has changed since.
        RunError: transformers' own class doesn't compute what the app does.
    """
    silence_transformers()
    checkpoint = load_checkpoint(store.run_folder(run.id))
    write = _write_words if run.config.task == "language_modeling" else _write_classes
    loader, mode = write(checkpoint, folder)
    facts = ModelFacts.read(store, run, classes=checkpoint.class_names, step=checkpoint.step, loader=loader, mode=mode)
    (folder / CARD_FILE).write_text(model_card(facts), encoding="utf-8")


def _write_classes(checkpoint: Checkpoint, folder: Path) -> tuple[str, str | None]:
    """Writes a classifier; gives the name of the class that loads it, and the mode of pictures that it reads."""
    classifier = restore_classifier(
        checkpoint.config,
        changed_tensors=checkpoint.changed_tensors,
        class_names=checkpoint.class_names,
        backbone_fingerprint=checkpoint.backbone_fingerprint,
    )
    weight, bias = fold_head(classifier.model.head)
    if classifier.backbone.modality == "text":
        _write_text_classifier(classifier, weight, bias, folder)
        return AutoModel.__name__, None
    _write_image_classifier(classifier, weight, bias, folder)
    return AutoModelForImageClassification.__name__, MODES[classifier.backbone.model.config.num_channels]


def fold_head(head: LinearHead | CentroidHead) -> tuple[Tensor, Tensor]:
    """The head as one linear layer on unscaled features: weight `(classes, features)`, bias `(classes,)`.

    Distances to centroids are linear up to a term that all classes share: probabilities stay, logits are shifted.
    """
    mean, deviation = head.scale.mean.double(), head.scale.deviation.double()
    if isinstance(head, LinearHead):
        inner, bias = head.linear.weight.detach().double(), head.linear.bias.detach().double()
    else:  # -|x - c|² / d = (2 c·x - |c|² - |x|²) / d
        size = head.centroids.shape[1]
        inner = 2 * head.centroids.double() / size
        bias = -head.centroids.double().square().sum(dim=1) / size
    weight = inner / deviation
    return weight.float().contiguous(), (bias - weight @ mean).float()


def _write_image_classifier(classifier: Classifier, weight: Tensor, bias: Tensor, folder: Path) -> None:
    backbone = classifier.backbone
    config = _named_config(backbone.model.config, classifier.class_names)
    with torch.random.fork_rng(devices=[]):
        model: Any = _build(AutoModelForImageClassification, config)
    linear = _find_last_linear(model)
    if linear is None or linear.weight.shape != weight.shape:
        raise _cannot_load(type(model).__name__)
    model.base_model.load_state_dict(backbone.model.state_dict())
    with torch.no_grad():
        linear.weight.copy_(weight)
        linear.bias.copy_(bias)
    _save(model.eval(), backbone, folder)
    batch = _pictures(backbone)
    loaded = _load(AutoModelForImageClassification, folder)
    with torch.inference_mode():
        theirs, ours = loaded(**batch).logits, classifier.model(batch)
        _check_equal(theirs.log_softmax(dim=1), ours.log_softmax(dim=1), type(model).__name__)


def _write_text_classifier(classifier: Classifier, weight: Tensor, bias: Tensor, folder: Path) -> None:
    """The backbone, the head beside it, and a script of a few lines: no class of transformers reads both layers."""
    backbone = classifier.backbone
    backbone.model.config = _named_config(backbone.model.config, classifier.class_names)
    _save(backbone.model, backbone, folder)
    save_file({"weight": weight, "bias": bias}, folder / HEAD_FILE)
    written = fill_in("classify.py.txt", CONTEXT=str(find_context(backbone)))
    (folder / CLASSIFY_FILE).write_text(written, encoding="utf-8")
    batch, loaded = _tokens(backbone), _load(AutoModel, folder)
    with torch.inference_mode():
        theirs, ours = read_features(loaded, "text", batch) @ weight.T + bias, classifier.model(batch)
        _check_equal(theirs.log_softmax(dim=1), ours.log_softmax(dim=1), type(backbone.model).__name__)


def _write_words(checkpoint: Checkpoint, folder: Path) -> tuple[str, None]:
    predictor = restore_word_predictor(
        checkpoint.config,
        changed_tensors=checkpoint.changed_tensors,
        backbone_fingerprint=checkpoint.backbone_fingerprint,
    )
    return save_word_model(predictor, folder), None


def save_word_model(predictor: WordPredictor, folder: Path) -> str:
    """Writes a language model with its head; gives the name of the class that loads it.

    Raises:
        RunError: transformers' own class doesn't compute what the app does.
    """
    backbone = predictor.backbone
    loader: Any = AutoModelForCausalLM if language_objective(backbone) == "causal" else AutoModelForMaskedLM
    model: Any = read_word_model(backbone.source, backbone.model.config)
    untie_head(model)
    model.config.tie_word_embeddings = False
    model.base_model.load_state_dict(backbone.model.state_dict())
    head = predictor.model.head.network
    model.load_state_dict({**model.state_dict(), **head.state_dict()})
    projection = model.get_output_embeddings()
    if projection.bias is not None:  # BERT's is shared, too, and only one of the two would be stored
        projection.bias = nn.Parameter(projection.bias.detach().clone())
    name = next(name for name, module in model.named_modules() if module is projection)
    with torch.no_grad():  # a tied head's weights are the embedding's, and in no state dict
        projection.weight.copy_(head.get_submodule(name).weight)
    _save(model.eval(), backbone, folder)
    batch, loaded = _tokens(backbone), _load(loader, folder)
    with torch.inference_mode():
        _check_equal(loaded(**batch).logits, predictor.model(batch), type(model).__name__)
    return str(loader.__name__)


def _named_config(config: Any, class_names: Sequence[str]) -> Any:
    """A copy of a configuration that knows the classes."""
    named = type(config).from_dict(config.to_dict())
    named.id2label = dict(enumerate(class_names))
    named.label2id = {name: number for number, name in enumerate(class_names)}
    return named


def _build(loader: Any, config: Any) -> Any:
    try:
        return loader.from_config(config, dtype=torch.float32)
    except ValueError as error:
        raise _cannot_load(type(config).__name__) from error


def _find_last_linear(model: nn.Module) -> nn.Linear | None:
    """The layer that gives the classes: the last linear one outside the backbone."""
    inside = {id(module) for module in model.base_model.modules()}  # type: ignore[union-attr]
    outside = [module for module in model.modules() if isinstance(module, nn.Linear) and id(module) not in inside]
    return outside[-1] if outside else None


def _save(model: PreTrainedModel, backbone: Backbone, folder: Path) -> None:
    model.config.dtype = torch.float32
    model.save_pretrained(folder)
    backbone.processor.save_pretrained(folder)


def _load(loader: Any, folder: Path) -> PreTrainedModel:
    with torch.random.fork_rng(devices=[]):
        model: PreTrainedModel = loader.from_pretrained(folder, trust_remote_code=False)
    return model.eval()  # type: ignore[no-untyped-call, no-any-return]


def _tokens(backbone: Backbone) -> dict[str, Tensor]:
    """A few texts of random tokens, always the same."""
    size = min(_TRIED_TOKENS, find_context(backbone))
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(len(backbone.processor), (_TRIED, size), generator=generator)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def _pictures(backbone: Backbone) -> dict[str, Tensor]:
    """A few pictures of random pixels, always the same, in the size that the backbone reads."""
    config = backbone.model.config
    size = getattr(config, "image_size", None) or _TRIED_SIDE
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    shape = (_TRIED, config.num_channels, height, width)
    return {"pixel_values": torch.randn(shape, generator=torch.Generator().manual_seed(0))}


def _check_equal(theirs: Tensor, ours: Tensor, name: str) -> None:
    scale = max(1.0, float(ours.abs().max()))
    if theirs.shape != ours.shape or float((theirs - ours).abs().max()) > TOLERANCE * scale:
        raise _cannot_load(name)


def _cannot_load(name: str) -> RunError:
    return RunError(
        f"transformers' own {name} doesn't compute what was trained here, so this model can't be given away."
    )
