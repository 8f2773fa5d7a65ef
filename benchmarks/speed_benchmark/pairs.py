"""Item 4: two runs at once against the same two one after the other, and the default preset."""

from __future__ import annotations

from typing import Any

from benchmarks.speed_benchmark.jobs import THREADS, Job, Result, run_job
from benchmarks.speed_benchmark.races import BACKBONE, DATASET, report
from benchmarks.speed_benchmark.spreads import Spread, paired_ratios
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig

DIGITS, DIGITS_BACKBONE, DIGITS_LABELS = "digits", "glyphs-resnet", 50


def measure_pairs(*, repeats: int = 5, epochs: int | None = None, labels: int | None = None) -> dict[str, Any]:
    """Item 4, with the epochs and labels of the app's defaults unless told."""
    reviews = two_full_runs(DATASET, BACKBONE, epochs=epochs, labels=labels)
    digits = two_full_runs(DIGITS, DIGITS_BACKBONE, epochs=epochs, labels=labels or DIGITS_LABELS)
    jobs = {"pair_vs_sum": reviews, "pair_vs_sum_digits": digits}
    preset = Job(kind="default_pair", options={"cores": THREADS, "labels": labels, "epochs": epochs})
    found: dict[str, list[Result]] = {key: [] for key in jobs}
    presets: list[Result] = []
    for repeat in range(repeats):
        for key, config in jobs.items():
            options = {"config": config, "threads": THREADS, "together_first": repeat % 2 == 0}
            found[key].append(run_job(f"[{repeat + 1}/{repeats}] {key}", Job(kind="pair", options=options)))
        presets.append(run_job(f"[{repeat + 1}/{repeats}] the default preset", preset))
    ratios = {"default_pair_s": Spread.of([result["submitted_to_over_s"] for result in presets])}
    for key, results in found.items():
        ratios[key] = share_of_sum(results, "together_s", "alone_s")
        ratios[f"{key}_training"] = share_of_sum(results, "together_training_s", "alone_training_s")
    return report(ratios, {}) | {"pairs": found, "default_pairs": presets}


def two_full_runs(dataset: str, backbone: str, *, epochs: int | None, labels: int | None) -> dict[str, Any]:
    """The same run on both sides, ready for JSON."""
    return ComparisonConfig(
        backbone=backbone,
        dataset=DatasetConfig(name=dataset),
        left=VariantConfig(method="full"),
        right=VariantConfig(method="full"),
        epochs=epochs,
        labels=labels,
    ).to_dict()


def share_of_sum(results: list[Result], together: str, alone: str) -> Spread:
    """How long both take at once, as a share of one after the other."""
    return paired_ratios([result[together] for result in results], [result[alone] for result in results])
