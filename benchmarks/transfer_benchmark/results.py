"""Measurements, and the JSON file that keeps them: replaced in one move after each cell."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.transfer_benchmark.grid import Cell
from tlvsft.errors import InvalidInput

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one cell came to.

    Attributes:
        key: Hash of what the outcome depends on.
        accuracy: On the test split, 0–1; `None` like the other numbers when the run failed.
        loss: On the test split, nats.
        seconds: Training and test on one core; reading the data and validation are left out.
        examples: Training examples that were used; known of a failed run, too.
        failure: Why there are no numbers.
    """

    cell: Cell
    key: str
    accuracy: float | None = None
    loss: float | None = None
    seconds: float | None = None
    examples: int | None = None
    test_examples: int | None = None
    failure: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data, the cell's place first."""
        data = asdict(self)
        return {**data.pop("cell"), **data}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Measurement:
        """The inverse of `to_dict`."""
        place = {name: data[name] for name in Cell.__dataclass_fields__}
        return cls(cell=Cell(**place), **{name: value for name, value in data.items() if name not in place})


@dataclass(frozen=True, kw_only=True)
class DatasetSize:
    """What planning needs to know of a dataset without loading it.

    Attributes:
        identity: Hash of the data that this is true of.
    """

    identity: str
    train: int
    test: int
    classes: int


class ResultsFile:
    """The measurements of one JSON file. One command at a time may write it."""

    def __init__(self, path: Path) -> None:
        """Reads the file, if it is there.

        Raises:
            InvalidInput: It is no file of this benchmark, or can't be read.
        """
        self.path = path
        self.sizes: dict[str, DatasetSize] = {}
        self._measurements: dict[Cell, Measurement] = {}
        if path.exists():
            self._read()

    def __iter__(self) -> Iterator[Measurement]:
        return iter(self._measurements.values())

    def get(self, cell: Cell) -> Measurement | None:
        """What was measured for a cell, stale or not."""
        return self._measurements.get(cell)

    def add(self, measurement: Measurement) -> None:
        """Keeps a measurement, in place of an older one of the same cell, on disk before this returns."""
        self._measurements[measurement.cell] = measurement
        self.save()

    def save(self, report: Mapping[str, Any] | None = None) -> None:
        """Writes the file so that a reader sees the old one or the new one, never half of it.

        Args:
            report: What the measurements add up to; left out while they still come in.

        Raises:
            InvalidInput: The file can't be written.
        """
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(self._to_json(report or {}), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise InvalidInput(f"Can't write {self.path}: {error.strerror}; name another file with --json.") from error

    def _to_json(self, report: Mapping[str, Any]) -> str:
        """One line per cell: quick to write, and a change of one cell is a change of one line."""
        sizes = {name: asdict(size) for name, size in sorted(self.sizes.items())}
        rest = json.dumps({"schema": SCHEMA, **report, "datasets": sizes}, indent=1, allow_nan=False)
        cells = [self._measurements[cell].to_dict() for cell in sorted(self._measurements, key=str)]
        lines = ",\n".join(f"  {json.dumps(cell, allow_nan=False)}" for cell in cells)
        return f'{rest.removesuffix("}").rstrip()},\n "cells": [\n{lines}\n ]\n}}\n'

    def _read(self) -> None:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            if document["schema"] != SCHEMA:
                raise InvalidInput(f"{self.path} has schema {document['schema']}, not {SCHEMA}: name another file.")
            self.sizes = {name: DatasetSize(**size) for name, size in document["datasets"].items()}
            found = [Measurement.from_dict(entry) for entry in document["cells"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{self.path} holds no results of this benchmark: name another with --json.") from error
        self._measurements = {measurement.cell: measurement for measurement in found}
