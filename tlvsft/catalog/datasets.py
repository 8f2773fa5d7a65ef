"""The bundled datasets, and the bundled texts to measure forgetting on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tlvsft.catalog.paths import BUNDLED_DATASETS
from tlvsft.config import Modality


class KnownDataset(Protocol):
    """What the page says of a dataset without reading it, whether it comes with the app or with a visitor."""

    @property
    def name(self) -> str:
        """What configs call it."""
        ...

    @property
    def title(self) -> str:
        """What people read."""
        ...

    @property
    def modality(self) -> Modality:
        """What a backbone has to read."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their numbers."""
        ...

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Examples in train, validation and test."""
        ...

    @property
    def train_size(self) -> int:
        """Training examples: the most labels that can be asked for."""
        ...

    @property
    def origin(self) -> str:
        """Who made it."""
        ...


@dataclass(frozen=True, kw_only=True)
class BundledDataset:
    """A dataset that comes with the app.

    Attributes:
        folder: Its folder under `assets/datasets/`; `None` for scikit-learn's digits, which scikit-learn carries.
        label_column: The column that holds the class.
        classes: Class names in the order of their numbers.
        sizes: Examples in train, validation and test.
        origin: Who made the data; shown wherever the data is.
        group_column: A column that tells kinds of examples apart, whose answers can be looked at one by one.
    """

    name: str
    title: str
    modality: Modality
    folder: str | None
    label_column: str
    classes: tuple[str, ...]
    sizes: tuple[int, int, int]
    origin: str
    licence: str
    group_column: str | None = None

    @property
    def path(self) -> Path | None:
        """Its folder, if it has one."""
        return None if self.folder is None else BUNDLED_DATASETS / self.folder

    @property
    def train_size(self) -> int:
        """Training examples: the most labels that can be asked for."""
        return self.sizes[0]


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """Texts that come with the app to measure models on; nothing is trained on them.

    Attributes:
        file: Its file under `assets/datasets/`, one JSON object with a `text` per line.
        size: How many texts.
        origin: Who made them; shown wherever they are.
    """

    title: str
    file: str
    size: int
    origin: str
    licence: str

    @property
    def path(self) -> Path:
        """Where its texts lie."""
        return BUNDLED_DATASETS / self.file


_REVIEWS_ORIGIN = "Synthetic: written for this project by a language model in seven voices; splits are by author."

DATASETS: dict[str, BundledDataset] = {
    dataset.name: dataset
    for dataset in (
        BundledDataset(
            name="digits",
            title="Handwritten digits",
            modality="image",
            folder=None,
            label_column="label",
            classes=tuple("0123456789"),
            sizes=(1257, 270, 270),
            origin="1,797 digits of 8×8 pixels, written by 13 people (UCI, as scikit-learn carries them).",
            licence="CC BY 4.0",
        ),
        BundledDataset(
            name="book-reviews",
            title="Book reviews: sentiment",
            modality="text",
            folder="book-reviews",
            label_column="sentiment",
            classes=("negative", "positive"),
            sizes=(1024, 256, 512),
            origin=_REVIEWS_ORIGIN,
            licence="Apache-2.0",
            group_column="style",
        ),
        BundledDataset(
            name="book-genres",
            title="Book reviews: genre",
            modality="text",
            folder="book-reviews",
            label_column="genre",
            classes=(
                "biography",
                "cooking",
                "fantasy",
                "history",
                "mystery",
                "popular_science",
                "romance",
                "science_fiction",
            ),
            sizes=(1024, 256, 512),
            origin=_REVIEWS_ORIGIN,
            licence="Apache-2.0",
            group_column="style",
        ),
    )
}

GENERAL_TEXT = Yardstick(
    title="General English",
    file="general-text/paragraphs.jsonl",
    size=90,
    origin="Synthetic: 90 encyclopaedic paragraphs, written for this project by a language model.",
    licence="Apache-2.0",
)
"""Stands for what `wiki-gpt` was pretrained on: perplexity on it before and after adapting shows what was forgotten."""
