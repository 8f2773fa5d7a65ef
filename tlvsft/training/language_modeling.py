"""Learning to predict words: the objective of language modelling, and what it makes a model forget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import Backbone, Block, load_language_head
from tlvsft.catalog.ladder import language_head
from tlvsft.catalog.methods import Method
from tlvsft.config import RunConfig
from tlvsft.datasets import TextData, draw_texts, load_general_text
from tlvsft.errors import InvalidInput
from tlvsft.tasks import EncodedCorpus, LanguageModel, encode_corpus
from tlvsft.training.activation_files import ActivationFiles
from tlvsft.training.objectives import Evaluation, TestResult
from tlvsft.training.plan import Indices
from tlvsft.training.prefix_cache import OnComputed, PrefixCache
from tlvsft.training.randomness import generator_for
from tlvsft.training.reading import Readable, batches_by_length, reading
from tlvsft.training.restoring import load_word_predictor
from tlvsft.training.results import TextLosses
from tlvsft.training.starting import Start, start_head
from tlvsft.training.stopping import ShouldStop, check_stop

EVALUATION_BATCH = 32
"""Logits of a vocabulary are large."""
VALIDATION_TEXTS = 64
"""Validation on the way decides nothing and should cost little: it reads this many texts."""


@dataclass(eq=False, kw_only=True)
class LanguageModeling:
    """The next word of unlabelled texts, or masked words; see `tlvsft.training.objectives.Objective`.

    Attributes:
        train: The training texts that the seed drew.
        training: The same as tensors.
        cache: Computes frozen blocks once.
    """

    backbone: Backbone
    model: LanguageModel
    data: TextData
    train: tuple[str, ...]
    training: EncodedCorpus
    cache: PrefixCache
    _encoded: dict[str, EncodedCorpus] = field(default_factory=dict)
    _readable: dict[str, Readable] = field(default_factory=dict)

    @property
    def lengths(self) -> Indices:
        """Tokens of each window of the training texts, shape `(windows,)`."""
        return self.training.lengths

    @property
    def train_examples(self) -> int:
        """Windows of text that the run learns from; a text within the backbone's context is one."""
        return len(self.training)

    @property
    def validation_examples(self) -> int:
        """Texts that each validation reads."""
        return min(VALIDATION_TEXTS, len(self.data.validation))

    @property
    def validation_texts(self) -> list[str]:
        """These texts."""
        return [self.data.validation[index] for index in _spread(len(self.data.validation), self.validation_examples)]

    @property
    def validation_inputs(self) -> EncodedCorpus:
        """Windows of the validation texts, as tensors."""
        return self._encoded["Validation"]

    @property
    def class_names(self) -> tuple[str, ...]:
        """None: there are no classes."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the data."""
        return self.data.notes

    @property
    def test_examples(self) -> None:
        """None: a language model answers to prompts."""
        return None

    @property
    def sample(self) -> tuple[()]:
        """None, for the same reason."""
        return ()

    def encode(self, should_stop: ShouldStop) -> Iterator[str]:
        """Turns the validation texts into tensors; the training texts are already."""
        if self.training.note:
            yield f"Training: {self.training.note}"
        chosen = self.validation_texts
        if len(chosen) < len(self.data.validation):
            yield f"While training, {len(chosen)} of the {len(self.data.validation):,} validation texts are read."
        yield from self._encode("Validation", chosen, should_stop)

    def encode_test(self, should_stop: ShouldStop) -> Iterator[str]:
        """Turns the test texts and the general English into tensors."""
        yield from self._encode("Test", self.data.test, should_stop)
        yield from self._encode("Source", load_general_text(), should_stop)

    def enter_phase(self, should_stop: ShouldStop, *, on_computed: OnComputed) -> Readable:
        """Stores what the frozen blocks give for the training texts, and for those of the validation."""
        self._readable = {}  # lets go of what the phase before had stored
        training = self.cache.store(self.training, should_stop, on_computed=on_computed)
        self._readable = {
            "Training": training,
            "Validation": self.cache.store(self._encoded["Validation"], should_stop),
        }
        return training

    def begin(self, _should_stop: ShouldStop) -> None:
        """Nothing to see beforehand: the head was pretrained, or learns from its first step."""

    @property
    def read_first(self) -> int:
        """None: see `begin`."""
        return 0

    @property
    def training_inputs(self) -> EncodedCorpus:
        """The training texts without anything stored; words to find are drawn from a stream of their own."""
        masking = self.training.masking
        if masking is None:
            return self.training
        return replace(self.training, masking=replace(masking, generator=torch.Generator().manual_seed(0)))

    def batch_loss(self, batch: Mapping[str, Tensor], _indices: Indices) -> Tensor:
        """Mean cross-entropy over the predicted tokens of a batch."""
        return self.model.loss(batch)

    def loss(self, indices: Indices) -> Tensor:
        """The same, over training texts as they are stored."""
        return self.batch_loss(self._readable["Training"].batch(indices), indices)

    def validate(self, should_stop: ShouldStop) -> Evaluation:
        """Loss and perplexity on validation texts."""
        texts = self._encoded["Validation"].texts
        perplexity = measure_losses(self.model, self._readable["Validation"], texts, should_stop).perplexity
        return Evaluation(loss=float(np.log(perplexity)), perplexity=perplexity)

    def test(self, should_stop: ShouldStop) -> TestResult:
        """Perplexity on the test texts and on general English, each beside that of the untouched model."""
        untouched = load_word_predictor(self.backbone.name).model
        untouched.place(self.model.arithmetic)
        test, source = self._encoded["Test"], self._encoded["Source"]

        def losses(model: LanguageModel, corpus: EncodedCorpus) -> TextLosses:
            return measure_losses(model, corpus, corpus.texts, should_stop)

        text_losses = losses(self.model, test)
        before, after = losses(untouched, source), losses(self.model, source)
        figures = {
            "perplexity_before": losses(untouched, test).perplexity,
            "perplexity": text_losses.perplexity,
            "source_perplexity_before": before.perplexity,
            "source_perplexity_after": after.perplexity,
        }
        return TestResult(figures=figures, text_losses=text_losses, source_losses=(before, after))

    def _encode(self, name: str, texts: Sequence[str], should_stop: ShouldStop) -> Iterator[str]:
        check_stop(should_stop)
        self._encoded[name] = encode_corpus(self.backbone, texts)
        if note := self._encoded[name].note:
            yield f"{name}: {note}"


def prepare_language_modeling(
    config: RunConfig,
    method: Method,
    backbone: Backbone,
    frozen: tuple[Block, ...],
    *,
    data: TextData,
    start: Start | None,
    files: ActivationFiles | None,
) -> LanguageModeling:
    """Draws the training texts and builds the model with its head.

    Raises:
        InvalidInput: The method trains nothing, the backbone predicts no words, or there are too few texts.
    """
    if not method.takes_steps:
        raise InvalidInput(f"Method {method.name!r} is for classes: choose another one for language modelling.")
    kind = language_head(config.variant)
    head = load_language_head(backbone, kind, generator=generator_for(config.seed, "head"))
    if start is not None and kind == "kept":
        start_head(head, start)
    train = draw_texts(data.train, config.labels, seed=config.seed)
    model = LanguageModel(backbone, head, frozen, keeps_statistics=method.pretrained)
    return LanguageModeling(
        backbone=backbone,
        model=model,
        data=data,
        train=train,
        training=encode_corpus(backbone, train, masks=generator_for(config.seed, "masks")),
        cache=PrefixCache(model, backbone, files=files),
    )


def measure_losses(model: LanguageModel, inputs: Readable, texts: np.ndarray, should_stop: ShouldStop) -> TextLosses:
    """Loss of each text, in evaluation mode and without gradients; the model's mode is restored.

    Args:
        model: Predicts words.
        inputs: Windows of the texts.
        texts: For each window the number of its text, shape `(windows,)`.
        should_stop: Asked between two batches.

    Raises:
        StopRequested: `should_stop` said so.
    """
    count = int(texts.max()) + 1
    losses, tokens = np.zeros(count), np.zeros(count, dtype=np.int64)
    with reading(model):
        for indices in batches_by_length(inputs.lengths, should_stop, size=EVALUATION_BATCH):
            nats, counts = model.token_losses(inputs.batch(indices))
            np.add.at(losses, texts[indices], nats.double().numpy())
            np.add.at(tokens, texts[indices], counts.numpy())
    return TextLosses(losses, tokens)


def _spread(available: int, wanted: int) -> list[int]:
    """`wanted` evenly spaced places out of `available`."""
    return [position * available // wanted for position in range(wanted)]
