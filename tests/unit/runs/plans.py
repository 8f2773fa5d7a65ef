"""Sweeps of the simplest kind: one run for each number of labels."""

from __future__ import annotations

from tlvsft.config import DatasetConfig, RunConfig, VariantConfig
from tlvsft.runs.cell_records import SweepPlan


def run_config(labels: int, *, backbone: str = "x", dataset: str = "d") -> RunConfig:
    return RunConfig(
        backbone=backbone, dataset=DatasetConfig(name=dataset), variant=VariantConfig(method="full"), labels=labels
    )


def plan(*labels: int, backbone: str = "x", dataset: str = "d") -> SweepPlan:
    runs = tuple(run_config(count, backbone=backbone, dataset=dataset) for count in labels)
    return SweepPlan(config={"labels": list(labels), "backbone": backbone}, runs=runs)


def keys(plan: SweepPlan) -> tuple[str, ...]:
    """Keys that say what they are of."""
    return tuple(f"{run.backbone}-{run.dataset.name}-{run.labels}" for run in plan.runs)
