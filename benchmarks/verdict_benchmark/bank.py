"""The bank: many real runs of a few cells (a method and a number of labels), and which examples each got right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlvsft.config import DatasetConfig, RunConfig, VariantConfig
from tlvsft.errors import InvalidInput, RunError

if TYPE_CHECKING:
    from tlvsft.datasets import LabelledData

DATASET, BACKBONE = "digits", "glyphs-resnet"
METHODS = ("linear_probe", "full")
LABELS = (10, 20, 50)
SEEDS = 50
"""Runs of each cell: two sides of five seeds are a small part of them."""
CANDIDATE_SHARE = 1 / 3
"""Of all examples, from which label subsets are drawn. The others are the population of test examples."""
_VALIDATION_EXAMPLES = 16
"""Validation decides nothing, so it is kept short."""


@dataclass(frozen=True, order=True, kw_only=True)
class Cell:
    """What the runs of one row of the bank have in common."""

    method: str
    labels: int

    def __str__(self) -> str:
        return f"{self.method}, {self.labels} labels"


CELLS = tuple(Cell(method=method, labels=labels) for method in METHODS for labels in LABELS)


@dataclass(frozen=True, eq=False)
class Bank:
    """What all runs got right.

    Attributes:
        correct: For each cell `(seeds, examples)` bool; the same seeds and the same examples in all of them.
    """

    correct: Mapping[Cell, np.ndarray]

    def __post_init__(self) -> None:
        if len({rows.shape for rows in self.correct.values()}) != 1:
            raise ValueError("All cells of a bank have the same seeds and examples.")

    @property
    def cells(self) -> tuple[Cell, ...]:
        """In their order."""
        return tuple(self.correct)

    @property
    def seeds(self) -> int:
        """Runs of each cell."""
        return next(iter(self.correct.values())).shape[0]

    @property
    def examples(self) -> int:
        """Of the population."""
        return next(iter(self.correct.values())).shape[1]

    def accuracy(self, cell: Cell) -> float:
        """Mean over runs and population."""
        return float(self.correct[cell].mean())


def fill_bank(folder: Path, *, seeds: int = SEEDS, say: Callable[[str], None]) -> Bank:
    """Trains what isn't kept yet, on one thread in float32, one run after another.

    Args:
        folder: Where finished runs are kept, each under a hash of what it depends on.
        seeds: Runs of each cell, seeds 0 to `seeds - 1`.
        say: Hears how far it is.

    Raises:
        InvalidInput: The folder can't be written.
        RunError: A run failed.
    """
    import torch

    torch.set_num_threads(1)
    data = population_data()
    key = bank_key(seeds_of=data)
    missing = [place for place in _places(seeds) if not _file(folder, key, *place).exists()]
    kept = len(CELLS) * seeds - len(missing)
    say(f"Runs to train: {len(missing):,}; kept from before: {kept:,}.")
    for done, (cell, seed) in enumerate(missing, start=1):
        correct = train_once(cell, seed, data)
        _keep(_file(folder, key, cell, seed), correct)
        say(f"[{done}/{len(missing)}] {cell}, seed {seed}: {100 * correct.mean():.1f} %")
    examples = len(data.test)
    return Bank(
        {cell: np.stack([_read(_file(folder, key, cell, seed), examples) for seed in range(seeds)]) for cell in CELLS}
    )


def population_data() -> LabelledData:
    """The digits, split anew: a third to draw label subsets from, the rest as the population of test examples."""
    from tlvsft.datasets import Split, load_labelled_data
    from tlvsft.datasets.sampling import split_stratified
    from tlvsft.datasets.splitting import SPLIT_SEED

    data = load_labelled_data(DatasetConfig(name=DATASET))
    splits = (data.train, data.validation, data.test)
    labels = np.concatenate([split.labels for split in splits])
    everything = Split(inputs=[image for split in splits for image in split.inputs], labels=labels)  # type: ignore[arg-type]
    candidates, population = split_stratified(labels, (CANDIDATE_SHARE, 1 - CANDIDATE_SHARE), seed=SPLIT_SEED)
    return replace(
        data,
        train=everything.select(candidates),
        validation=everything.select(candidates[:_VALIDATION_EXAMPLES]),
        test=everything.select(population),
    )


def train_once(cell: Cell, seed: int, data: LabelledData) -> np.ndarray:
    """Trains as the app does and says which examples of the population come out right: `(examples,)` bool.

    Raises:
        RunError: The loss became infinite, or memory ran out.
    """
    from tlvsft.backbones import FLOAT32_ON_CPU
    from tlvsft.training import train

    config = RunConfig(
        backbone=BACKBONE,
        dataset=DatasetConfig(name=DATASET),
        variant=VariantConfig(method=cell.method),
        labels=cell.labels,
        seed=seed,
    )
    run = train(config, on_event=lambda _: None, data=data, stores_prefix=False, arithmetic=FLOAT32_ON_CPU)
    if run.predictions is None:
        raise RunError(f"{cell}, seed {seed} was stopped before its test: run the same command again.")
    return np.asarray(run.predictions.probabilities.argmax(axis=1) == run.predictions.labels)


def bank_key(*, seeds_of: LabelledData) -> str:
    """Hash of what the runs depend on: data, weights, defaults, the code of features and heads, and torch's version.

    Of the training loop's code nothing is in it: after a change there, empty the folder.
    """
    import torch

    from benchmarks.transfer_benchmark.grid import Cell as Place
    from benchmarks.transfer_benchmark.identity import Identities

    identities = Identities(Path())
    keys = [
        identities.key(Place(dataset=DATASET, backbone=BACKBONE, method=method, labels=None, seed=0))
        for method in METHODS
    ]
    split = hashlib.sha256(seeds_of.train.labels.tobytes() + seeds_of.test.labels.tobytes()).hexdigest()
    known = json.dumps([keys, split, str(torch.__version__)])
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _places(seeds: int) -> Iterator[tuple[Cell, int]]:
    return ((cell, seed) for seed in range(seeds) for cell in CELLS)


def _file(folder: Path, key: str, cell: Cell, seed: int) -> Path:
    return folder / key / f"{cell.method}-{cell.labels}-{seed}.npy"


def _keep(path: Path, correct: np.ndarray) -> None:
    """One bit per example, replaced in one move."""
    draft = path.with_suffix(".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            np.save(file, np.packbits(correct), allow_pickle=False)
        draft.replace(path)
    except OSError as error:
        raise InvalidInput(f"Can't write {path}: {error.strerror}; name another folder with --bank.") from error


def _read(path: Path, examples: int) -> np.ndarray:
    """What `_keep` kept.

    Raises:
        InvalidInput: It is damaged.
    """
    try:
        packed = np.load(path, allow_pickle=False)
        return np.unpackbits(packed, count=examples).astype(bool)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(f"{path} is damaged: delete it and run the same command again.") from error
