"""One cell measured: train with the defaults, test once. Runs in a worker process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter

import numpy as np

from benchmarks.transfer_benchmark.bag_of_words import bag_of_words_probabilities
from benchmarks.transfer_benchmark.grid import Cell
from benchmarks.transfer_benchmark.results import Measurement
from tlvsft.config import DatasetConfig, RunConfig, VariantConfig
from tlvsft.datasets import LabelledData, load_labelled_data
from tlvsft.errors import NonFiniteLoss, RunError, TlvsftError
from tlvsft.evaluation.metrics import accuracy
from tlvsft.training import train

_VALIDATION_EXAMPLES = 16
_LEAST_PROBABILITY = 1e-12
"""A class that is thought impossible costs 27.6 nats, not infinitely many."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A cell and where to find what it needs.

    Attributes:
        backbone: Its folder.
        key: What the outcome depends on, see `identity`.
    """

    cell: Cell
    key: str
    dataset: DatasetConfig
    backbone: str


def measure(job: Job) -> Measurement:
    """Trains and tests once.

    A run whose loss becomes infinite is an outcome, too: its measurement has a `failure` and no numbers.

    Raises:
        RunError: It couldn't be trained for another reason (in a form that crosses processes).
    """
    try:
        data = _load(job.dataset)
        started = perf_counter()
        examples = job.cell.labels or len(data.train)
        probabilities = _probabilities(job, data)
    except NonFiniteLoss as error:
        return Measurement(cell=job.cell, key=job.key, examples=examples, failure=str(error))
    except TlvsftError as error:
        raise RunError(str(error)) from None
    seconds = perf_counter() - started
    truth = data.test.labels
    chosen = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return Measurement(
        cell=job.cell,
        key=job.key,
        accuracy=accuracy(truth, probabilities.argmax(axis=1)),
        loss=float(-np.log(np.maximum(chosen, _LEAST_PROBABILITY)).mean()),
        seconds=round(seconds, 3),
        examples=examples,
        test_examples=len(truth),
    )


def _probabilities(job: Job, data: LabelledData) -> np.ndarray:
    """What the trained model says about the test split: `(examples, num_classes)`."""
    cell = job.cell
    if cell.backbone is None:
        return bag_of_words_probabilities(data, labels=cell.labels, seed=cell.seed)
    config = RunConfig(
        backbone=job.backbone,
        dataset=job.dataset,
        variant=VariantConfig(method=cell.method),
        labels=cell.labels,
        seed=cell.seed,
    )
    predictions = train(config, on_event=lambda _: None, data=with_short_validation(data)).predictions
    if predictions is None:
        raise RunError(f"{cell} was stopped before its test: run the same command again.")
    return predictions.probabilities


def with_short_validation(data: LabelledData) -> LabelledData:
    """The same data with a validation split of a few examples, which saves a probe most of its time.

    Validation on the way decides nothing: the last weights are tested, and these come out the same.
    """
    return replace(data, validation=data.validation.select(np.arange(min(_VALIDATION_EXAMPLES, len(data.validation)))))


@cache
def _load(config: DatasetConfig) -> LabelledData:
    """Each worker loads a dataset once."""
    return load_labelled_data(config)
