"""Observers measure a trained model after its test, and leave no trace in it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.training.fakes import Heard, image_data, run, text_data
from tlvsft.errors import InvalidInput, RunError
from tlvsft.events import Evaluated, Noted, RunFinished, RunStopped, ShiftResult, ShiftsTested, StepTaken
from tlvsft.training.observers import OBSERVERS
from tlvsft.training.observing import NOT_OBSERVED, Observation, Observer

TESTED = ShiftsTested(results=(ShiftResult(name="rotated", accuracy=0.5, examples=2),))


def tells(*_: Any) -> Observation:
    return Observation(events=(TESTED,), figures={"wrong_labels": 7}, arrays={"shifts": {"correct": np.ones(2)}})


def takes_long(*_: Any) -> Observation:
    time.sleep(0.2)
    return Observation()


def test_what_is_observed_is_told_before_the_end_and_kept(resnet: str) -> None:
    heard = run(resnet, "linear_probe", image_data(), epochs=1, observers=(tells,))
    finished = heard.events[-1]
    assert heard.events[-2] == TESTED
    assert isinstance(finished, RunFinished)
    assert finished.wrong_labels == 7
    assert heard.run.outcome == finished
    np.testing.assert_array_equal(heard.run.arrays["shifts"]["correct"], np.ones(2))


def test_its_time_is_not_the_runs(resnet: str) -> None:
    finished = run(resnet, "linear_probe", image_data(), epochs=1, observers=(takes_long,)).run.outcome
    assert isinstance(finished, RunFinished)
    assert finished.observed_s >= 0.2
    plain = run(resnet, "linear_probe", image_data(), epochs=1).run.outcome
    assert isinstance(plain, RunFinished)
    assert plain.observed_s < 0.1


@pytest.mark.parametrize("method", ["linear_probe", "full", "from_scratch", "lora", "nearest_centroid"])
@pytest.mark.parametrize("shape", ["gpt2", "resnet"])
def test_a_run_is_the_same_with_all_observers_and_without(
    shape: str, method: str, request: pytest.FixtureRequest
) -> None:
    data = text_data() if shape == "gpt2" else image_data()
    backbone = request.getfixturevalue(shape)
    observed = run(backbone, method, data, epochs=2, observers=OBSERVERS, compares_representations=True)
    plain = run(backbone, method, data, epochs=2)
    assert _numbers(observed) == _numbers(plain)
    assert observed.run.changed_tensors.keys() == plain.run.changed_tensors.keys()
    for name, tensor in plain.run.changed_tensors.items():
        assert torch.equal(observed.run.changed_tensors[name], tensor)
    assert observed.run.predictions is not None
    assert plain.run.predictions is not None
    np.testing.assert_array_equal(observed.run.predictions.probabilities, plain.run.predictions.probabilities)


def test_a_run_that_is_stopped_while_it_is_observed_was_not_tested(resnet: str) -> None:
    stopping: list[bool] = []

    def asks_to_stop(*_: Any) -> Observation:
        stopping.append(True)
        return Observation(events=(TESTED,))

    observers: tuple[Observer, ...] = (asks_to_stop, tells)
    heard = run(resnet, "linear_probe", image_data(), epochs=1, observers=observers, should_stop=lambda: bool(stopping))
    assert isinstance(heard.run.outcome, RunStopped)
    assert TESTED not in heard.events
    assert heard.run.predictions is None
    assert heard.run.arrays == {}


def _numbers(heard: Heard) -> list[float]:
    losses = [event.train_loss for event in heard.events if isinstance(event, StepTaken)]
    return losses + [event.val_loss for event in heard.events if isinstance(event, Evaluated)]


def breaks(*_: Any) -> Observation:
    raise ZeroDivisionError("an observer has a mistake")


def test_an_observer_that_breaks_costs_only_its_own_part(resnet: str, capsys: pytest.CaptureFixture[str]) -> None:
    heard = run(resnet, "linear_probe", image_data(), epochs=1, observers=(breaks, tells))
    finished = heard.run.outcome
    assert isinstance(finished, RunFinished)
    assert finished.wrong_labels == 7
    assert [note.message for note in heard.of(Noted)] == [NOT_OBSERVED]
    assert TESTED in heard.events
    assert heard.run.predictions is not None
    assert "an observer has a mistake" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "met"),
    [
        (MemoryError(), RunError),
        (RuntimeError("can't allocate memory: you tried to allocate 9 bytes"), RunError),
        (InvalidInput("This can't be used."), InvalidInput),
    ],
)
def test_what_an_observer_says_to_the_user_is_still_said(resnet: str, raised: Exception, met: type[Exception]) -> None:
    def refuses(*_: Any) -> Observation:
        raise raised

    with pytest.raises(met):
        run(resnet, "linear_probe", image_data(), epochs=1, observers=(refuses,))
