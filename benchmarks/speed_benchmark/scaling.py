"""Item 7: whether more rows make a step slower, and how much of the machine training uses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from statistics import median
from typing import Any, NamedTuple

from benchmarks.speed_benchmark.jobs import Job, Result, run_job
from benchmarks.speed_benchmark.races import OUR_BATCH, count_flops, report, run_config
from benchmarks.speed_benchmark.spreads import Spread, unevenness

ROWS = (1_000, 10_000, 100_000)
STEPS = 48
"""Of which the median is taken; the texts have one length, so all steps are alike."""
METHODS = ("full", "linear_probe")
PEAK_EPOCHS = 3
_BYTES_PER_MB = 1_000_000


class Series(NamedTuple):
    """One line of the measurement, over all sizes.

    Attributes:
        labels: `None` trains on all rows; else on so many of them.
    """

    method: str
    labels: int | None

    def __str__(self) -> str:
        return f"{self.method}, {'all rows' if self.labels is None else f'{self.labels:,} labels'}"


def measure_growth(
    *, repeats: int = 5, rows: Sequence[int] = ROWS, steps: int = STEPS, epochs: int = PEAK_EPOCHS
) -> dict[str, Any]:
    """Item 7.

    Args:
        repeats: Of each measurement.
        rows: Sizes of the training split, the smallest first.
        steps: Of each run that growth is measured on.
        epochs: Of the runs whose share of the machine's peak is taken.
    """
    every = [Series(method, labels) for method, labels in product(METHODS, (OUR_BATCH * steps, None))]
    found: dict[tuple[Series, int], list[Result]] = {(series, size): [] for series, size in product(every, rows)}
    peaks = Peaks(epochs)
    for repeat in range(repeats):
        for (series, size), results in found.items():
            name = f"[{repeat + 1}/{repeats}] {series} of {size:,}"
            results.append(run_job(name, growth_job(series, size, steps)))
        peaks.measure(f"[{repeat + 1}/{repeats}]")
    by_series = {
        str(series): {size: median(result["step_s"] for result in found[series, size]) for size in rows}
        for series in every
    }
    memory = {
        size: [peak_mb(result) for (_, rows), results in found.items() if rows == size for result in results]
        for size in rows
    }
    figures = {
        "growth": worst([times[rows[-1]] / times[rows[0]] for times in by_series.values()]),
        "growth_spread": worst([unevenness(list(times.values())) for times in by_series.values()]),
        "growth_memory_mb": worst(memory[rows[-1]]),
        "peak_fraction": peaks.share(),
    }
    told = {f"{series} of {size:,}": results for (series, size), results in found.items()}
    return report(figures, {}) | {"step_s": by_series, "growth_runs": told, "peak": peaks.details()}


def growth_job(series: Series, rows: int, steps: int) -> Job:
    """One run of a series."""
    config = run_config(series.method, epochs=1, labels=series.labels)
    return Job(kind="growth", options={"config": config, "rows": rows, "steps": steps})


def peak_mb(result: Result) -> float:
    """Peak resident memory."""
    return float(result["peak_memory_bytes"]) / _BYTES_PER_MB


def worst(values: Sequence[float]) -> Spread:
    """The largest counts; the range says what the others were."""
    return Spread(max(values), min(values), max(values))


class Peaks:
    """What `full` computes per second, beside what the machine can."""

    def __init__(self, epochs: int) -> None:
        self._config = run_config("full", epochs=epochs, labels=None)
        self._flops = count_flops("full", self._config)["step_flops"]
        self._reached: list[float] = []
        self._possible: list[float] = []

    def measure(self, name: str) -> None:
        """One pair."""
        peak = run_job(f"{name} matmul", Job(kind="matmul"))
        run = run_job(f"{name} full", Job(kind="ours", options={"config": self._config}))
        self._possible.append(peak["flops_per_s"])
        self._reached.append(self._flops / run["train_s"])

    def share(self) -> Spread:
        """What is reached of the best that was ever possible."""
        return Spread.of([reached / max(self._possible) for reached in self._reached])

    def details(self) -> dict[str, Any]:
        """In operations per second."""
        return {"step_flops": self._flops, "reached_per_s": self._reached, "possible_per_s": self._possible}
