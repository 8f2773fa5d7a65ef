"""Predictions for the page: a resident process holds the models, and this client asks it. Never loads torch itself."""

from __future__ import annotations

import threading
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

from tlvsft.catalog.backbones import BACKBONES, BackboneSummary, bundled_summary
from tlvsft.config import SIDES
from tlvsft.errors import InvalidInput, RunError
from tlvsft.runs.explanations import ExplainRequest, Explanation, PictureExplanation, TextExplanation, WordDrop
from tlvsft.runs.inputs import ImageInput, Input, TextInput
from tlvsft.runs.launcher import start_process
from tlvsft.runs.predictor import (
    Answer,
    DescribeRequest,
    NextWords,
    NextWordsBeforeRequest,
    NextWordsRequest,
    Prediction,
    Predictor,
    PredictRequest,
    Refusal,
    Request,
    serve_predictions,
)
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store

__all__ = [
    "Explanation",
    "ImageInput",
    "InferenceClient",
    "Input",
    "NextWords",
    "PictureExplanation",
    "Prediction",
    "TextExplanation",
    "TextInput",
    "WordDrop",
    "next_words_once",
    "predict_once",
]

PREDICT_TIMEOUT_S = 60.0
"""The first question may have to wait for the libraries and for a large backbone; the next take milliseconds."""
DESCRIBE_TIMEOUT_S = 300.0
"""A backbone may have to be downloaded first."""
CLOSE_PATIENCE_S = 1.0


class ResidentProcess:
    """A process that answers one request at a time, and is started again when it died or hung. Thread-safe."""

    def __init__(self, home: Path, *, name: str) -> None:
        self._home = home
        self._name = name
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def start(self) -> None:
        """Starts the process, unless it runs."""
        with self._lock:
            self._connect()

    def ask(self, request: Request, *, timeout_s: float) -> Prediction | Explanation | NextWords | BackboneSummary:
        """Waits for the answer to `request`.

        Raises:
            InvalidInput: The request can't be answered as it is.
            RunError: The process died twice or took too long; it is started anew with the next request.
        """
        with self._lock:
            try:
                answer = self._exchange(request, timeout_s)
            except (EOFError, OSError):  # it died since the last request: its successor answers
                self._end()
                answer = self._exchange_anew(request, timeout_s)
        if isinstance(answer, Refusal):
            raise InvalidInput(answer.message) if answer.kind == "invalid_input" else RunError(answer.message)
        return answer

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """Ends the process; harmless when repeated.

        One that is only just starting is not waited for: it ends when this process does.
        """
        if self._lock.acquire(timeout=CLOSE_PATIENCE_S):
            try:
                self._end()
            finally:
                self._lock.release()

    def _exchange(self, request: Request, timeout_s: float) -> Answer:
        connection = self._connect()
        connection.send(request)
        if not connection.poll(timeout_s):
            self._end()
            raise RunError(f"There was no answer within {timeout_s:,.0f} seconds: try again.")
        answer: Answer = connection.recv()
        return answer

    def _exchange_anew(self, request: Request, timeout_s: float) -> Answer:
        try:
            return self._exchange(request, timeout_s)
        except (EOFError, OSError) as error:
            self._end()
            raise RunError("The process that answers ended, perhaps for lack of memory: try again.") from error

    def _connect(self) -> Connection:
        if self._connection is not None and self._process is not None and self._process.is_alive():
            return self._connection
        self._end()
        self._connection, theirs = Pipe()
        self._process = start_process(serve_predictions, self._home, theirs, name=self._name)
        theirs.close()
        return self._connection

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._connection = self._process = None


class InferenceClient:
    """Asks trained variants and describes backbones, in two processes: a download doesn't hold predictions up.

    Thread-safe.

    Args:
        store: Where the runs are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._predictor = ResidentProcess(store.home, name="tlvsft-predictor")
        self._describer = ResidentProcess(store.home, name="tlvsft-describer")

    def start(self) -> None:
        """Starts the predictor in the background, so that the first question is answered quickly."""
        threading.Thread(target=self._predictor.start, name="predictor-start", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The predictor's process number, while there is one."""
        return self._predictor.pid

    def predict(self, run_id: str, content: Input, *, viewer: str | None = None) -> Prediction:
        """What a run's model says.

        Args:
            run_id: Which run.
            content: What it is asked about.
            viewer: Who asks: a browser's token, or `None` for the command line.

        Raises:
            InvalidInput: No such run for this viewer, no weights, or an input that is out of bounds or of another kind.
            RunError: The process died or took too long.
        """
        self._store.visible_run(run_id, viewer=viewer)
        if isinstance(content, TextInput):
            content.check()
        request = PredictRequest(run_id=run_id, content=content)
        return cast("Prediction", self._predictor.ask(request, timeout_s=PREDICT_TIMEOUT_S))

    def explain(self, run_id: str, content: Input, *, viewer: str | None = None) -> Explanation:
        """What a run's answer rests on: which words, or which parts of the picture; as `predict` in all else."""
        self._store.visible_run(run_id, viewer=viewer)
        if isinstance(content, TextInput):
            content.check()
        request = ExplainRequest(run_id=run_id, content=content)
        return cast("Explanation", self._predictor.ask(request, timeout_s=PREDICT_TIMEOUT_S))

    def next_words(self, run_id: str, prompt: str, *, viewer: str | None = None) -> NextWords:
        """How a run's language model goes on with a prompt; while it trains, as its newest checkpoint is.

        Raises:
            InvalidInput: No such run for this viewer, no weights yet or any more, or a prompt that is out of bounds.
            RunError: The process died or took too long.
        """
        self._store.visible_run(run_id, viewer=viewer)
        content = TextInput(text=prompt)
        content.check()
        request = NextWordsRequest(run_id=run_id, prompt=content)
        return cast("NextWords", self._predictor.ask(request, timeout_s=PREDICT_TIMEOUT_S))

    def next_words_before(self, backbone: str, prompt: str) -> NextWords:
        """How the untouched pretrained model goes on with a prompt.

        Raises:
            InvalidInput: The backbone predicts no words, or the prompt is out of bounds.
            RunError: The process died or took too long.
        """
        content = TextInput(text=prompt)
        content.check()
        request = NextWordsBeforeRequest(backbone=backbone, prompt=content)
        return cast("NextWords", self._predictor.ask(request, timeout_s=PREDICT_TIMEOUT_S))

    def describe_backbone(self, name: str) -> BackboneSummary:
        """A backbone's blocks: from the catalogue where it is bundled, else it is loaded (maybe downloaded) first.

        Raises:
            InvalidInput: It can't be loaded or split into blocks.
            RunError: That took too long.
        """
        if name in BACKBONES:
            return bundled_summary(name)
        request = DescribeRequest(backbone=name)
        return cast("BackboneSummary", self._describer.ask(request, timeout_s=DESCRIBE_TIMEOUT_S))

    def close(self) -> None:
        """Ends both processes."""
        self._predictor.close()
        self._describer.close()


def predict_once(store: Store, run_id: str, content: Input) -> Prediction:
    """The same in the calling process, for the command line (loads torch).

    Raises:
        InvalidInput: As `InferenceClient.predict`.
    """
    store.run(run_id)
    return Predictor(store).predict(run_id, content)


def next_words_once(store: Store, comparison: ComparisonRecord, prompt: str) -> dict[str, NextWords]:
    """How the untouched model and both sides' (of the first seed) go on, in the calling process (loads torch).

    Returns:
        Under `before`, `left` and `right`.

    Raises:
        InvalidInput: As `InferenceClient.next_words`.
    """
    predictor, content = Predictor(store), TextInput(text=prompt)
    before = predictor.next_words_before(comparison.config.backbone, content)
    return {"before": before} | {side: predictor.next_words(comparison.run(side).id, content) for side in SIDES}
