from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.integration.fake_training import fake_train
from tlvsft.config import ComparisonConfig, DatasetConfig, RunConfig
from tlvsft.errors import DatasetError, NonFiniteLoss
from tlvsft.events import Event, Noted, RunFailed, RunFinished, RunStopped, StepTaken
from tlvsft.runs.artifacts import load_checkpoint
from tlvsft.runs.reaper import INTERRUPTED_MESSAGE
from tlvsft.runs.store import Store
from tlvsft.runs.worker import OUT_OF_MEMORY_MESSAGE, describe_failure, work


def add_run(store: Store, *, backbone: str = "x", steps: int = 5) -> str:
    config = ComparisonConfig(backbone=backbone, dataset=DatasetConfig(name="d"), labels=steps)
    return store.comparison(store.add_comparison(config, owner=None)).run("right").id


def work_here(store: Store, run_id: str, *, train: Callable[..., object] = fake_train, server: bool = True) -> None:
    work(store, run_id, threads=1, train=train, server_alive=lambda: server)  # type: ignore[arg-type]


def test_a_finished_run_leaves_events_predictions_and_weights(store: Store) -> None:
    run_id = add_run(store)
    work_here(store, run_id)
    run = store.run(run_id)
    assert (run.state, run.message) == ("finished", None)
    events = [event for _, event in store.events(run_id)]
    assert [type(event) for event in events] == [StepTaken] * 5 + [RunFinished]
    assert [event.step for event in events if isinstance(event, StepTaken)] == [1, 2, 3, 4, 5]
    stored = store.predictions(run_id)
    assert stored.labels.tolist() == [0, 1, 0]
    assert stored.probabilities.shape == (3, 2)
    assert stored.probabilities.dtype == np.float32
    checkpoint = load_checkpoint(store.run_folder(run_id))
    assert checkpoint.config == run.config
    assert torch.equal(checkpoint.changed_tensors["head.weight"], torch.ones(2, 2))
    assert store.class_names(run.comparison_id) == ("a", "b")
    assert [len(example.text or "") for example in store.examples(run.comparison_id)] == [5, 6, 500]


def test_files_are_there_before_the_last_event(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = add_run(store)
    seen: list[list[str]] = []
    end_run = Store.end_run

    def look_first(self: Store, *args: str, event: Event) -> bool:
        seen.append(sorted(path.name for path in store.run_folder(run_id).iterdir()))
        return end_run(self, *args, event=event)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "end_run", look_first)
    work_here(store, run_id)
    assert seen == [["predictions.npz", "run.json", "weights.safetensors"]]


def test_a_stopped_run_keeps_what_it_learnt_and_was_not_tested(store: Store) -> None:
    run_id = add_run(store, steps=500)

    def stop_after_three(config: RunConfig, *, on_event: Callable[[Event], None], **options: Any) -> object:
        def pass_on(event: Event) -> None:
            on_event(event)
            if isinstance(event, StepTaken) and event.step == 3:
                store.request_stop(run_id.split("-")[0])

        return fake_train(config, on_event=pass_on, **options)

    work_here(store, run_id, train=stop_after_three)
    assert store.run(run_id).state == "stopped"
    last = store.events(run_id)[-1][1]
    assert isinstance(last, RunStopped)
    assert 3 <= last.step < 60
    assert load_checkpoint(store.run_folder(run_id)).class_names == ("a", "b")
    assert not (store.run_folder(run_id) / "predictions.npz").exists()


def test_a_run_without_a_server_is_interrupted(store: Store) -> None:
    run_id = add_run(store, steps=500)
    work_here(store, run_id, server=False)
    run = store.run(run_id)
    assert (run.state, run.message) == ("interrupted", INTERRUPTED_MESSAGE)
    assert isinstance(store.events(run_id)[-1][1], RunStopped)


def test_a_run_that_is_not_queued_is_not_trained(store: Store) -> None:
    run_id = add_run(store)
    store.request_stop(run_id.split("-")[0])
    work_here(store, run_id)
    assert store.run(run_id).state == "stopped"
    assert not store.run_folder(run_id).exists()


def test_refused_input_is_told_from_a_failed_run(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = add_run(store, backbone="refuses")
    work_here(store, run_id)
    run = store.run(run_id)
    assert (run.state, run.invalid_input) == ("failed", True)
    assert "label-column" in str(run.message)
    assert "DatasetError" in capsys.readouterr().err


def test_an_internal_error_is_one_line_and_a_log(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = add_run(store, backbone="breaks")
    work_here(store, run_id)
    run = store.run(run_id)
    assert (run.state, run.invalid_input) == ("failed", False)
    assert "internal error (ValueError: the second line)" in str(run.message)
    assert "\n" not in str(run.message)
    assert "Traceback" in capsys.readouterr().err


def test_events_before_a_failure_are_kept(store: Store) -> None:
    def diverge(config: RunConfig, *, on_event: Callable[[Event], None], **_: Any) -> object:
        on_event(Noted(message="so far so good"))
        raise NonFiniteLoss("The loss is no number after step 1: lower the rate.")

    run_id = add_run(store)
    work_here(store, run_id, train=diverge)
    assert [type(event) for _, event in store.events(run_id)] == [Noted, RunFailed]


def test_an_event_that_cannot_be_stored_fails_the_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = add_run(store, steps=500)
    monkeypatch.setattr("threading.excepthook", lambda _: None)

    def emit_nonsense(config: RunConfig, *, on_event: Callable[[Event], None], **options: Any) -> object:
        on_event(Noted(message=object()))  # type: ignore[arg-type]
        return fake_train(config, on_event=on_event, **options)

    work_here(store, run_id, train=emit_nonsense)
    assert store.run(run_id).state == "failed"
    assert "can't be stored" in str(store.run(run_id).message)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")]
)
def test_lack_of_memory_names_the_next_action(error: Exception) -> None:
    assert describe_failure(error, log_file=Path("log.txt")).message == OUT_OF_MEMORY_MESSAGE


def test_long_errors_are_cut() -> None:
    failure = describe_failure(KeyError("x" * 5_000), log_file=Path("log.txt"))
    assert len(failure.message) < 300
    assert not failure.invalid_input
    assert describe_failure(DatasetError("no"), log_file=Path("log.txt")) == RunFailed(message="no", invalid_input=True)


def test_run_json_can_be_replayed(store: Store) -> None:
    run_id = add_run(store)
    work_here(store, run_id)
    facts = json.loads((store.run_folder(run_id) / "run.json").read_text(encoding="utf-8"))
    assert RunConfig.from_dict(facts["config"]) == store.run(run_id).config
