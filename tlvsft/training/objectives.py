"""What a run learns, as the loop sees it: a model, a loss, how good the model is. One implementation per task kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from torch import Tensor

from tlvsft.events import SampleAnswer, SampleExample
from tlvsft.tasks import AdaptedModel, EncodedInputs
from tlvsft.training.plan import Indices
from tlvsft.training.prefix_cache import OnComputed, PrefixCache
from tlvsft.training.reading import Readable
from tlvsft.training.results import Predictions, TextLosses
from tlvsft.training.stopping import ShouldStop

if TYPE_CHECKING:
    from tlvsft.datasets import Split


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How good a model is on a split.

    Attributes:
        loss: Mean cross-entropy in nats, per example or per predicted token.
        accuracy: 0–1; `None` where the task has no classes.
        perplexity: `exp(loss)`; `None` where the task has classes.
        answers: To the examples of `Objective.sample`, in their order.
    """

    loss: float
    accuracy: float | None = None
    perplexity: float | None = None
    answers: tuple[SampleAnswer, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class TestResult:
    """What the test at the end of a run found.

    Attributes:
        figures: The fields of `RunFinished` that belong to the task.
        predictions: Of a classifier.
        text_losses: Of a language model.
        source_losses: Of a language model on general English: of the untouched one, and of the trained one.
    """

    __test__ = False  # pytest: not a test class

    figures: dict[str, Any]
    predictions: Predictions | None = None
    text_losses: TextLosses | None = None
    source_losses: tuple[TextLosses, TextLosses] | None = None


class Objective(Protocol):
    """One run's task: its data as tensors, its loss, its validation and its test."""

    @property
    def model(self) -> AdaptedModel:
        """What is trained."""

    @property
    def lengths(self) -> Indices:
        """How much work each training example is, shape `(examples,)`; known once `encode` is through."""

    @property
    def train_examples(self) -> int:
        """How many examples an epoch has."""

    @property
    def validation_examples(self) -> int:
        """How many examples each validation reads."""

    @property
    def validation_inputs(self) -> EncodedInputs:
        """What a validation reads, as tensors; known once `encode` is through."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Display names of the classes; empty where there are none."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to the data, one sentence each."""

    @property
    def test_examples(self) -> Split | None:
        """For display beside a classifier's answers; a language model gives none."""

    @property
    def sample(self) -> tuple[SampleExample, ...]:
        """Validation examples that are answered one by one at each evaluation; a language model has none."""

    def encode(self, should_stop: ShouldStop) -> Iterator[str]:
        """Turns what is trained and validated on into tensors, and gives what the user should know of that."""

    def encode_test(self, should_stop: ShouldStop) -> Iterator[str]:
        """The same for what is tested on, when it is wanted: the first point of a curve needn't wait for it."""

    @property
    def cache(self) -> PrefixCache:
        """Computes frozen blocks once."""

    def enter_phase(self, should_stop: ShouldStop, *, on_computed: OnComputed) -> Readable:
        """Has the cache store what it can of what is frozen now; gives the training examples as they are read."""

    def begin(self, should_stop: ShouldStop) -> None:
        """Reads the training data once before the first step, where the head wants to."""

    @property
    def read_first(self) -> int:
        """At most so many training examples are read by `begin`."""

    @property
    def training_inputs(self) -> EncodedInputs:
        """The training examples without anything stored; to read them draws nothing that the run draws."""

    def batch_loss(self, batch: Mapping[str, Tensor], indices: Indices) -> Tensor:
        """Mean loss over a batch, which is that of the training examples at `indices`."""

    def loss(self, indices: Indices) -> Tensor:
        """Mean loss over a batch of training examples, a scalar in nats that gradients flow from."""

    def validate(self, should_stop: ShouldStop) -> Evaluation:
        """How good the model is on the validation split; leaves it in the mode that it was in."""

    def test(self, should_stop: ShouldStop) -> TestResult:
        """How good the model is on the test split: to be asked once."""
