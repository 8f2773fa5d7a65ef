"""Measuring in real worker processes."""

from __future__ import annotations

import multiprocessing

import pytest

from benchmarks.transfer_benchmark.measuring import Job
from benchmarks.transfer_benchmark.pool import measure_all
from tests.unit.benchmarks.synthetic import cell
from tlvsft.config import DatasetConfig


def digits_job(seed: int) -> Job:
    missing = "/no/such/backbone"
    return Job(cell=cell("full", seed=seed), key="key", dataset=DatasetConfig(name="digits"), backbone=missing)


def test_problems_are_told_and_an_interrupt_leaves_no_worker_behind() -> None:
    told: list[tuple[int, str]] = []

    def interrupt(job: Job, message: str) -> None:
        told.append((job.cell.seed, message))
        if len(told) == 2:
            raise KeyboardInterrupt

    jobs = [digits_job(seed) for seed in range(4)]
    before = set(multiprocessing.active_children())
    with pytest.raises(KeyboardInterrupt):
        measure_all(jobs, processes=1, on_measured=lambda _: None, on_problem=interrupt)
    assert [seed for seed, _ in told] == [0, 1]
    assert "'/no/such/backbone' is neither a folder nor a Hub id" in told[0][1]
    assert set(multiprocessing.active_children()) <= before


def test_without_jobs_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_context", lambda *_: pytest.fail("a process was started"))
    measure_all([], processes=2, on_measured=lambda _: None, on_problem=lambda *_: None)
