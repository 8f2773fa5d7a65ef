"""What answers predictions: trained variants, put together again when first asked and kept for the next question."""

from __future__ import annotations

import os
import signal
import traceback
from collections import OrderedDict
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from tlvsft.catalog.backbones import BackboneSummary
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.artifacts import WEIGHTS_FILE, load_checkpoint
from tlvsft.runs.explanations import ExplainRequest, Explanation, explain_picture, explain_words
from tlvsft.runs.inputs import ImageInput, Input, TextInput
from tlvsft.runs.processes import redirect_output
from tlvsft.runs.store import Store

if TYPE_CHECKING:
    from PIL.Image import Image

    from tlvsft.config import RunConfig
    from tlvsft.training import Classifier, WordPredictor

KEPT_MODELS = 6
"""Classifiers that were asked last (both sides of three comparisons), and as many language models."""
KEPT_ANSWERS = 256
"""Of untouched models, which always say the same."""
THREADS = 1
"""One small question at a time; the cores belong to the runs."""
LOG_FILE = "predictor.log"
DRAWN_DATASET = "digits"
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """An answer: a probability (0–1) for each class."""

    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class PredictRequest:
    """Asks a run's model about one input."""

    run_id: str
    content: Input


@dataclass(frozen=True, kw_only=True)
class NextWords:
    """How a language model goes on with a prompt.

    Attributes:
        words: The most probable next words with their probabilities (0–1), the most probable first.
        continuation: What it writes, sampled with a fixed seed; empty from a model of masked words.
        step: After how many updates the model was saved; `None` is the untouched pretrained model.
    """

    words: tuple[tuple[str, float], ...]
    continuation: str
    step: int | None


@dataclass(frozen=True, kw_only=True)
class NextWordsRequest:
    """Asks a run's language model, as it was saved last, to go on with a prompt."""

    run_id: str
    prompt: TextInput


@dataclass(frozen=True, kw_only=True)
class NextWordsBeforeRequest:
    """Asks the untouched pretrained model the same."""

    backbone: str
    prompt: TextInput


@dataclass(frozen=True, kw_only=True)
class DescribeRequest:
    """Asks what a backbone looks like from outside."""

    backbone: str


Request = PredictRequest | ExplainRequest | NextWordsRequest | NextWordsBeforeRequest | DescribeRequest


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why there is no answer, in one line."""

    message: str
    kind: Literal["invalid_input", "failure"]


Answer = Prediction | Explanation | NextWords | BackboneSummary | Refusal


@dataclass(eq=False, kw_only=True)
class _SavedWords:
    """A run's language model, and which of its checkpoints that is.

    Attributes:
        written_ns: When the checkpoint's weights were written.
    """

    predictor: WordPredictor
    written_ns: int
    step: int | None


class Predictor:
    """The trained variants that were asked last. Not thread-safe.

    Args:
        store: Where their weights are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._classifiers: OrderedDict[str, tuple[RunConfig, Classifier]] = OrderedDict()
        self._words: OrderedDict[str, _SavedWords] = OrderedDict()
        self._untouched: OrderedDict[str, WordPredictor] = OrderedDict()
        self._answers_before: OrderedDict[tuple[str, str], NextWords] = OrderedDict()

    def predict(self, run_id: str, content: Input) -> Prediction:
        """The model's answer.

        Raises:
            InvalidInput: The input is out of bounds or not what the model reads, or the run has no weights (any more).
        """
        config, classifier = self._restored(run_id)
        if isinstance(content, TextInput):
            content.check()
            probabilities = classifier.predict([content.text])
        else:
            probabilities = classifier.predict([_prepare_image(content, config)])
        return Prediction(
            class_names=classifier.class_names, probabilities=tuple(float(share) for share in probabilities[0])
        )

    def explain(self, run_id: str, content: Input) -> Explanation:
        """What the model's answer rests on; errors as `predict` has them."""
        config, classifier = self._restored(run_id)
        if isinstance(content, TextInput):
            content.check()
            return explain_words(classifier, content.text)
        return explain_picture(classifier, _prepare_image(content, config))

    def next_words(self, run_id: str, prompt: TextInput) -> NextWords:
        """How a run's language model goes on; while the run trains, as its newest checkpoint is.

        Raises:
            InvalidInput: The prompt is out of bounds, or the run has no weights (any more), or is a classifier.
        """
        prompt.check()
        saved = self._saved_words(run_id)
        return _go_on(saved.predictor, prompt, step=saved.step)

    def next_words_before(self, backbone: str, prompt: TextInput) -> NextWords:
        """How the untouched pretrained model goes on; asked again at each checkpoint, it needn't think again.

        Raises:
            InvalidInput: The prompt is out of bounds, or the backbone predicts no words.
        """
        from tlvsft.training import load_word_predictor

        prompt.check()
        question = (backbone, prompt.text)
        if question not in self._answers_before:
            if backbone not in self._untouched:
                self._untouched[backbone] = load_word_predictor(backbone)
            predictor = _use(self._untouched, backbone, at_most=KEPT_MODELS)
            self._answers_before[question] = _go_on(predictor, prompt, step=None)
        return _use(self._answers_before, question, at_most=KEPT_ANSWERS)

    def _restored(self, run_id: str) -> tuple[RunConfig, Classifier]:
        self._forget_deleted()
        if run_id not in self._classifiers:
            self._classifiers[run_id] = _restore(self._store, run_id)
        return _use(self._classifiers, run_id, at_most=KEPT_MODELS)

    def _saved_words(self, run_id: str) -> _SavedWords:
        self._forget_deleted()
        folder = self._store.run_folder(run_id)
        written_ns = _written_ns(folder / WEIGHTS_FILE)
        known = self._words.get(run_id)
        if known is None or known.written_ns != written_ns:
            self._words[run_id] = _restore_words(folder, written_ns, known)
        return _use(self._words, run_id, at_most=KEPT_MODELS)

    def _forget_deleted(self) -> None:
        """Lets go of models whose weights aren't there any more, whichever process has deleted them."""
        for kept in (self._classifiers, self._words):
            for run_id in [name for name in kept if not (self._store.run_folder(name) / WEIGHTS_FILE).exists()]:
                kept.pop(run_id)


def serve_predictions(home: Path, connection: Connection) -> None:
    """Entry of the resident process: answers requests until the other end is closed."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TLVSFT_HOME"] = str(home)
    redirect_output(home / LOG_FILE)
    torch.set_num_threads(THREADS)
    predictor = Predictor(Store(home))
    while True:
        try:
            request: Request = connection.recv()
        except (EOFError, OSError):  # the server is gone
            return
        connection.send(_answer(predictor, request))


def _answer(predictor: Predictor, request: Request) -> Answer:
    try:
        return _dispatch(predictor, request)
    except TlvsftError as error:
        return Refusal(message=str(error), kind="invalid_input" if isinstance(error, InvalidInput) else "failure")
    except Exception as error:  # noqa: BLE001  the last boundary: one bad question mustn't end the process for others
        traceback.print_exc()
        return Refusal(
            message=f"The prediction hit an internal error ({type(error).__name__}): see {LOG_FILE}.", kind="failure"
        )


def _dispatch(predictor: Predictor, request: Request) -> Answer:
    match request:
        case PredictRequest():
            return predictor.predict(request.run_id, request.content)
        case ExplainRequest():
            return predictor.explain(request.run_id, request.content)
        case NextWordsRequest():
            return predictor.next_words(request.run_id, request.prompt)
        case NextWordsBeforeRequest():
            return predictor.next_words_before(request.backbone, request.prompt)
        case DescribeRequest():
            from tlvsft.backbones import summarize_backbone

            return summarize_backbone(request.backbone)


def _use(kept: OrderedDict[K, V], key: K, *, at_most: int) -> V:
    """What is kept under a key and was now used last; what wasn't used for longest makes room."""
    kept.move_to_end(key)
    while len(kept) > at_most:
        kept.popitem(last=False)
    return kept[key]


def _go_on(predictor: WordPredictor, prompt: TextInput, *, step: int | None) -> NextWords:
    words, continuation = predictor.next_words(prompt.text), predictor.continue_text(prompt.text)
    return NextWords(words=words, continuation=continuation, step=step)


def _written_ns(weights: Path) -> int:
    """When a file was written, in nanoseconds; 0 if there is none."""
    try:
        return weights.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _restore_words(folder: Path, written_ns: int, known: _SavedWords | None) -> _SavedWords:
    from tlvsft.training import restore_word_predictor

    checkpoint = load_checkpoint(folder)
    if checkpoint.config.task != "language_modeling":
        raise InvalidInput("This run learnt classes, not words: ask it for a class.")
    if known is not None:
        known.predictor.update(checkpoint.changed_tensors)
        return _SavedWords(predictor=known.predictor, written_ns=written_ns, step=checkpoint.step)
    predictor = restore_word_predictor(
        checkpoint.config,
        changed_tensors=checkpoint.changed_tensors,
        backbone_fingerprint=checkpoint.backbone_fingerprint,
    )
    return _SavedWords(predictor=predictor, written_ns=written_ns, step=checkpoint.step)


def _restore(store: Store, run_id: str) -> tuple[RunConfig, Classifier]:
    from tlvsft.training import restore_classifier

    checkpoint = load_checkpoint(store.run_folder(run_id))
    if checkpoint.config.task != "classification":
        raise InvalidInput("This run learnt to predict words, not classes: ask it for the next words.")
    classifier = restore_classifier(
        checkpoint.config,
        changed_tensors=checkpoint.changed_tensors,
        class_names=checkpoint.class_names,
        backbone_fingerprint=checkpoint.backbone_fingerprint,
    )
    return checkpoint.config, classifier


def _prepare_image(content: ImageInput, config: RunConfig) -> Image:
    image = content.decode()
    if content.drawn and config.dataset.name == DRAWN_DATASET:
        from tlvsft.datasets import digit_from_drawing

        return digit_from_drawing(image)
    return image
