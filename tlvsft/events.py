"""What a run tells the world while it trains: small frozen dataclasses, each with a JSON form.

A run emits `RunStarted`, then `StepTaken` and `Evaluated` in turn (and `Noted` whenever there is something that the
user should know), and ends with exactly one of `RunFinished`, `RunStopped` and `RunFailed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

BlockState = Literal["frozen", "trains", "new"]


@dataclass(frozen=True, kw_only=True)
class BlockStatus:
    """One rung of the layer ladder, from input to output.

    Attributes:
        name: `embedding`, `0` … or `head`.
        parameters: How many parameters it has.
        state: `frozen`, `trains` or `new` (trains, from a fresh initialisation).
    """

    name: str
    parameters: int
    state: BlockState


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The model and the data are ready; training begins.

    Attributes:
        total_steps: Optimizer updates planned (0 for a method that takes none).
    """

    trainable_parameters: int
    total_parameters: int
    blocks: tuple[BlockStatus, ...]
    total_steps: int
    epochs: int
    train_examples: int
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """One optimizer update.

    Attributes:
        step: Counted from 1.
        epoch: Passes over the training examples so far, a fraction inside an epoch.
        elapsed_s: Seconds since the run started.
        train_loss: Mean cross-entropy over the batch, in nats.
        examples: Training examples seen so far, repeats included.
    """

    step: int
    epoch: float
    elapsed_s: float
    train_loss: float
    examples: int


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """Loss (nats) and accuracy (0–1) on the validation split after `step` updates."""

    step: int
    epoch: float
    elapsed_s: float
    val_loss: float
    val_accuracy: float
    examples: int


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Something the user should know about the run, e.g. that long texts were cut."""

    message: str


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """The run is over and was tested, once.

    Attributes:
        frozen_intact: Whether every frozen tensor, buffers included, is bit-identical to what was loaded; `None` when
            nothing was frozen.
        test_accuracy: 0–1.
        test_macro_f1: 0–1, the unweighted mean of the classes' F1.
        confusion_matrix: `(num_classes, num_classes)` counts; rows are true classes.
        elapsed_s: Worker start to end of test.
        train_s: The training loop alone, validation excluded.
        examples_per_s: Training examples seen per second of `train_s`; `None` for a method without steps.
        peak_memory_bytes: Peak resident memory of the run's process.
    """

    steps: int
    frozen_intact: bool | None
    test_accuracy: float
    test_macro_f1: float
    confusion_matrix: tuple[tuple[int, ...], ...]
    elapsed_s: float
    train_s: float
    examples_per_s: float | None
    peak_memory_bytes: int


@dataclass(frozen=True, kw_only=True)
class RunStopped:
    """The user stopped the run after `step` updates; what was learnt is kept, the test data was not used."""

    step: int
    elapsed_s: float


@dataclass(frozen=True, kw_only=True)
class RunFailed:
    """The run couldn't be finished.

    Attributes:
        message: One line for the user, with what to do next.
        invalid_input: Whether the user's input was the reason (exit status 2) rather than the run (1).
    """

    message: str
    invalid_input: bool = False


Event = RunStarted | StepTaken | Evaluated | Noted | RunFinished | RunStopped | RunFailed
EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls for cls in (RunStarted, StepTaken, Evaluated, Noted, RunFinished, RunStopped, RunFailed)
}


def event_to_dict(event: Event) -> dict[str, Any]:
    """`event` as JSON-ready data, its class name under `type`."""
    return {"type": type(event).__name__, **asdict(event)}


def event_from_dict(data: Mapping[str, Any]) -> Event:
    """The inverse of `event_to_dict`.

    Raises:
        KeyError: `type` names no event.
    """
    fields = {key: value for key, value in data.items() if key != "type"}
    if data["type"] == RunStarted.__name__:
        fields["blocks"] = tuple(BlockStatus(**block) for block in fields["blocks"])
        fields["class_names"] = tuple(fields["class_names"])
    if data["type"] == RunFinished.__name__:
        fields["confusion_matrix"] = tuple(tuple(row) for row in fields["confusion_matrix"])
    return EVENT_TYPES[data["type"]](**fields)
