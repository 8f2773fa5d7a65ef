"""Which cells there are: datasets, backbones, methods, numbers of labels, seeds; and which come first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tlvsft.catalog.paths import BUNDLED_BACKBONES
from tlvsft.config import DatasetConfig, Modality
from tlvsft.errors import UnknownName

LABELS = (20, 50, 100, 200, 500)
SEEDS = 5
BAG_OF_WORDS = "bag_of_words"
PROBES = ("linear_probe", "nearest_centroid")
"""Pretrained, frozen, and cheap enough to be given all labels everywhere."""
PRETRAINED = ("linear_probe", "full")
"""What the best pretrained method is chosen from."""
METHODS = ("linear_probe", "full", "from_scratch", "random_features", "nearest_centroid", BAG_OF_WORDS)
MOBILENET = "mobilenet-v2-0.35-imagenet"
"""The only backbone here that doesn't come with the app: `models/` of the shared folder has it."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training, or rather its place in the grid.

    Attributes:
        backbone: `None` for bag-of-words, which has none.
        labels: Training examples; `None` is all of them.
    """

    dataset: str
    backbone: str | None
    method: str
    labels: int | None
    seed: int

    def __str__(self) -> str:
        labels = "all" if self.labels is None else f"{self.labels:,}"
        names = " · ".join(name for name in (self.dataset, self.backbone, self.method) if name)
        return f"{names} · {labels} labels · seed {self.seed}"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One dataset and what is tried on it.

    Attributes:
        bundled: Whether it comes with the app; else `data/` of the shared folder has it.
        effort: How long an example takes, roughly, with digits as 1: cheap cells come first.
        extra: Further methods and numbers of labels.
    """

    name: str
    modality: Modality
    bundled: bool = False
    backbones: tuple[str, ...]
    effort: float
    extra: tuple[tuple[str, int], ...] = ()

    def config(self, shared: Path) -> DatasetConfig:
        """How `tlvsft.datasets` knows it."""
        return DatasetConfig(name=self.name if self.bundled else str(self.folder(shared)))

    def folder(self, shared: Path) -> Path:
        """Where it lies if it isn't bundled."""
        return shared / "data" / self.name


_PHOTO_BACKBONES = ("photos-resnet", MOBILENET)
_MANY = 5_000

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(name="digits", modality="image", bundled=True, backbones=("glyphs-resnet",), effort=1),
        Task(name="book-reviews", modality="text", bundled=True, backbones=("wiki-gpt",), effort=3),
        Task(name="book-genres", modality="text", bundled=True, backbones=("wiki-gpt",), effort=3),
        Task(
            name="movie-reviews",
            modality="text",
            backbones=("wiki-gpt",),
            effort=3,
            extra=(("full", _MANY), ("from_scratch", _MANY), (BAG_OF_WORDS, _MANY)),
        ),
        Task(name="ag-news", modality="text", backbones=("wiki-gpt",), effort=5),
        Task(name="imdb-small", modality="text", backbones=("wiki-gpt",), effort=25),
        Task(name="cifar10-small", modality="image", backbones=_PHOTO_BACKBONES, effort=6),
        Task(name="hymenoptera", modality="image", backbones=_PHOTO_BACKBONES, effort=8),
        Task(name="flowers", modality="image", backbones=_PHOTO_BACKBONES, effort=8),
    )
}
BACKBONES = tuple(dict.fromkeys(backbone for task in TASKS.values() for backbone in task.backbones))
_METHOD_EFFORT = {BAG_OF_WORDS: 0.1, "nearest_centroid": 0.3, "full": 2.0, "from_scratch": 3.0}
_MOBILENET_EFFORT = 6.0

_QUICK: tuple[tuple[str, str, tuple[str, ...], tuple[int | None, ...]], ...] = (
    ("digits", "glyphs-resnet", ("linear_probe", "full"), (50,)),
    ("digits", "glyphs-resnet", ("from_scratch",), (*LABELS, None)),
    ("book-genres", "wiki-gpt", ("linear_probe", "random_features", "full", "from_scratch", BAG_OF_WORDS), (None,)),
    ("ag-news", "wiki-gpt", ("linear_probe", "full"), (200,)),
    ("movie-reviews", "wiki-gpt", ("linear_probe", "full", "from_scratch", BAG_OF_WORDS), (200,)),
    ("movie-reviews", "wiki-gpt", ("full",), (_MANY,)),
    ("cifar10-small", "photos-resnet", ("linear_probe", "from_scratch"), (500,)),
    ("hymenoptera", MOBILENET, ("linear_probe",), (None,)),
)
"""What the checks need: dataset, backbone, methods, numbers of labels."""

_QUICK_PLACES = frozenset(
    (dataset, None if method == BAG_OF_WORDS else backbone, method, count)
    for dataset, backbone, methods, counts in _QUICK
    for method in methods
    for count in counts
)


def is_quick(cell: Cell) -> bool:
    """Whether a check needs this cell."""
    return (cell.dataset, cell.backbone, cell.method, cell.labels) in _QUICK_PLACES


def backbone_folder(name: str, shared: Path) -> Path:
    """Where a backbone of the grid lies."""
    return shared / "models" / name if name == MOBILENET else BUNDLED_BACKBONES / name


def methods_of(task: Task) -> Iterator[tuple[str, str | None]]:
    """Each method that the task is tried with, and the backbone for it."""
    for backbone in task.backbones:
        yield from ((method, backbone) for method in METHODS if method != BAG_OF_WORDS)
    if task.modality == "text":
        yield BAG_OF_WORDS, None


def label_counts(task: Task, method: str, *, train_size: int) -> tuple[int | None, ...]:
    """The numbers of labels for one method; those that the training split can't give are left out."""
    wanted = (*LABELS, *(count for name, count in task.extra if name == method))
    counts: tuple[int | None, ...] = tuple(count for count in wanted if count <= train_size)
    return (*counts, None) if task.bundled or method in PROBES else counts


def cells_of(task: Task, *, train_size: int, seeds: int) -> list[Cell]:
    """Every cell of a task."""
    return [
        Cell(dataset=task.name, backbone=backbone, method=method, labels=count, seed=seed)
        for method, backbone in methods_of(task)
        for count in label_counts(task, method, train_size=train_size)
        for seed in range(seeds)
    ]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the user asked for; `None` is everything."""

    datasets: tuple[str, ...] = tuple(TASKS)
    backbones: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    labels: tuple[int | None, ...] | None = None
    seeds: int = SEEDS
    quick: bool = False

    def __contains__(self, cell: Cell) -> bool:
        return (
            cell.dataset in self.datasets
            and (self.backbones is None or cell.backbone in self.backbones)
            and (self.methods is None or cell.method in self.methods)
            and (self.labels is None or cell.labels in self.labels)
            and cell.seed < self.seeds
            and (not self.quick or is_quick(cell))
        )


def in_order(cells: Iterable[Cell]) -> list[Cell]:
    """What the checks need comes first, and cheap cells before dear ones."""
    return sorted(cells, key=lambda cell: (not is_quick(cell), _effort(cell), str(cell)))


def check_names(kind: str, names: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Returns `names` if each is known.

    Raises:
        UnknownName: One isn't; the nearest known name is suggested.
    """
    names = tuple(names)
    for name in names:
        if name not in known:
            raise UnknownName(kind, name, known)
    return names


def _effort(cell: Cell) -> float:
    examples = 500 + (cell.labels or 1_500)  # evaluating takes as long as training on a few hundred
    effort = TASKS[cell.dataset].effort * _METHOD_EFFORT.get(cell.method, 1.0) * examples
    return effort * (_MOBILENET_EFFORT if cell.backbone == MOBILENET else 1.0)
