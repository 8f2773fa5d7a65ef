"""What was forgotten of the source task: the pretrained head is put back on the adapted backbone, and both are asked.

A model that predicted words reads the bundled general English. One that told classes of its own apart looks at the
test images: how often does it still say what it said before? That is agreement, a proxy, for which nobody needs to know
what it should say. Copies are asked, so nothing of the run is touched.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones.source_heads import SourceClassifier, load_source_classifier
from tlvsft.catalog.forgotten import AGREEMENT_FILE, GENERAL_FILE
from tlvsft.datasets import load_general_text
from tlvsft.errors import BackboneError
from tlvsft.tasks import EncodedInputs, encode_corpus
from tlvsft.training.classification import Classification
from tlvsft.training.language_modeling import measure_losses
from tlvsft.training.objectives import TestResult
from tlvsft.training.observing import Observation
from tlvsft.training.preparation import Preparation
from tlvsft.training.reading import EVALUATION_BATCH
from tlvsft.training.restoring import WordPredictor, load_word_predictor
from tlvsft.training.results import TextLosses
from tlvsft.training.stopping import ShouldStop, check_stop
from tlvsft.training.untouched import untouched_losses

MOST_IMAGES = 512
"""Test images that the source head looks at, evenly spread over all."""
SMALL_PARAMETERS, FEWER_TEXTS = 10_000_000, 30
"""Beyond this size of a backbone only so many texts of general English are read: a second must not become a minute."""
LARGEST_PARAMETERS = 500_000_000
"""A larger backbone isn't asked: a second copy of it might not fit into memory, and reading would take minutes."""
_BACKBONE_PREFIX = "backbone."


def observe_forgetting(run: Preparation, result: TestResult, should_stop: ShouldStop) -> Observation:
    """Measures what a backbone still knows of its source task; nothing where it came without a head for it.

    Controls that start from random weights have nothing to forget. Where every tensor of the backbone is the pretrained
    one, to the last bit, what the untouched model says stands for both.

    Raises:
        StopRequested: `should_stop` said so.
    """
    if not run.method.pretrained:
        return Observation()
    if result.source_losses is not None:
        before, after = result.source_losses
        unchanged = is_untouched(run) and np.array_equal(before.losses, after.losses)  # its head may have trained
        return _tell_words(before, after, unchanged=unchanged)
    if isinstance(run.objective, Classification) and _count_parameters(run) <= LARGEST_PARAMETERS:
        observe = _observe_words if run.backbone.modality == "text" else _observe_agreement
        return observe(run, run.objective, should_stop)
    return Observation()


def is_untouched(run: Preparation) -> bool:
    """Whether every tensor of a run's backbone is the pretrained one, bit for bit."""
    pretrained = run.backbone.pretrained_state
    return all(torch.equal(pretrained[name], tensor.cpu()) for name, tensor in adapted_backbone(run).items())


def adapted_backbone(run: Preparation) -> dict[str, Tensor]:
    """A run's backbone as it is now, adapters merged: tensors by their names in the model without its head."""
    return {
        name.removeprefix(_BACKBONE_PREFIX): tensor
        for name, tensor in run.state().items()
        if name.startswith(_BACKBONE_PREFIX)
    }


def load_source_words(run: Preparation) -> WordPredictor | None:
    """A run's pretrained backbone with its own head for words, computing as the run does.

    `None` where it has no such head, or where what is stored isn't what the run was loaded from.
    """
    try:
        predictor = load_word_predictor(run.backbone.name)
    except BackboneError:
        return None
    if predictor.backbone.fingerprint != run.backbone.fingerprint:
        return None
    predictor.model.place(run.model.arithmetic)
    return predictor


def read_texts(predictor: WordPredictor, texts: Sequence[str], should_stop: ShouldStop) -> TextLosses:
    """How surprised a language model is by each text.

    Raises:
        StopRequested: `should_stop` said so.
    """
    corpus = encode_corpus(predictor.backbone, texts)
    return measure_losses(predictor.model, corpus, corpus.texts, should_stop)


def _observe_words(run: Preparation, _objective: Classification, should_stop: ShouldStop) -> Observation:
    texts = _general_texts(_count_parameters(run))

    def measure() -> TextLosses | None:
        predictor = load_source_words(run)
        return None if predictor is None else read_texts(predictor, texts, should_stop)

    before = untouched_losses(run.backbone.fingerprint, run.model.arithmetic, texts, measure=measure)
    if before is None:
        return Observation()
    if is_untouched(run):
        return _tell_words(before, before, unchanged=True)
    predictor = load_source_words(run)
    if predictor is None:
        return Observation()
    predictor.model.backbone.load_state_dict(adapted_backbone(run))
    return _tell_words(before, read_texts(predictor, texts, should_stop), unchanged=False)


def _count_parameters(run: Preparation) -> int:
    return sum(block.count_parameters() for block in run.backbone.blocks)


def _general_texts(parameters: int) -> Sequence[str]:
    texts = load_general_text()
    return texts if parameters <= SMALL_PARAMETERS else texts[:: len(texts) // FEWER_TEXTS]


def _tell_words(before: TextLosses, after: TextLosses, *, unchanged: bool) -> Observation:
    figures = {
        "source_perplexity_before": before.perplexity,
        "source_perplexity_after": after.perplexity,
        "source_texts": len(before.tokens),
        "source_unchanged": unchanged,
    }
    arrays = {"before": before.losses, "after": after.losses, "tokens": before.tokens}
    return Observation(figures=figures, arrays={GENERAL_FILE: arrays})


def _observe_agreement(run: Preparation, objective: Classification, should_stop: ShouldStop) -> Observation:
    classifier = load_source_classifier(run.backbone, run.model.arithmetic)
    if classifier is None:
        return Observation()
    inputs = objective.test_inputs
    count = min(len(inputs), MOST_IMAGES)
    chosen = np.arange(count) * len(inputs) // count
    unchanged = is_untouched(run)
    same = np.ones(count, dtype=np.bool_)
    if not unchanged:
        before = _classify(classifier, inputs, chosen, should_stop)
        classifier.adapt(adapted_backbone(run))
        same = before == _classify(classifier, inputs, chosen, should_stop)
    figures = {"source_agreement": float(same.mean()), "source_examples": count, "source_unchanged": unchanged}
    return Observation(figures=figures, arrays={AGREEMENT_FILE: {"same": same}})


def _classify(
    classifier: SourceClassifier, inputs: EncodedInputs, chosen: np.ndarray, should_stop: ShouldStop
) -> np.ndarray:
    """The source class of each chosen image, int64."""
    classes: list[np.ndarray] = []
    for start in range(0, len(chosen), EVALUATION_BATCH):
        check_stop(should_stop)
        classes.append(classifier.classify(inputs.batch(chosen[start : start + EVALUATION_BATCH])).numpy())
    return np.concatenate(classes)
