"""The speed benchmark's contestants, each really once, on a few labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from transformers import AutoModelForSequenceClassification

from benchmarks.speed_benchmark import growth_run, hugging_face, inference_pass, plain_loop
from benchmarks.speed_benchmark.jobs import Job, run_job
from benchmarks.speed_benchmark.ours import ours
from benchmarks.speed_benchmark.races import LOWER_HALF, run_config
from benchmarks.speed_benchmark.worker import KINDS
from tlvsft.backbones.arithmetic import PRECISION_VARIABLE
from tlvsft.catalog.backbones import BACKBONES
from tlvsft.config import DatasetConfig, RunConfig
from tlvsft.datasets import LabelledData, load_labelled_data
from tlvsft.training import preparation

LABELS, ROWS, EVALUATED = 32, 128, 24
FEW = {"epochs": 1, "labels": LABELS}


@pytest.fixture(autouse=True)
def _little_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives all contestants a few examples of each split."""

    def load(config: DatasetConfig) -> LabelledData:
        data = load_labelled_data(config)
        few = np.arange(EVALUATED)
        train = data.train.select(np.arange(ROWS))
        return replace(data, train=train, validation=data.validation.select(few), test=data.test.select(few))

    for module in (preparation, hugging_face, plain_loop, inference_pass, growth_run):
        monkeypatch.setattr(module, "load_labelled_data", load)


def test_the_loop_by_hand_learns_exactly_what_ours_learns() -> None:
    config = run_config("full", **FEW)
    mine, by_hand = ours(config=config), plain_loop.plain_loop(config=config)
    assert mine["steps"] == by_hand["steps"] == 2
    assert mine["train_loss"] == pytest.approx(by_hand["train_loss"], rel=1e-4)
    assert mine["test_accuracy"] == by_hand["test_accuracy"]


def test_the_loop_by_hand_learns_in_bfloat16_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Autocast around all steps would go on computing with the first step's weights."""
    monkeypatch.setenv(PRECISION_VARIABLE, "bfloat16")
    config = run_config("full", epochs=8, labels=LABELS)
    mine, by_hand = ours(config=config), plain_loop.plain_loop(config=config, bf16=True)
    assert by_hand["train_loss"] == pytest.approx(mine["train_loss"], abs=0.05)
    assert by_hand["train_loss"] < 0.3


def test_counting_operations_changes_no_run() -> None:
    config = run_config("linear_probe", **FEW)
    plain, counted = ours(config=config), ours(config=config, count_flops=True)
    assert plain["train_loss"] == counted["train_loss"]
    assert 0 < counted["step_flops"] < counted["total_flops"]


def test_trainer_trains_and_tests() -> None:
    found = hugging_face.trainer(config=run_config("full", **FEW), batch_size=16, eval_batch_size=64)
    assert found["steps"] == 2
    assert 0 <= found["test_accuracy"] <= 1


@pytest.mark.parametrize(("method", "frozen"), [("linear_probe", None), ("partial", LOWER_HALF), ("full", None)])
def test_trainer_freezes_what_ours_freezes(method: str, frozen: tuple[str, ...] | None) -> None:
    config = RunConfig.from_dict(run_config(method, epochs=1, labels=None, frozen=frozen))
    model = AutoModelForSequenceClassification.from_pretrained(BACKBONES["wiki-gpt"].path, num_labels=2)
    hugging_face.freeze(model, config)
    frozen_now = {name for name, weights in model.named_parameters() if not weights.requires_grad}
    body = {name for name, _ in model.named_parameters() if name.startswith("transformer.")}
    lower = {
        name
        for name in body
        if name.split(".")[1] in {"wte", "wpe"} or name.split(".")[1:3] in (["h", "0"], ["h", "1"])
    }
    assert frozen_now == {"linear_probe": body, "partial": lower, "full": set()}[method]


def test_a_pass_reads_all_texts() -> None:
    found = inference_pass.inference_pass(config=run_config("linear_probe", epochs=1, labels=None), batch_size=64)
    assert found == {"texts": ROWS + 2 * EVALUATED, "feature_size": 384}


@pytest.mark.parametrize("labels", [LABELS * 12, None])
def test_growth_stops_after_its_steps(labels: int | None) -> None:
    config = run_config("linear_probe", epochs=1, labels=labels)
    found = growth_run.growth(config=config, rows=1_100, steps=16)
    assert 0 < found["step_s"] < found["before_first_step_s"]
    assert found["peak_memory_bytes"] > 0


def test_a_worker_answers_from_a_process_of_its_own() -> None:
    found = run_job("matmul", Job(kind="matmul", options={"size": 64, "products": 2}, threads=1))
    assert found["flops_per_s"] > 0
    assert found["seconds"] > 0


@pytest.mark.parametrize(("kind", "module"), KINDS.items())
def test_every_kind_of_job_is_there(kind: str, module: str) -> None:
    measure: Callable[..., dict[str, Any]] = getattr(import_module(module), kind)
    assert callable(measure)
