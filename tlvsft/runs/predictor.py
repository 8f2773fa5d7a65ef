"""What answers predictions: trained variants, put together again when first asked and kept for the next question."""

from __future__ import annotations

import os
import signal
import traceback
from collections import OrderedDict
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.artifacts import load_checkpoint
from tlvsft.runs.inputs import ImageInput, Input, TextInput
from tlvsft.runs.processes import redirect_output
from tlvsft.runs.store import Store

if TYPE_CHECKING:
    from PIL.Image import Image

    from tlvsft.catalog.backbones import BackboneSummary
    from tlvsft.config import RunConfig
    from tlvsft.training import Classifier

KEPT_CLASSIFIERS = 6
"""Most recently used; both sides of three comparisons."""
THREADS = 1
"""One small question at a time; the cores belong to the runs."""
LOG_FILE = "predictor.log"
DRAWN_DATASET = "digits"


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
class DescribeRequest:
    """Asks what a backbone looks like from outside."""

    backbone: str


Request = PredictRequest | DescribeRequest


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why there is no answer, in one line."""

    message: str
    kind: Literal["invalid_input", "failure"]


class Predictor:
    """The trained variants that were asked last. Not thread-safe.

    Args:
        store: Where their weights are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._classifiers: OrderedDict[str, tuple[RunConfig, Classifier]] = OrderedDict()

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

    def _restored(self, run_id: str) -> tuple[RunConfig, Classifier]:
        if run_id not in self._classifiers:
            self._classifiers[run_id] = _restore(self._store, run_id)
        self._classifiers.move_to_end(run_id)
        if len(self._classifiers) > KEPT_CLASSIFIERS:
            self._classifiers.popitem(last=False)
        return self._classifiers[run_id]


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


def _answer(predictor: Predictor, request: Request) -> Prediction | BackboneSummary | Refusal:
    try:
        if isinstance(request, PredictRequest):
            return predictor.predict(request.run_id, request.content)
        from tlvsft.backbones import summarize_backbone

        return summarize_backbone(request.backbone)
    except TlvsftError as error:
        return Refusal(message=str(error), kind="invalid_input" if isinstance(error, InvalidInput) else "failure")
    except Exception as error:  # noqa: BLE001  the last boundary: one bad question mustn't end the process for others
        traceback.print_exc()
        return Refusal(
            message=f"The prediction hit an internal error ({type(error).__name__}): see {LOG_FILE}.", kind="failure"
        )


def _restore(store: Store, run_id: str) -> tuple[RunConfig, Classifier]:
    from tlvsft.training import restore_classifier

    checkpoint = load_checkpoint(store.run_folder(run_id))
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
