"""Learning classes: the objective of text and image classification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tlvsft.backbones import Backbone, Block
from tlvsft.backbones.features import feature_layers
from tlvsft.catalog.methods import Method
from tlvsft.config import RunConfig
from tlvsft.datasets import LabelledData, Split, draw_label_subset
from tlvsft.errors import InvalidInput
from tlvsft.evaluation.metrics import accuracy, confusion, macro_f1
from tlvsft.events import SampleExample
from tlvsft.tasks import CentroidHead, ClassifierModel, EncodedInputs, LinearHead, encode_inputs
from tlvsft.training.activation_files import ActivationFiles
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.noise import NoisyLabels, add_noise
from tlvsft.training.objectives import Evaluation, TestResult
from tlvsft.training.plan import Indices
from tlvsft.training.prefix_cache import OnComputed, PrefixCache, nobody
from tlvsft.training.randomness import generator_for
from tlvsft.training.reading import Readable, compute_features, compute_logits
from tlvsft.training.results import Predictions
from tlvsft.training.sample import draw_sample, read_answers, show_sample
from tlvsft.training.stopping import ShouldStop, check_stop

SCALE_EXAMPLES = 256
"""Enough training examples to take the mean and deviation of each feature from."""


@dataclass(frozen=True, eq=False)
class EncodedSplit:
    """Examples as tensors: `inputs` for the backbone, `labels` of shape `(examples,)`, int64."""

    inputs: EncodedInputs
    labels: Tensor


@dataclass(eq=False, kw_only=True)
class Classification:
    """Classes from texts or images; see `tlvsft.training.objectives.Objective`.

    Attributes:
        method: Of the run: decides from how many training examples the head takes its scale.
        train: The training examples that the seed drew.
        sampled: Validation examples that are answered one by one at each evaluation: indices `(a few,)`.
        noise: The labels that are trained on, some of them wrong; `None` where all are right.
        cache: Computes frozen blocks once.
    """

    backbone: Backbone
    method: Method
    model: ClassifierModel
    data: LabelledData
    train: Split
    sampled: np.ndarray
    cache: PrefixCache
    noise: NoisyLabels | None = None
    _encoded: dict[str, EncodedSplit] = field(default_factory=dict)
    _readable: dict[str, Readable] = field(default_factory=dict)

    @property
    def lengths(self) -> Indices:
        """Tokens of each training text, or ones for images, shape `(examples,)`."""
        return self._encoded["Training"].inputs.lengths

    @property
    def train_examples(self) -> int:
        """Labels that the run learns from."""
        return len(self.train)

    @property
    def validation_examples(self) -> int:
        """All validation examples."""
        return len(self.data.validation)

    @property
    def validation_inputs(self) -> EncodedInputs:
        """All validation examples, as tensors."""
        return self._encoded["Validation"].inputs

    @property
    def test_inputs(self) -> EncodedInputs:
        """All test examples, as tensors; known once `encode_test` is through."""
        return self._encoded["Test"].inputs

    def test_readable(self, should_stop: ShouldStop) -> Readable:
        """The same as the model reads them at the end, with what is stored for them."""
        return self._read("Test", should_stop)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Display names of the classes."""
        return self.data.class_names

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the data."""
        if self.noise is None:
            return self.data.notes
        wrong = f"{self.noise.wrong.sum():,} of {len(self.train):,} training labels were replaced by a wrong class"
        return (*self.data.notes, f"{wrong}, on purpose; validation and test labels are right.")

    @property
    def test_examples(self) -> Split:
        """The test split."""
        return self.data.test

    @property
    def sample(self) -> tuple[SampleExample, ...]:
        """The validation examples that are answered one by one."""
        return show_sample(self.data.validation, self.sampled)

    def encode(self, should_stop: ShouldStop) -> Iterator[str]:
        """Turns the training and the validation split into tensors."""
        yield from self._encode("Training", self.train, should_stop)
        yield from self._encode("Validation", self.data.validation, should_stop)

    def encode_test(self, should_stop: ShouldStop) -> Iterator[str]:
        """Turns the test split into tensors."""
        yield from self._encode("Test", self.data.test, should_stop)

    def encode_split(self, split: Split) -> EncodedSplit:
        """A split as tensors."""
        return EncodedSplit(encode_inputs(self.backbone, split.inputs), torch.as_tensor(split.labels, dtype=torch.long))

    def enter_phase(self, should_stop: ShouldStop, *, on_computed: OnComputed) -> Readable:
        """Stores what the frozen blocks give for the training examples."""
        self._readable = {}
        return self._read("Training", should_stop, on_computed=on_computed)

    def begin(self, should_stop: ShouldStop) -> None:
        """Lets the head see training features: their scale, or, for class centroids, all that it will ever learn."""
        # A network with random weights has no BatchNorm statistics yet: its features have their scale in training mode.
        is_new = not self.method.pretrained
        inputs = self._read("Training", should_stop)
        features = compute_features(self.model, inputs, should_stop, at_most=self.read_first, in_training=is_new)
        self.model.head.fit(features, self._encoded["Training"].labels.to(features.device))

    @property
    def read_first(self) -> int:
        """For the head's scale; class centroids are taken from all."""
        return SCALE_EXAMPLES if self.method.takes_steps else len(self.train)

    @property
    def training_inputs(self) -> EncodedInputs:
        """The training examples without anything stored."""
        return self._encoded["Training"].inputs

    def batch_loss(self, batch: Mapping[str, Tensor], indices: Indices) -> Tensor:
        """Mean cross-entropy over a batch."""
        logits = self.model(batch)  # (batch, num_classes)
        labels = self._encoded["Training"].labels[indices].to(logits.device)
        return functional.cross_entropy(logits, labels)

    def loss(self, indices: Indices) -> Tensor:
        """The same, over training examples as they are stored."""
        return self.batch_loss(self._readable["Training"].batch(indices), indices)

    def validate(self, should_stop: ShouldStop) -> Evaluation:
        """Loss and accuracy on the validation split, and the answers to a few of its examples."""
        labels = self._encoded["Validation"].labels
        logits = compute_logits(self.model, self._read("Validation", should_stop), should_stop)
        loss = functional.cross_entropy(logits, labels)
        right = (logits.argmax(dim=1) == labels).float().mean()
        answers = read_answers(logits[self.sampled], labels[self.sampled])
        return Evaluation(loss=loss.item(), accuracy=right.item(), answers=answers)

    def test(self, should_stop: ShouldStop) -> TestResult:
        """Accuracy, macro-F1, confusion matrix and every probability on the test split."""
        labels = self._encoded["Test"].labels
        logits = compute_logits(self.model, self._read("Test", should_stop), should_stop)
        predictions = Predictions(labels.numpy(), torch.softmax(logits, dim=1).numpy())
        predicted = predictions.probabilities.argmax(axis=1)
        num_classes = len(self.class_names)
        counts = confusion(predictions.labels, predicted, num_classes)
        figures = {
            "test_accuracy": accuracy(predictions.labels, predicted),
            "test_macro_f1": macro_f1(predictions.labels, predicted, num_classes),
            "confusion_matrix": tuple(tuple(int(count) for count in row) for row in counts),
        }
        return TestResult(figures=figures | self._find_learnt_noise(should_stop), predictions=predictions)

    def _find_learnt_noise(self, should_stop: ShouldStop) -> dict[str, int]:
        """How many of the wrong labels the model has learnt by heart."""
        if self.noise is None:
            return {}
        logits = compute_logits(self.model, self._read("Training", should_stop), should_stop)
        learnt = (logits.argmax(dim=1) == self._encoded["Training"].labels).numpy() & self.noise.wrong
        return {"wrong_labels": int(self.noise.wrong.sum()), "wrong_labels_learnt": int(learnt.sum())}

    def _encode(self, name: str, split: Split, should_stop: ShouldStop) -> Iterator[str]:
        check_stop(should_stop)
        self._encoded[name] = self.encode_split(split)
        if note := self._encoded[name].inputs.note:
            yield f"{name}: {note}"

    def _read(self, name: str, should_stop: ShouldStop, *, on_computed: OnComputed = nobody) -> Readable:
        """A split as the model reads it at present: stored on the first call."""
        if name not in self._readable:
            inputs = self._encoded[name].inputs
            self._readable[name] = self.cache.store(inputs, should_stop, on_computed=on_computed)
        return self._readable[name]


def prepare_classification(
    config: RunConfig,
    method: Method,
    backbone: Backbone,
    frozen: tuple[Block, ...],
    *,
    data: LabelledData,
    parameters: Hyperparameters | None,
    files: ActivationFiles | None,
) -> Classification:
    """Draws the label subset and the head; both depend on the seed alone, not on the method.

    Raises:
        InvalidInput: The backbone reads another kind of data, or the number of labels doesn't fit.
    """
    num_classes = len(data.class_names)
    indices = draw_label_subset(data.train.labels, config.labels, num_classes=num_classes, seed=config.seed)
    train, noise = data.train.select(indices), None
    if config.label_noise:
        noise = add_noise(train.labels, config.label_noise, num_classes=num_classes, seed=config.seed)
        train = replace(train, labels=noise.labels)
    model = _build_model(method, backbone, frozen, parameters, num_classes=num_classes, seed=config.seed)
    return Classification(
        backbone=backbone,
        method=method,
        model=model,
        data=data,
        train=train,
        sampled=draw_sample(data.validation, num_classes=num_classes, seed=config.seed),
        noise=noise,
        cache=PrefixCache(model, backbone, files=files),
    )


def check_modality(backbone: Backbone, data: LabelledData) -> None:
    """Refuses data that the backbone can't read.

    Raises:
        InvalidInput: It is of the other kind.
    """
    if backbone.modality != data.modality:
        raise InvalidInput(
            f"{data.name!r} is {data.modality} data and {backbone.name!r} reads {backbone.modality}: "
            "choose a backbone and data of one kind."
        )


def _build_model(
    method: Method,
    backbone: Backbone,
    frozen: tuple[Block, ...],
    parameters: Hyperparameters | None,
    *,
    num_classes: int,
    seed: int,
) -> ClassifierModel:
    layers = feature_layers(backbone.modality)
    if parameters is None:
        return ClassifierModel(backbone, CentroidHead(backbone.feature_size, num_classes, layers=layers), frozen)
    head = LinearHead(
        backbone.feature_size,
        num_classes,
        dropout=parameters.dropout,
        generator=generator_for(seed, "head"),
        layers=layers,
    )
    return ClassifierModel(backbone, head, frozen, keeps_statistics=method.pretrained)
