"""Small learnable data, and a way to train on it and keep what was heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image
from torch import Tensor

from tlvsft.config import DatasetConfig, RunConfig, VariantConfig
from tlvsft.datasets import LabelledData, Split, TextData
from tlvsft.events import Event, RunFinished, StepTaken
from tlvsft.training import TrainedRun, train

E = TypeVar("E")
_OF_VARIANT = ("frozen_blocks", "head", "schedule", "rate_decay", "rate_factor", "batchnorm")
_PASSED_ON = (
    "should_stop",
    "parameters",
    "start",
    "on_checkpoint",
    "stores_prefix",
    "arithmetic",
    "observers",
    "compares_representations",
)


def text_data(*, train_examples: int = 40, notes: tuple[str, ...] = ()) -> LabelledData:
    """Kind and unkind texts, told apart by single words."""
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        labels = np.arange(count, dtype=np.int64) % 2
        words = (("dull", "bad"), ("fine", "good"))
        texts = [f"the {words[label][rng.integers(2)]} book " * int(rng.integers(1, 4)) for label in labels]
        return Split(inputs=texts, labels=labels)

    return LabelledData(
        name="kindness",
        modality="text",
        class_names=("unkind", "kind"),
        train=split(train_examples),
        validation=split(12),
        test=split(16),
        notes=notes,
    )


def image_data(*, train_examples: int = 40) -> LabelledData:
    """Dark and bright pictures."""
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        labels = np.arange(count, dtype=np.int64) % 2
        pixels = [(rng.random((8, 8)) * 120 + 110 * label).astype(np.uint8) for label in labels]
        return Split(inputs=[Image.fromarray(array) for array in pixels], labels=labels)

    return LabelledData(
        name="brightness",
        modality="image",
        class_names=("dark", "bright"),
        train=split(train_examples),
        validation=split(12),
        test=split(16),
    )


def corpus(*, train_texts: int = 24, validation_texts: int = 6) -> TextData:
    """Sentences of few words in an order that can be learnt."""
    rng = np.random.default_rng(1)

    def texts(count: int) -> tuple[str, ...]:
        return tuple("the good book the fine plot end " * int(rng.integers(1, 3)) for _ in range(count))

    return TextData(name="few words", train=texts(train_texts), validation=texts(validation_texts), test=texts(8))


@dataclass(frozen=True)
class Heard:
    """A run and its events."""

    config: RunConfig
    run: TrainedRun
    events: list[Event]

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def finish(self) -> RunFinished:
        """Its end, which a stopped run doesn't have."""
        assert isinstance(self.run.outcome, RunFinished)
        return self.run.outcome

    @property
    def adapted_tensors(self) -> dict[str, Tensor]:
        """What changed in the backbone, by the backbone's own names."""
        prefix = "backbone."
        changed = self.run.changed_tensors.items()
        return {name.removeprefix(prefix): tensor for name, tensor in changed if name.startswith(prefix)}


def run_config(backbone: str, method: str, **changes: Any) -> RunConfig:
    """A short run of one method."""
    choices = {key: changes.pop(key) for key in _OF_VARIANT if key in changes}
    settings: dict[str, Any] = {"labels": 24, "epochs": 2} | changes
    return RunConfig(
        backbone=backbone,
        dataset=DatasetConfig(name="fake"),
        variant=VariantConfig(method=method, **choices),
        **settings,
    )


def run(backbone: str, method: str, data: LabelledData | TextData, **changes: Any) -> Heard:
    """Trains and listens; `stop_at` is the number of updates after which to stop."""
    passed = {key: changes.pop(key) for key in _PASSED_ON if key in changes}
    events: list[Event] = []
    if "stop_at" in changes:
        last = changes.pop("stop_at")
        passed["should_stop"] = lambda: sum(isinstance(event, StepTaken) for event in events) >= last
    hear: Callable[[Event], None] = events.append
    config = run_config(backbone, method, **changes)
    return Heard(config, train(config, on_event=hear, data=data, **passed), events)
