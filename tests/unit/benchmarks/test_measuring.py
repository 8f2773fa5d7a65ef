from __future__ import annotations

import copy
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.transfer_benchmark import measuring
from benchmarks.transfer_benchmark.grid import BACKBONES, Cell
from benchmarks.transfer_benchmark.measuring import Job, measure, with_short_validation
from tests.unit.benchmarks.synthetic import cell
from tlvsft.config import DatasetConfig, RunConfig, VariantConfig
from tlvsft.datasets import LabelledData, Split, load_labelled_data
from tlvsft.errors import NonFiniteLoss, RunError, UnknownName
from tlvsft.training import train


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> LabelledData:
    split = Split(inputs=["a", "b", "c", "d"], labels=np.array([0, 1, 0, 1]))
    made = LabelledData(name="four", modality="text", class_names=("x", "y"), train=split, validation=split, test=split)
    monkeypatch.setattr(measuring, "_load", lambda _: made)
    return made


def job(place: Cell) -> Job:
    return Job(cell=place, key="key", dataset=DatasetConfig(name="four"), backbone=f"/somewhere/{BACKBONES[0]}")


def train_with(monkeypatch: pytest.MonkeyPatch, outcome: Any) -> list[Any]:
    """Replaces training; returns the configs that it was called with."""
    configs = []

    def train(config: Any, **_: object) -> Any:
        configs.append(config)
        if isinstance(outcome, Exception):
            raise outcome
        return SimpleNamespace(predictions=outcome)

    monkeypatch.setattr(measuring, "train", train)
    return configs


def test_accuracy_and_loss_are_those_of_the_test_probabilities(
    data: LabelledData, monkeypatch: pytest.MonkeyPatch
) -> None:
    probabilities = np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    configs = train_with(monkeypatch, SimpleNamespace(probabilities=probabilities))
    found = measure(job(cell("full", 2, seed=3)))
    assert found.accuracy == 0.75
    assert found.loss == pytest.approx((math.log(2) + math.log(4)) / 4)
    assert (found.examples, found.test_examples, found.failure, found.key) == (2, 4, None, "key")
    assert (configs[0].variant.method, configs[0].labels, configs[0].seed) == ("full", 2, 3)
    assert measure(job(cell("full", None))).examples == 4


def test_an_impossible_class_has_a_finite_loss(data: LabelledData, monkeypatch: pytest.MonkeyPatch) -> None:
    train_with(monkeypatch, SimpleNamespace(probabilities=np.array([[0.0, 1.0]] * 4)))
    found = measure(job(cell("full", 2)))
    assert found.loss == pytest.approx(-math.log(1e-12) / 2)


def test_an_infinite_loss_is_an_outcome(data: LabelledData, monkeypatch: pytest.MonkeyPatch) -> None:
    train_with(monkeypatch, NonFiniteLoss("The loss became infinite."))
    found = measure(job(cell("full", 2)))
    assert (found.failure, found.accuracy, found.loss, found.examples) == ("The loss became infinite.", None, None, 2)


@pytest.mark.parametrize("method", ["linear_probe", "full"])
def test_a_short_validation_changes_no_prediction(method: str) -> None:
    digits = load_labelled_data(DatasetConfig(name="digits"))
    few = replace(digits, test=digits.test.select(np.arange(40)))
    short = with_short_validation(few)
    assert len(short.validation) < len(few.validation)
    config = RunConfig(
        backbone="glyphs-resnet",
        dataset=DatasetConfig(name="digits"),
        variant=VariantConfig(method=method),
        labels=20,
        epochs=3,
    )
    first, second = (train(config, on_event=lambda _: None, data=each).predictions for each in (few, short))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.probabilities, second.probabilities)


def test_other_errors_cross_processes(data: LabelledData, monkeypatch: pytest.MonkeyPatch) -> None:
    train_with(monkeypatch, UnknownName("method", "ful", ["full"]))
    with pytest.raises(RunError, match="did you mean 'full'") as caught:
        measure(job(cell("full", 2)))
    # A copy is made as unpickling makes one: from the class and its arguments.
    assert str(copy.copy(caught.value)) == str(caught.value)


def test_bag_of_words_trains_nothing_else(data: LabelledData, monkeypatch: pytest.MonkeyPatch) -> None:
    configs = train_with(monkeypatch, RunError("no"))
    expected = np.array([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]])
    monkeypatch.setattr(measuring, "bag_of_words_probabilities", lambda *_, **__: expected)
    assert measure(job(cell("bag_of_words", 2, dataset="ag-news"))).accuracy == 1.0
    assert configs == []
