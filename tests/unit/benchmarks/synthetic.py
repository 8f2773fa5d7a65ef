"""Measurements that nobody measured."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.transfer_benchmark.grid import BAG_OF_WORDS, SEEDS, TASKS, Cell, cells_of, is_quick
from benchmarks.transfer_benchmark.results import Measurement

TRAIN_SIZES = {
    "digits": 1_257,
    "book-reviews": 1_024,
    "book-genres": 1_024,
    "movie-reviews": 7_363,
    "ag-news": 4_760,
    "imdb-small": 4_250,
    "cifar10-small": 4_250,
    "hymenoptera": 207,
    "flowers": 1_700,
}
GOOD = {"linear_probe": 0.96, "full": 0.97, "from_scratch": 0.5, "random_features": 0.4, BAG_OF_WORDS: 0.6}


def cell(method: str, labels: int | None = 50, seed: int = 0, dataset: str = "digits") -> Cell:
    """A cell of the digits, unless another dataset is named."""
    backbone = None if method == BAG_OF_WORDS else TASKS[dataset].backbones[0]
    return Cell(dataset=dataset, backbone=backbone, method=method, labels=labels, seed=seed)


def measured(place: Cell, accuracy: float | None, key: str = "key") -> Measurement:
    """A cell's outcome; without an accuracy the run failed."""
    examples = place.labels or TRAIN_SIZES[place.dataset]
    if accuracy is None:
        return Measurement(cell=place, key=key, examples=examples, failure="The loss became infinite.")
    return Measurement(cell=place, key=key, accuracy=accuracy, loss=0.5, seconds=1.0, examples=examples)


def over_seeds(method: str, labels: int | None, values: Iterable[float | None], **where: str) -> list[Measurement]:
    """One outcome per seed."""
    return [measured(cell(method, labels, seed, **where), value) for seed, value in enumerate(values)]


def quick_measurements(accuracies: dict[str, float] | None = None) -> list[Measurement]:
    """All cells that the checks need, each method with one accuracy everywhere."""
    values = GOOD | (accuracies or {})
    return [
        measured(place, values[place.method])
        for task in TASKS.values()
        for place in cells_of(task, train_size=TRAIN_SIZES[task.name], seeds=SEEDS)
        if is_quick(place)
    ]
