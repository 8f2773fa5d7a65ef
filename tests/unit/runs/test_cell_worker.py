"""What the worker of a cell does, in this process, around a training that only pretends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.integration.fake_training import fake_train
from tests.unit.runs.plans import plan
from tests.unit.runs.test_cells import GONE, claim, server, states, submit
from tlvsft.config import RunConfig
from tlvsft.errors import DatasetError
from tlvsft.events import RunStarted, StepTaken
from tlvsft.runs import cell_worker, pulse
from tlvsft.runs.cell_records import CellRecord
from tlvsft.runs.cell_worker import work_on_cell
from tlvsft.runs.cells import Cells, cell_log
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store


def work(
    store: Store,
    key: str,
    *,
    train: Callable[..., Any] = fake_train,
    claimed_by: ProcessIdentity | None = None,
    server_alive: bool = True,
) -> CellRecord:
    work_on_cell(
        Cells(store.database),
        key,
        log_file=cell_log(store.home, key),
        threads=1,
        train=train,
        claimed_by=claimed_by or ProcessIdentity.own(),
        server_alive=lambda: server_alive,
    )
    found = Cells(store.database).find(key)
    assert found is not None
    return found


@pytest.fixture
def here(store: Store) -> str:
    return server(store)


def test_a_finished_cell_keeps_figures_and_answers(store: Store, here: str) -> None:
    submit(store, plan(2), here)
    key = claim(store, here) or ""
    log = cell_log(store.home, key)
    log.parent.mkdir()
    log.write_text("a library says hello", encoding="utf-8")
    cell = work(store, key)
    assert cell.state == "finished"
    assert (cell.result["test_accuracy"], cell.result["steps"], cell.result["frozen_intact"]) == (1.0, 2, True)
    assert "confusion_matrix" not in cell.result
    # The pretended training answers 0, 1, 0 where 0, 1, 0 is right.
    assert np.unpackbits(np.frombuffer(cell.correct, dtype=np.uint8), count=cell.examples).tolist() == [1, 1, 1]
    assert not log.exists()
    assert not (store.home / "runs").exists()  # no weights, no predictions


def test_a_cell_is_trained_as_any_run_is(store: Store, here: str) -> None:
    seen: list[RunConfig] = []

    def train(config: RunConfig, **options: Any) -> Any:
        seen.append(config)
        assert options["start"] is None
        return fake_train(config, **options)

    submit(store, plan(2), here)
    work(store, claim(store, here) or "", train=train)
    assert seen == list(plan(2).runs)


def test_a_cell_that_its_server_let_go_of_is_left_alone(store: Store, here: str) -> None:
    def train(*_: object, **__: object) -> Any:
        raise AssertionError("nobody asked")

    sweep_id = submit(store, plan(2), here)
    key = claim(store, here) or ""
    Cells(store.database).release([key])
    work(store, key, train=train)
    assert states(store, sweep_id) == ["queued"]
    claim(store, here)
    work(store, key, train=train, claimed_by=GONE)
    assert states(store, sweep_id) == ["running"]


@pytest.mark.parametrize(
    ("backbone", "reason"),
    [("refuses", "The file has no column"), ("breaks", "error (ValueError: the second line)")],
)
def test_a_failure_is_kept_as_one_line(store: Store, here: str, backbone: str, reason: str) -> None:
    submit(store, plan(2, backbone=backbone), here)
    cell = work(store, claim(store, here) or "")
    assert cell.state == "failed"
    assert reason in str(cell.message)
    assert "\n" not in str(cell.message)


def test_a_cell_whose_server_is_gone_waits_for_another_one(
    store: Store, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "TICK_S", 0.01)
    sweep_id = submit(store, plan(10_000), here)
    work(store, claim(store, here) or "", server_alive=False)
    assert states(store, sweep_id) == ["queued"]


def test_the_store_hears_how_far_a_cell_is(store: Store, here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(number: int) -> StepTaken:
        return StepTaken(step=number, epoch=1.0, elapsed_s=1.0, train_loss=1.0, examples=1)

    ledger = cell_worker._CellLedger(Cells(store.database))
    submit(store, plan(2), here)
    key = claim(store, here) or ""
    ledger.append_events(key, [_started(total_steps=10, train_examples=50), step(1), step(5)])
    ledger.beat(key)
    cell = Cells(store.database).find(key)
    assert cell is not None
    assert cell.share == pytest.approx(0.95 * 5 / 10)
    assert ledger.train_examples == 50
    assert ledger.stop_requested(key) is None


def test_a_method_without_steps_has_no_share(store: Store, here: str) -> None:
    ledger = cell_worker._CellLedger(Cells(store.database))
    submit(store, plan(2), here)
    key = claim(store, here) or ""
    ledger.append_events(key, [_started(total_steps=0, train_examples=50)])
    ledger.beat(key)
    cell = Cells(store.database).find(key)
    assert cell is not None
    assert cell.share == 0


def test_bad_data_is_no_internal_error(store: Store, here: str) -> None:
    def train(*_: object, **__: object) -> Any:
        raise DatasetError("That dataset isn't there any more: upload it again.")

    submit(store, plan(2), here)
    cell = work(store, claim(store, here) or "", train=train)
    assert cell.message == "That dataset isn't there any more: upload it again."


def _started(*, total_steps: int, train_examples: int) -> RunStarted:
    return RunStarted(
        trainable_parameters=1,
        total_parameters=1,
        blocks=(),
        total_steps=total_steps,
        epochs=1,
        train_examples=train_examples,
        class_names=(),
    )
