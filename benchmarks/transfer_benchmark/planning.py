"""Which cells are still to be measured, and which measurements still hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.transfer_benchmark.grid import TASKS, Cell, Choice, Task, backbone_folder, cells_of, in_order
from benchmarks.transfer_benchmark.identity import Identities
from benchmarks.transfer_benchmark.measuring import Job
from benchmarks.transfer_benchmark.results import DatasetSize, Measurement, ResultsFile
from tlvsft.datasets import load_labelled_data


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a command has to do.

    Attributes:
        jobs: To be measured, in this order.
        kept: How many of the chosen cells were measured before, and still hold.
        missing: What can't be measured here because its files aren't there.
    """

    jobs: tuple[Job, ...]
    kept: int
    missing: tuple[str, ...]


def plan_jobs(choice: Choice, results: ResultsFile, identities: Identities, *, shared: Path, again: bool) -> Plan:
    """Plans a command; notes the sizes of the datasets that it had to open for this in `results`.

    Args:
        choice: Which cells are wanted.
        results: What was measured before.
        identities: What lies on this machine.
        shared: The folder with the data and the models that don't come with the app.
        again: Whether cells that still hold are measured again.
    """
    jobs: list[Job] = []
    kept = 0
    missing: dict[str, None] = {}  # in order, each once
    for cell in in_order(_chosen_cells(choice, results, identities, shared, missing)):
        key = identities.key(cell)
        folder = None if cell.backbone is None else backbone_folder(cell.backbone, shared)
        if key is None:
            missing[f"{cell.backbone} ({folder})"] = None
        elif not again and _holds(results.get(cell), key):
            kept += 1
        else:
            jobs.append(Job(cell=cell, key=key, dataset=TASKS[cell.dataset].config(shared), backbone=str(folder or "")))
    return Plan(jobs=tuple(jobs), kept=kept, missing=tuple(missing))


def holding(results: ResultsFile, identities: Identities) -> list[Measurement]:
    """The measurements that would come out the same today: of the weights, defaults and data that are here now."""
    return [found for found in results if _holds(found, identities.key(found.cell))]


def _holds(found: Measurement | None, key: str | None) -> bool:
    return found is not None and key is not None and found.key == key


def _chosen_cells(
    choice: Choice, results: ResultsFile, identities: Identities, shared: Path, missing: dict[str, None]
) -> list[Cell]:
    cells: list[Cell] = []
    for name in choice.datasets:
        task = TASKS[name]
        identity = identities.dataset(task)
        if identity is None:
            missing[f"{name} ({task.folder(shared)})"] = None
            continue
        size = results.sizes.get(name)
        if size is None or size.identity != identity:
            size = results.sizes[name] = _measure_size(task, identity, shared)
        cells += [cell for cell in cells_of(task, train_size=size.train, seeds=choice.seeds) if cell in choice]
    return cells


def _measure_size(task: Task, identity: str, shared: Path) -> DatasetSize:
    data = load_labelled_data(task.config(shared))
    return DatasetSize(identity=identity, train=len(data.train), test=len(data.test), classes=len(data.class_names))
