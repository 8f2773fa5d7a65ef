"""What a sweep varies, as data, and the runs that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.sweeps import (
    DEFAULT_SEEDS,
    KINDS,
    MOST_CELLS,
    MOST_LABEL_COUNTS,
    MOST_METHODS,
    PARTIAL,
    SWEEP_SEEDS,
    SweepKind,
)
from tlvsft.config import EPOCHS, LABELS, SEED, Bounds, DatasetConfig, RunConfig, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName


@dataclass(frozen=True, kw_only=True)
class SweepCell:
    """One run of a sweep, and where it stands in the figure.

    Attributes:
        method: The curve, or the control line, that it belongs to.
        labels: Training examples; `None` is all of them.
        depth: How many of the lowest units are frozen, the embedding counting as the first; `None` for a control line
            and in a sweep over labels.
        run: What is trained.
    """

    method: str
    labels: int | None
    depth: int | None
    seed: int
    run: RunConfig


@dataclass(frozen=True, kw_only=True)
class SweepConfig:
    """A sweep: `labels` trains each method at each number of labels; `depth` freezes one more unit at a time.

    A unit is the embedding or a numbered block, from the input on. At depth 0 nothing is frozen, at the largest depth
    the whole backbone is.

    Attributes:
        methods: Over labels the curves, over depth the lines beside the curve: its ends as the app trains them by
            themselves (`full`, `linear_probe`) and the controls (`from_scratch`, `random_features`).
        labels: Numbers of training examples, ascending, `None` (all of them) last. A depth sweep has one.
        units: The backbone's units, from the input on, in a depth sweep: `("embedding", "0", …)`; else empty.
        depths: How many of them are frozen, ascending; empty over labels.
        train_size: How many training examples the dataset has, which is what `None` in `labels` stands for.
        seeds: How many seeds, `seed … seed + seeds - 1`, each drawing its own label subset.
        epochs: Passes over the training examples; `None` is each method's own number.
    """

    kind: SweepKind
    backbone: str
    dataset: DatasetConfig
    methods: tuple[str, ...]
    labels: tuple[int | None, ...]
    train_size: int
    units: tuple[str, ...] = ()
    depths: tuple[int, ...] = ()
    seeds: int = DEFAULT_SEEDS
    seed: int = 0
    epochs: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownName("sweep", self.kind, KINDS)
        SEED.check(self.seed)
        SWEEP_SEEDS.check(self.seeds)
        SEED.check(self.seed + self.seeds - 1)
        if self.epochs is not None:
            EPOCHS.check(self.epochs)
        _check_methods(self)
        _check_labels(self)
        _check_depths(self)
        cells = self.count_cells()
        if cells > MOST_CELLS:
            raise InvalidInput(
                f"This sweep has {cells:,} runs, and {MOST_CELLS:,} are the most: choose fewer methods, numbers or "
                "seeds."
            )

    @property
    def axis(self) -> tuple[int, ...]:
        """The places on the x axis: numbers of labels, or of frozen units."""
        if self.kind == "depth":
            return self.depths
        return tuple(self.train_size if count is None else count for count in self.labels)

    def all_seeds(self) -> range:
        """The seeds that are run."""
        return range(self.seed, self.seed + self.seeds)

    def count_cells(self) -> int:
        """How many runs it has."""
        return len(self._places()) * self.seeds

    def cells(self) -> tuple[SweepCell, ...]:
        """Its runs, in the order in which they are trained: the whole figure with one seed first, then with the next.

        Within a seed from few labels to many, and from nothing frozen to everything, the lines after that.
        """
        return tuple(
            self._cell(method, labels, depth, seed)
            for seed in self.all_seeds()
            for method, labels, depth in self._places()
        )

    def to_dict(self) -> dict[str, Any]:
        """This config as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SweepConfig:
        """The inverse of `to_dict`."""
        lists = {key: tuple(data[key]) for key in ("methods", "labels", "units", "depths")}
        return cls(**{**data, **lists, "dataset": DatasetConfig(**data["dataset"])})

    def _places(self) -> list[tuple[str, int | None, int | None]]:
        """Method, labels and depth of each place of the figure."""
        if self.kind == "labels":
            return [(method, count, None) for count in self.labels for method in self.methods]
        (labels,) = self.labels
        along: list[tuple[str, int | None, int | None]] = [(PARTIAL, labels, depth) for depth in self.depths]
        return [*along, *((method, labels, None) for method in self.methods)]

    def _cell(self, method: str, labels: int | None, depth: int | None, seed: int) -> SweepCell:
        run = RunConfig(
            backbone=self.backbone,
            dataset=self.dataset,
            variant=VariantConfig(method=method, frozen_blocks=None if depth is None else self.units[:depth]),
            labels=None if labels == self.train_size else labels,  # all of them, however it is written, is one run
            epochs=self.epochs,
            seed=seed,
        )
        return SweepCell(method=method, labels=labels, depth=depth, seed=seed, run=run)


def _check_methods(config: SweepConfig) -> None:
    if not config.methods and config.kind == "labels":
        raise InvalidInput("A sweep over labels needs a method: name one or more, separated by commas.")
    if len(config.methods) > MOST_METHODS:
        raise InvalidInput(f"At most {MOST_METHODS} methods fit into one figure: choose some of them.")
    for method in config.methods:
        get_method(method)
    _refuse_repeats("method", config.methods)
    if config.kind == "depth" and PARTIAL in config.methods:
        raise InvalidInput(f"The method {PARTIAL!r} is the curve of a sweep over depth: leave it out of the lines.")


def _check_labels(config: SweepConfig) -> None:
    LABELS.check(config.train_size)
    if not config.labels or len(config.labels) > MOST_LABEL_COUNTS:
        raise InvalidInput(f"A sweep needs from 1 to {MOST_LABEL_COUNTS} numbers of labels, not {len(config.labels)}.")
    if config.kind == "depth" and len(config.labels) != 1:
        raise InvalidInput("A sweep over depth has one number of labels: give one.")
    for count in config.labels:
        if count is not None:
            LABELS.check(count)
    counts = [config.train_size if count is None else count for count in config.labels]
    _refuse_repeats("number of labels", counts)
    if counts != sorted(counts):
        raise InvalidInput("Numbers of labels go from few to many: sort them.")


def _check_depths(config: SweepConfig) -> None:
    if config.kind == "labels":
        if config.depths or config.units:
            raise InvalidInput("A sweep over labels has no depths: leave them out.")
        return
    if not config.units or not config.depths:
        raise InvalidInput("A sweep over depth needs the backbone's units and one depth or more.")
    deepest = Bounds(name="depths", low=0, high=len(config.units))
    for depth in config.depths:
        deepest.check(depth)
    _refuse_repeats("depth", config.depths)
    if list(config.depths) != sorted(config.depths):
        raise InvalidInput("Depths go from few frozen units to many: sort them.")


def _refuse_repeats(kind: str, values: tuple[object, ...] | list[int]) -> None:
    repeated = [value for value in values if list(values).count(value) > 1]
    if repeated:
        shown = f"{repeated[0]:,}" if isinstance(repeated[0], int) else repr(repeated[0])
        raise InvalidInput(f"The {kind} {shown} is there twice: leave one out.")
