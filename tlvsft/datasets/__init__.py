"""Datasets: load, split, draw label subsets. Importing this package loads no library heavier than numpy and Pillow."""

from __future__ import annotations

from tlvsft.catalog.datasets import DATASETS
from tlvsft.config import DatasetConfig
from tlvsft.datasets.bundled import load_bundled
from tlvsft.datasets.digits import enlarge_digit
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.subsets import check_label_count, draw_label_subset
from tlvsft.errors import UnknownName

__all__ = [
    "LabelledData",
    "Split",
    "check_label_count",
    "draw_label_subset",
    "enlarge_digit",
    "load_labelled_data",
]


def load_labelled_data(config: DatasetConfig) -> LabelledData:
    """Loads a bundled dataset by name."""
    if config.name in DATASETS:
        return load_bundled(config.name)
    raise UnknownName("dataset", config.name, DATASETS)
