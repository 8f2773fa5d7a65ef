"""A comparison in a real store, finished without training anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.config import ComparisonConfig, Side
from tlvsft.events import BlockStatus, Evaluated, Noted, RunFinished, RunStarted, StepTaken
from tlvsft.runs.artifacts import save_examples, save_predictions
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import Example
from tlvsft.runs.store import Store

Answers = dict[tuple[Side, int], Sequence[bool]]
"""For each side and seed, which test examples it gets right."""
RecordComparison = Callable[..., str]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def digits_config() -> ComparisonConfig:
    return PRESETS["digits"].comparison_config()


@pytest.fixture
def finish_runs() -> Callable[..., None]:
    """Ends the runs of a comparison as a worker would: events, predictions, examples. Runs without answers wait."""
    return _finish_runs


@pytest.fixture
def record_comparison(store: Store) -> RecordComparison:
    """Adds a comparison whose runs gave the `answers` and returns its id."""

    def record(config: ComparisonConfig, answers: Answers) -> str:
        comparison_id = store.add_comparison(config, owner=None)
        _finish_runs(store, comparison_id, answers)
        return comparison_id

    return record


def _finish_runs(store: Store, comparison_id: str, answers: Answers) -> None:
    import numpy as np

    classes = tuple("0123456789")
    for run in store.comparison(comparison_id).runs:
        if (run.side, run.seed) not in answers:
            continue
        correct = np.array(answers[run.side, run.seed])
        labels = np.arange(len(correct)) % len(classes)
        answered = np.where(correct, labels, (labels + 1) % len(classes))
        probabilities = np.full((len(correct), len(classes)), 0.01, dtype=np.float32)
        probabilities[np.arange(len(correct)), answered] = 0.91
        store.begin_run(run.id, ProcessIdentity.own())
        store.append_events(
            run.id,
            [
                RunStarted(
                    trainable_parameters=10,
                    total_parameters=100,
                    blocks=(BlockStatus(name="embedding", parameters=90, state="frozen"),),
                    total_steps=2,
                    epochs=1,
                    train_examples=20,
                    class_names=classes,
                ),
                Noted(message="Only a drill."),
                StepTaken(step=1, epoch=0.5, elapsed_s=0.5, train_loss=2.0, examples=10),
                StepTaken(step=2, epoch=1.0, elapsed_s=0.9, train_loss=1.0, examples=20),
                Evaluated(step=2, epoch=1.0, elapsed_s=1.0, val_loss=float("inf"), val_accuracy=0.5, examples=20),
            ],
        )
        save_predictions(store.run_folder(run.id), labels=labels, probabilities=probabilities)
        finish = RunFinished(
            steps=2,
            frozen_intact=True if run.side == "left" else None,
            test_accuracy=float(correct.mean()),
            test_macro_f1=0.5,
            confusion_matrix=((1,),),
            elapsed_s=1.0 if run.side == "left" else 3.0,
            train_s=0.5 if run.side == "left" else 1.5,
            examples_per_s=40.0,
            peak_memory_bytes=1_000_000,
        )
        examples = [Example(index=index, label=int(label), text=f"text {index}") for index, label in enumerate(labels)]
        save_examples(store.comparison_folder(comparison_id), examples[:5], class_names=classes)
        store.end_run(run.id, "finished", event=finish)
