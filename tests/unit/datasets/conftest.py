"""Tiny datasets in files, and a loader that keeps warnings errors."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tlvsft.config import DatasetConfig
from tlvsft.datasets import LabelledData, load_labelled_data

Load = Callable[..., LabelledData]
WriteCsv = Callable[..., Path]
WriteImages = Callable[..., Path]


@pytest.fixture
def load() -> Load:
    """Loads a path or an id; keywords name columns."""

    def load_named(name: Path | str, **columns: str) -> LabelledData:
        return load_labelled_data(DatasetConfig(name=str(name), **columns))

    return load_named


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    """Writes 40 texts of two classes, or the given rows, to a CSV file."""

    def write(name: str = "reviews.csv", *, header: str = "text,label", rows: Iterable[str] | None = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"text {i},{'good' if i % 2 else 'bad'}" for i in range(40)] if rows is None else rows
        path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        return path

    return write


@pytest.fixture
def png() -> Callable[..., bytes]:
    """A plain image as a PNG file's bytes."""

    def draw(shade: int = 0, *, size: tuple[int, int] = (8, 8), mode: str = "RGB") -> bytes:
        file = io.BytesIO()
        colour: Any = (shade % 256, 0, 0) if mode == "RGB" else shade % 256
        Image.new(mode, size, colour).save(file, "PNG")
        return file.getvalue()

    return draw


@pytest.fixture
def write_images(tmp_path: Path, png: Callable[..., bytes]) -> WriteImages:
    """Writes a folder with one folder of images for each class."""

    def write(name: str, *, classes: Iterable[str] = ("cat", "dog"), count: int = 8, ending: str = ".png") -> Path:
        root = tmp_path / name
        for number, label in enumerate(classes):
            (root / label).mkdir(parents=True, exist_ok=True)
            for index in range(count):
                (root / label / f"{index}{ending}").write_bytes(png(100 * number + index))
        return root

    return write
