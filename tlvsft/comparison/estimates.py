"""What a run will take, before it starts: from measured runs of its backbone, and from how earlier ones went here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from tlvsft.catalog.backbones import BACKBONES, bundled_summary
from tlvsft.catalog.costs import Cost, CostTable, bundled_costs
from tlvsft.catalog.datasets import DATASETS, BundledDataset, KnownDataset
from tlvsft.catalog.ladder import frozen_block_names
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.own import find_dataset, is_own
from tlvsft.config import RunConfig
from tlvsft.events import RunFinished
from tlvsft.training.counting import LEAST_EPOCHS_STORED, Counts, count_run
from tlvsft.training.defaults import batch_size_for, hyperparameters_for
from tlvsft.training.phases import Phase, plan_phases


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run will take.

    Attributes:
        steps: Updates; 0 for a method that takes none.
        step_s: One update, on average over the run; `None` likewise.
        train_s: All updates, and the frozen blocks that are computed once.
        run_s: From the start of its process to the end of its test.
        peak_bytes: Peak memory of its process.
    """

    steps: int
    step_s: float | None
    train_s: float
    run_s: float
    peak_bytes: float

    def at_pace(self, pace: Pace) -> Estimate:
        """The same on a machine of another pace."""
        return replace(
            self,
            step_s=None if self.step_s is None else self.step_s * pace.training,
            train_s=self.train_s * pace.training,
            run_s=self.run_s * pace.run,
            peak_bytes=self.peak_bytes * pace.memory,
        )


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How this machine compares with the reference machine: measured divided by estimated.

    Attributes:
        runs: From how many earlier runs that is known.
    """

    training: float
    run: float
    memory: float
    runs: int


def estimate_run(config: RunConfig) -> Estimate | None:
    """What a run takes on the reference machine; `None` where nothing was measured for its backbone and data.

    Raises:
        UnknownName: The method or a block doesn't exist.
        InvalidInput: The variant asks for something that its method hasn't.
    """
    table = _find_table(config)
    if table is None:
        return None
    method, names = get_method(config.variant.method), bundled_summary(config.backbone).block_names
    frozen = frozen_block_names(bundled_summary(config.backbone), config.variant)
    if frozen and config.variant.batchnorm == "train":
        return None  # what drifts isn't stored; the table knows stored blocks only
    data = find_dataset(config.dataset.name)
    rows = config.labels or (data.train_size if data else 0)
    examples = rows * table.examples_per_row
    if not method.takes_steps:
        cost = table.cost(names, names)
        train_s = examples * cost.prefix_s
        run_s = cost.fixed_s + train_s + cost.evaluation_s
        return Estimate(steps=0, step_s=None, train_s=train_s, run_s=run_s, peak_bytes=_peak(table, cost, examples))
    counts = _count(config, table, round(examples))
    if method.adapters:
        costs, stretches = [table.adapted or table.depths[0]], [counts.total_steps]
    else:
        phases = plan_phases(method, names, frozen=frozen, total_steps=counts.total_steps)
        costs = [table.cost(names, phase.frozen) for phase in phases]
        stretches = _stretches(phases, counts.total_steps)
    return _add_up(table, costs, stretches, counts=counts, examples=examples)


def compare_pace(measured: Sequence[tuple[Estimate, RunFinished]]) -> Pace | None:
    """The pace of the machine on which runs took what they took; `None` without any run.

    Args:
        measured: What each run was estimated to take on the reference machine, and how it finished.
    """
    if not measured:
        return None
    known = [(estimate, finish) for estimate, finish in measured if finish.peak_memory_bytes]
    return Pace(
        training=median(finish.train_s / estimate.train_s for estimate, finish in measured),
        run=median(finish.cost_s / estimate.run_s for estimate, finish in measured),
        memory=median(finish.peak_memory_bytes / estimate.peak_bytes for estimate, finish in known) if known else 1.0,
        runs=len(measured),
    )


def _find_table(config: RunConfig) -> CostTable | None:
    costs, data = bundled_costs(config.backbone), find_dataset(config.dataset.name)
    if costs is None or data is None:
        return None
    measured = (table for table in costs.tables if table.task == config.task)
    return next((table for table in measured if _costs_the_same(DATASETS[table.data], data)), None)


def _costs_the_same(measured: BundledDataset, data: KnownDataset) -> bool:
    """Whether examples of two datasets take the same: those of the same files, and all pictures, made equally large.

    A visitor's own texts may be of any length, so nothing is known of them.
    """
    if is_own(data.name):
        return data.modality == measured.modality == "image"
    return DATASETS[data.name].folder == measured.folder


def _count(config: RunConfig, table: CostTable, examples: int) -> Counts:
    modality = BACKBONES[config.backbone].modality
    return count_run(
        hyperparameters_for(modality, config.variant.method, task=config.task),
        batch_size=batch_size_for(modality),
        examples=examples,
        validation_examples=table.validation_examples,
        epochs=config.epochs,
    )


def _add_up(
    table: CostTable, costs: Sequence[Cost], stretches: Sequence[int], *, counts: Counts, examples: float
) -> Estimate:
    """A run's phases together: what each costs, and how many updates it has."""
    per_batch = examples / counts.batches_per_epoch
    train_s, evaluations_s = 0.0, costs[0].evaluation_s
    for cost, steps in zip(costs, stretches, strict=True):
        is_stored = steps >= LEAST_EPOCHS_STORED * counts.batches_per_epoch
        passed = examples if is_stored else steps * per_batch
        train_s += steps * cost.step_s * per_batch / table.batch_size + passed * cost.prefix_s
        evaluations_s += cost.evaluation_s * counts.evaluations * steps / counts.total_steps
    return Estimate(
        steps=counts.total_steps,
        step_s=train_s / counts.total_steps,
        train_s=train_s,
        run_s=costs[-1].fixed_s + train_s + evaluations_s,
        peak_bytes=max(_peak(table, cost, examples) for cost in costs),
    )


def _stretches(phases: Sequence[Phase], total_steps: int) -> list[int]:
    """How many updates each phase has."""
    return [end - start for start, end in pairwise([*(phase.start for phase in phases), total_steps])]


def _peak(table: CostTable, cost: Cost, examples: float) -> float:
    """Peak memory with what is stored of so many training examples."""
    return cost.peak_bytes + (examples - table.examples) * cost.prefix_bytes
