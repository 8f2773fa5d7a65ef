"""One run, from a config to a trained and tested model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import torch

from tlvsft.backbones import fingerprint_tensors
from tlvsft.config import RunConfig
from tlvsft.datasets import load_labelled_data
from tlvsft.errors import RunError
from tlvsft.evaluation.metrics import accuracy, confusion, macro_f1
from tlvsft.events import Event, Noted, RunFinished, RunStopped
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.evaluating import EncodedSplit, compute_features, compute_logits, evaluate
from tlvsft.training.loop import fit
from tlvsft.training.memory import is_out_of_memory, peak_memory_bytes
from tlvsft.training.optimizer import build_optimizer
from tlvsft.training.preparation import Preparation, prepare
from tlvsft.training.progress import Progress
from tlvsft.training.randomness import derive_seed
from tlvsft.training.results import Predictions, TrainedRun, find_changed_tensors
from tlvsft.training.stopping import ShouldStop, StopRequested, check_stop, never
from tlvsft.training.thawing import Thawing

if TYPE_CHECKING:
    from tlvsft.datasets import LabelledData

SCALE_EXAMPLES = 256
"""Enough training examples to take the mean and deviation of each feature from."""


def train(
    config: RunConfig,
    *,
    on_event: Callable[[Event], None],
    should_stop: ShouldStop = never,
    data: LabelledData | None = None,
    parameters: Hyperparameters | None = None,
) -> TrainedRun:
    """Trains one variant, validates it on the way, tests it once at the end.

    Everything random is drawn from `config.seed`: the same seed on the same machine with the same number of threads
    gives the same curve, bit for bit. Not thread-safe: it seeds torch's global generator (and restores it).

    Args:
        config: What to train, on what.
        on_event: Hears `RunStarted`, then `StepTaken`, `Evaluated` and `Noted`, then `RunFinished` or `RunStopped`.
        should_stop: Asked at every step and between evaluation batches.
        data: The data, where it is loaded already; by default what `config.dataset` names.
        parameters: How to train; by default as `tlvsft.training.defaults` says.

    Raises:
        InvalidInput: The config can't be run.
        NonFiniteLoss: The loss became NaN or infinite.
        RunError: Memory ran out.
    """
    started = perf_counter()
    data = load_labelled_data(config.dataset) if data is None else data
    run = prepare(config, data, parameters)
    progress = Progress(train_examples=len(run.train), on_event=on_event, started=started)
    on_event(run.started_event())
    for note in data.notes:
        on_event(Noted(message=note))
    predictions: Predictions | None = None
    outcome: RunFinished | RunStopped
    try:
        with _seeded(config.seed), _memory_explained():
            outcome, predictions = _train_and_test(run, progress, on_event, should_stop)
    except StopRequested:
        outcome = RunStopped(step=progress.step, elapsed_s=progress.elapsed_s)
    on_event(outcome)
    return TrainedRun(
        outcome=outcome,
        predictions=predictions,
        class_names=data.class_names,
        changed_tensors=find_changed_tensors(run.model, run.backbone.pretrained_state),
        backbone_fingerprint=run.backbone.fingerprint,
        test_examples=data.test,
    )


def _train_and_test(
    run: Preparation, progress: Progress, on_event: Callable[[Event], None], should_stop: ShouldStop
) -> tuple[RunFinished, Predictions]:
    training, validation, test = _encode_splits(run, on_event, should_stop)
    loaded = _fingerprint_frozen(run)
    _adapt(run, training, validation, progress, should_stop)
    logits = compute_logits(run.model, test.inputs, should_stop)
    predictions = Predictions(test.labels.numpy(), torch.softmax(logits, dim=1).numpy())
    predicted = predictions.probabilities.argmax(axis=1)
    num_classes = len(run.data.class_names)
    counts = confusion(predictions.labels, predicted, num_classes)
    finished = RunFinished(
        steps=progress.step,
        frozen_intact=None if loaded is None else _fingerprint_frozen(run) == loaded,
        test_accuracy=accuracy(predictions.labels, predicted),
        test_macro_f1=macro_f1(predictions.labels, predicted, num_classes),
        confusion_matrix=tuple(tuple(int(count) for count in row) for row in counts),
        elapsed_s=progress.elapsed_s,
        train_s=progress.train_s,
        examples_per_s=progress.examples / progress.train_s if progress.step else None,
        peak_memory_bytes=peak_memory_bytes(),
    )
    return finished, predictions


def _adapt(
    run: Preparation, training: EncodedSplit, validation: EncodedSplit, progress: Progress, should_stop: ShouldStop
) -> None:
    """Lets the head see the training features, then trains what the method trains."""
    started = perf_counter()
    # A network with random weights has no BatchNorm statistics yet: its features have their scale in training mode.
    is_new = not run.method.pretrained
    enough = SCALE_EXAMPLES if run.plan else len(run.train)
    features = compute_features(run.model, training.inputs, should_stop, at_most=enough, in_training=is_new)
    run.model.head.fit(features, training.labels)
    if run.plan is None or run.parameters is None:
        progress.train_s += perf_counter() - started
        progress.validated(evaluate(run.model, validation, should_stop))
        return
    blocks = run.backbone.blocks
    optimizer = build_optimizer(run.model, blocks, run.parameters)
    thawing = Thawing(
        run.model,
        blocks,
        run.phases,
        parameters=run.parameters,
        optimizer=optimizer,
        on_phase=lambda phase: progress.blocks_changed(run.ladder(phase.frozen)),
    )
    fit(
        run.model,
        run.plan,
        optimizer=optimizer,
        thawing=thawing,
        training=training,
        validation=validation,
        progress=progress,
        should_stop=should_stop,
    )


def _encode_splits(
    run: Preparation, on_event: Callable[[Event], None], should_stop: ShouldStop
) -> tuple[EncodedSplit, EncodedSplit, EncodedSplit]:
    encoded = []
    for name, split in (("Training", run.train), ("Validation", run.data.validation), ("Test", run.data.test)):
        check_stop(should_stop)
        encoded.append(run.encode(split))
        if note := encoded[-1].inputs.note:
            on_event(Noted(message=f"{name}: {note}"))
    training, validation, test = encoded
    return training, validation, test


def _fingerprint_frozen(run: Preparation) -> str | None:
    """Hash of every frozen tensor, buffers included; `None` when nothing is frozen."""
    if not run.frozen:
        return None
    return fingerprint_tensors(tensor for block in run.frozen for tensor in block.tensors())


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seeds what draws from torch's global generator, dropout that is, and restores the generator afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "dropout"))
        yield


@contextmanager
def _memory_explained() -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise RunError(
            "Out of memory: close other programs, freeze more blocks, or choose a smaller backbone or shorter inputs."
        ) from error
