"""The parts of the speed benchmark that measure nothing: turns, rows, steps, counted operations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from benchmarks.speed_benchmark import jobs, pairs, races, scaling
from benchmarks.speed_benchmark.flops import CountedRun
from benchmarks.speed_benchmark.growth_run import step_times, with_rows
from benchmarks.speed_benchmark.jobs import Job, worker_environment
from tlvsft.datasets import LabelledData, Split
from tlvsft.events import Evaluated, StepTaken


def step(number: int) -> StepTaken:
    return StepTaken(step=number, epoch=1.0, elapsed_s=0.0, train_loss=1.0, examples=16)


def validation(number: int) -> Evaluated:
    return Evaluated(step=number, epoch=1.0, elapsed_s=0.0, val_loss=1.0, val_accuracy=0.5, examples=16)


def test_everybody_begins_a_round_in_turn() -> None:
    assert [races.in_turn(["a", "b", "c"], turn)[0] for turn in range(4)] == ["a", "b", "c", "a"]
    assert sorted(races.in_turn(["a", "b", "c"], 2)) == ["a", "b", "c"]


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Replaces the workers: each job is answered at once with made-up times. Lists the jobs."""
    done: list[Job] = []

    def answer(_name: str, job: Job) -> dict[str, Any]:
        done.append(job)
        return made_up(job)

    for module in (races, pairs, scaling):
        monkeypatch.setattr(module, "run_job", answer)
    return done


def made_up(job: Job) -> dict[str, Any]:
    method = job.options.get("config", {}).get("variant", {}).get("method")
    seconds = {"trainer": 8.0, "plain_loop": 3.0, "inference_pass": 0.5}.get(job.kind, 1.0)
    if job.kind == "inference_pass":
        seconds *= abs(job.options["batch_size"] - 64) + 1
    pair = {"together_s": 1.0, "alone_s": 2.0, "together_training_s": 1.0, "alone_training_s": 4.0}
    found = {
        "ours": {"train_s": 2.0 if method == "full" else 1.0, "test_accuracy": 0.8, "precision": "float32"},
        "pair": pair,
        "default_pair": {"submitted_to_over_s": 3.0},
        "matmul": {"flops_per_s": 100.0},
        "growth": {"step_s": 1.0 + job.options.get("rows", 0) / 100_000, "peak_memory_bytes": 5_000_000},
    }
    flops = {"step_flops": 50 if method == "full" else 25, "total_flops": 50}
    return {"seconds": seconds, **found.get(job.kind, {}), **(flops if job.options.get("count_flops") else {})}


def test_item_1_searches_the_best_batch_first(answered: list[Job]) -> None:
    found = races.measure_probe(repeats=2)
    assert found["pass_batch_size"] == 64
    assert (found["probe_vs_trainer"], found["probe_vs_pass"]) == (8.0, 2.0)
    assert found["contestants"]["ours"]["test_accuracy"] == 0.8
    searched = len(races.PASS_BATCHES) * races._SEARCHES
    assert [job.kind for job in answered[searched:]] == [
        "ours", "trainer", "inference_pass", "trainer", "inference_pass", "ours",
    ]  # fmt: skip


def test_item_2_holds_the_saving_against_counted_operations(answered: list[Job]) -> None:
    found = races.measure_half(repeats=1)
    assert (found["full_vs_half"], found["full_vs_half_flops"], found["full_vs_half_vs_flops"]) == (2.0, 2.0, 1.0)
    trainer = next(job for job in answered if job.kind == "trainer")
    assert trainer.options["config"]["variant"]["frozen_blocks"] == races.LOWER_HALF
    assert not trainer.options["bf16"]


def test_item_3_has_a_trainer_at_its_defaults_and_an_equal_one(answered: list[Job]) -> None:
    found = races.measure_full(repeats=1)
    assert set(found["contestants"]) == {"ours", "trainer", "trainer, equal", "plain loop"}
    plain, equal = (job.options for job in answered if job.kind == "trainer")
    assert "batch_size" not in plain
    assert equal["batch_size"] == 16


def test_item_4_begins_with_either_in_turn(answered: list[Job]) -> None:
    found = pairs.measure_pairs(repeats=2)
    assert (found["pair_vs_sum"], found["pair_vs_sum_training"], found["default_pair_s"]) == (0.5, 0.25, 3.0)
    assert [job.options["together_first"] for job in answered if job.kind == "pair"] == [True, True, False, False]


def test_item_7_reports_the_worst(answered: list[Job]) -> None:
    found = scaling.measure_growth(repeats=1, rows=(1_000, 50_000, 100_000))
    assert found["growth"] == pytest.approx(2 / 1.01)
    assert found["growth_spread"] == pytest.approx(2 / 1.01 - 1)
    assert found["growth_memory_mb"] == 5
    assert found["peak_fraction"] == pytest.approx(0.25)
    assert sum(job.kind == "growth" for job in answered) == 12


def test_a_worker_has_a_home_of_its_own_and_no_inherited_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    environment: Mapping[str, str] = worker_environment(Path("/somewhere"))
    assert environment["TLVSFT_HOME"] == "/somewhere/home"
    assert "OMP_NUM_THREADS" not in environment
    assert environment["PYTHONPATH"].startswith(str(jobs.ROOT))


def test_rows_are_cut_from_the_same_words_and_all_of_one_length() -> None:
    words = [f"w{place}" for place in range(40)]
    texts = Split(inputs=[" ".join(words[:25]), " ".join(words[25:])], labels=np.array([0, 1]))
    data = LabelledData(name="few", modality="text", class_names=("x", "y"), train=texts, validation=texts, test=texts)
    many = with_rows(data, 5)
    assert [str(row).split()[0] for row in many.train.inputs] == ["w0", "w7", "w14", "w21", "w28"]
    assert str(many.train.inputs[4]).split()[-1] == "w19"
    assert {len(str(row).split()) for row in many.train.inputs} == {32}
    assert many.train.labels.tolist() == [0, 1, 0, 1, 0]
    assert len(many.validation) == 2


def test_a_step_that_followed_a_validation_is_left_out() -> None:
    heard = [
        (0.0, validation(0)),
        (1.0, step(1)),
        (3.0, step(2)),
        (9.0, validation(2)),
        (10.0, step(3)),
        (13.0, step(4)),
    ]
    assert step_times(heard) == [2.0, 3.0]


def test_operations_belong_to_the_event_that_they_come_before() -> None:
    matrix = torch.ones(4, 4)
    with CountedRun() as counted:
        matrix @ matrix
        counted.hear(validation(0))
        matrix @ matrix
        matrix @ matrix
        counted.hear(step(1))
    one = 2 * 4**3
    assert (counted.steps, counted.total) == (2 * one, 3 * one)


def test_attention_is_not_free() -> None:
    query = nn.Parameter(torch.ones(1, 2, 8, 4))
    with CountedRun() as counted:
        attended = functional.scaled_dot_product_attention(query, query, query)
        forward = counted.total
        attended.sum().backward()
    product = 2 * 2 * 8 * 8 * 4  # scores: two heads of (8, 4) by (4, 8)
    assert forward == 2 * product
    assert counted.total == forward + 5 * product  # backward computes the scores again
