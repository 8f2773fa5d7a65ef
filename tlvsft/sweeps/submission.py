"""From what a user asks for to a sweep on its way: completed, checked, fingerprinted, queued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from tlvsft.catalog.backbones import BackboneSummary
from tlvsft.catalog.sweeps import DEFAULT_SEEDS, DEPTH_LINES, LABEL_METHODS, SweepKind
from tlvsft.comparison import DatasetSummary, check_config, summarize_backbone, summarize_dataset
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.sweeps.config import SweepConfig
from tlvsft.sweeps.defaults import default_depth_labels, default_label_counts
from tlvsft.sweeps.fingerprints import fingerprint_backbone, fingerprint_dataset

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

DescribeBackbone = Callable[[str], BackboneSummary]


class SweepScheduler(Protocol):
    """Where sweeps are queued: `tlvsft.runs.scheduler.Scheduler`."""

    def submit_sweep(self, plan: SweepPlan, *, owner: str | None) -> str:
        """Queues what is missing of a sweep and returns its id."""
        ...

    def stop_sweep(self, sweep_id: str, *, viewer: str | None = None) -> None:
        """Stops a sweep that `viewer` may see."""
        ...


def complete_sweep(
    kind: SweepKind,
    *,
    backbone: str,
    dataset: DatasetConfig,
    methods: Sequence[str] | None = None,
    labels: Sequence[int | None] | None = None,
    depths: Sequence[int] | None = None,
    seeds: int = DEFAULT_SEEDS,
    seed: int = 0,
    epochs: int | None = None,
    viewer: str | None = None,
    data: DatasetSummary | None = None,
    describe_backbone: DescribeBackbone = summarize_backbone,
) -> SweepConfig:
    """The sweep that a user asks for, with sensible numbers where they name none, checked as far as it can be.

    Args:
        kind: What is varied.
        backbone: A bundled backbone's name, a folder, or a Hub id.
        dataset: Any labelled data.
        methods: The curves (over labels), the lines beside the curve (over depth).
        labels: Numbers of labels in any order, `None` for all of them.
        depths: Numbers of frozen units in any order; all there are unless given.
        seeds: How many seeds.
        seed: The first one.
        epochs: Passes over the training examples; `None` is each method's own number.
        viewer: Whose own datasets may be used: a browser's token, or `None` for the command line.
        data: The dataset's summary, where the caller has it already.
        describe_backbone: Where a backbone's summary comes from, as `tlvsft.comparison.check_config` has it.

    Raises:
        InvalidInput: Something can't work, in one line that says what to change.
    """
    data = summarize_dataset(dataset, viewer=viewer) if data is None else data
    counts = _choose_labels(kind, dataset, data, labels)
    units = describe_backbone(backbone).block_names if kind == "depth" else ()
    every_depth = range(len(units) + 1) if kind == "depth" else ()
    config = SweepConfig(
        kind=kind,
        backbone=backbone,
        dataset=dataset,
        methods=tuple((LABEL_METHODS if kind == "labels" else DEPTH_LINES) if methods is None else methods),
        labels=counts,
        train_size=data.train_size,
        units=units,
        depths=tuple(sorted(every_depth if depths is None else depths)),
        seeds=seeds,
        seed=seed,
        epochs=epochs,
    )
    _check_runs(config, data, viewer=viewer, describe_backbone=describe_backbone)
    return config


def submit_sweep(scheduler: SweepScheduler, config: SweepConfig, *, owner: str | None) -> str:
    """Queues what is missing of a sweep and returns its id; the same sweep again goes on where it was.

    Args:
        scheduler: Who runs it.
        config: What `complete_sweep` made.
        owner: The browser that asks; `None` is the command line.

    Raises:
        InvalidInput: Data or backbone can't be read any more; or, on a shared host, the sweep is too large, or this
            visitor has one on its way already.
        StoreError: The store can't be written.
    """
    fingerprints = (fingerprint_dataset(config.dataset), fingerprint_backbone(config.backbone))
    runs = tuple(cell.run for cell in config.cells())
    return scheduler.submit_sweep(SweepPlan(config=config.to_dict(), runs=runs, fingerprints=fingerprints), owner=owner)


def resume_sweep(scheduler: SweepScheduler, store: Store, sweep_id: str, *, viewer: str | None) -> str:
    """Queues again what is missing of a sweep, failed cells among it, and returns its id.

    That is another one where the program, its libraries or the data have changed since: results of two programs don't
    belong into one figure.

    Args:
        scheduler: Who runs it.
        store: Where it is.
        sweep_id: Which one.
        viewer: Who asks: a browser's token, or `None` for the command line.

    Raises:
        InvalidInput: There is none of this id that this viewer may see; or as `submit_sweep` has it.
    """
    from tlvsft.runs.sweeps import Sweeps

    record = Sweeps(store.database).visible(sweep_id, viewer=viewer)
    config = SweepConfig.from_dict(record.config)
    summarize_dataset(config.dataset, viewer=viewer)  # own data may have been deleted since
    return submit_sweep(scheduler, config, owner=record.owner)


def _choose_labels(
    kind: SweepKind, dataset: DatasetConfig, data: DatasetSummary, labels: Sequence[int | None] | None
) -> tuple[int | None, ...]:
    classes = len(data.class_names)
    if labels is not None:
        return tuple(sorted(labels, key=lambda count: data.train_size if count is None else count))
    if kind == "labels":
        return default_label_counts(train_size=data.train_size, num_classes=classes)
    return (default_depth_labels(dataset.name, train_size=data.train_size, num_classes=classes),)


def _check_runs(
    config: SweepConfig, data: DatasetSummary, *, viewer: str | None, describe_backbone: DescribeBackbone
) -> None:
    """Refuses what `compare` would refuse of any of the runs.

    Raises:
        InvalidInput: One line that says what to change.
    """
    summary = describe_backbone(config.backbone)
    variants = tuple(dict.fromkeys(cell.run.variant for cell in config.cells()))
    if len(data.class_names) < 2:
        raise InvalidInput("A sweep needs classes to tell apart: choose data with a column of classes.")
    base = ComparisonConfig(backbone=config.backbone, dataset=config.dataset, epochs=config.epochs, seed=config.seed)
    kinds = [(variant, config.labels[-1]) for variant in variants]
    for variant, labels in [*kinds, *((variants[0], count) for count in config.labels)]:
        check_config(
            replace(base, left=variant, right=variant, labels=labels),
            dataset=data,
            describe_backbone=lambda _: summary,
            viewer=viewer,
        )
