"""What a visitor's table looks like, from its first rows, and which of its columns are probably meant."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tlvsft.catalog.own import MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED_BYTES
from tlvsft.config import DatasetConfig, Modality
from tlvsft.datasets.columns import Wanted
from tlvsft.datasets.library import read_with_library
from tlvsft.datasets.locating import Kind
from tlvsft.datasets.reading import accept_long_fields, read_header
from tlvsft.errors import DatasetError, shorten

_ROWS_SEEN = 200
_CLASSES_AT_MOST = 30
"""Different values among the rows seen that a column of classes may have."""
_WANTED = Wanted(config=DatasetConfig(name=""))
_NO_COLUMN = "\0"
"""The name of no column: nobody can have called one so."""

_LABEL_NAMES = (
    "label", "labels", "class", "classes", "category", "target", "sentiment", "genre", "topic", "emotion", "intent",
    "rating", "stars", "fine_label", "y",
)  # fmt: skip
_TEXT_NAMES = (
    "text", "sentence", "review", "content", "comment", "message", "body", "document", "description", "question",
    "tweet", "title",
)  # fmt: skip
_IMAGE_NAMES = ("image", "img", "picture", "photo")

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Peek:
    """The columns of a table, and its first rows."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]

    def holds_images(self, column: str) -> bool:
        """Whether the first value in a column is a picture."""
        value = next((row[column] for row in self.rows if row.get(column) is not None), None)
        return isinstance(value, bytes) or (isinstance(value, dict) and isinstance(value.get("bytes"), bytes))


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which columns are input and class."""

    inputs: str
    label: str

    def config(self, path: Path, modality: Modality) -> DatasetConfig:
        """How the rest of the app is told."""
        text, image = (self.inputs, _NO_COLUMN) if modality == "text" else (_NO_COLUMN, self.inputs)
        return DatasetConfig(name=str(path), text_column=text, image_column=image, label_column=self.label)


def peek(path: Path, kind: Kind) -> Peek:
    """Looks at the columns and first rows of a file.

    Raises:
        DatasetError: It can't be read, or has no columns or far too many.
    """
    looks: dict[Kind, Callable[[Path], Peek]] = {"csv": _peek_csv, "json": _peek_json, "parquet": _peek_parquet}
    found = looks[kind](path)
    if len(found.names) > MOST_COLUMNS:
        raise DatasetError(
            f"{path.name} has {len(found.names):,} columns, and at most {MOST_COLUMNS} are taken: leave some out."
        )
    twice = next((name for name in found.names if found.names.count(name) > 1), None)
    if twice is not None:
        raise DatasetError(f"{path.name} has two columns {shorten(twice)!r}: give each column a name of its own.")
    if len(found.names) < 2:
        raise DatasetError(
            f"{path.name} has one column only, {shorten(found.names[0] if found.names else '')!r}: it needs a column "
            "of texts or images and one of classes."
        )
    return found


def guess_columns(found: Peek) -> Choice:
    """The columns that are probably meant; the visitor sees the guess and can correct it."""
    images = [name for name in found.names if found.holds_images(name)]
    label = _by_name(found.names, _LABEL_NAMES) or _fewest_values(found, images)
    others = [name for name in found.names if name != label]
    inputs = (
        _by_name(images, _IMAGE_NAMES)
        or next(iter(images), None)
        or _by_name(others, _TEXT_NAMES)
        or max(others, key=lambda name: _mean_length(found, name))
    )
    return Choice(inputs=inputs, label=label)


def _by_name(names: Sequence[str], known: Sequence[str]) -> str | None:
    usual = {name.strip().lower(): name for name in reversed(names)}
    return next((usual[name] for name in known if name in usual), None)


def _fewest_values(found: Peek, images: Sequence[str]) -> str:
    """The column whose values recur most; the last one where none does."""
    counts = {name: _count_values(found, name) for name in found.names if name not in images}
    likely = {name: count for name, count in counts.items() if 2 <= count <= _CLASSES_AT_MOST}
    return min(likely, key=lambda name: likely[name]) if likely else list(counts or found.names)[-1]


def _count_values(found: Peek, column: str) -> int:
    return len({str(row.get(column)) for row in found.rows})


def _mean_length(found: Peek, column: str) -> float:
    values = [row.get(column) for row in found.rows]
    return sum(len(value) for value in values if isinstance(value, str)) / max(len(values), 1)


def _peek_csv(path: Path) -> Peek:
    names, separator = read_header(path, _WANTED)
    accept_long_fields()
    with path.open(encoding="utf-8-sig", newline="") as lines, read_with_library(path.name, advice="save it again."):
        rows = islice(csv.DictReader(lines, fieldnames=names, delimiter=separator), 1, _ROWS_SEEN + 1)
        return Peek(names=tuple(names), rows=tuple({name: row.get(name) for name in names} for row in rows))


def _peek_json(path: Path) -> Peek:
    rows: list[Row] = []
    try:
        for row in islice(_json_rows(path), _ROWS_SEEN):
            if not isinstance(row, dict):
                raise DatasetError(f"{path.name} holds something else than examples: make each an object, {{…}}.")
            rows.append(row)
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name} is not UTF-8 text: save it again as UTF-8.") from error
    except ValueError as error:
        raise DatasetError(f"{path.name} is no JSON: one object per line, or one list of objects.") from error
    except RecursionError as error:
        raise DatasetError(f"{path.name} is nested too deeply: make each example a flat object.") from error
    if not rows:
        raise DatasetError(f"{path.name} is empty: it needs {_WANTED.described}.")
    return Peek(names=tuple(dict.fromkeys(name for row in rows for name in row)), rows=tuple(rows))


def _json_rows(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig") as lines:
        first = lines.read(1)
        while first.isspace():
            first = lines.read(1)
        if first == "[":
            yield from json.loads(first + lines.read())
            return
        yield from _json_lines(first, lines)


def _json_lines(first: str, lines: Iterator[str]) -> Iterator[Any]:
    for line in chain([first + next(lines, "")], lines):
        if line.strip():
            yield json.loads(line)


def _peek_parquet(path: Path) -> Peek:
    import pyarrow.parquet

    with read_with_library(path.name, advice="save it again as Parquet."), pyarrow.parquet.ParquetFile(path) as file:
        table = file.metadata
        sizes = (table.row_group(group).total_byte_size for group in range(table.num_row_groups))
        if table.num_rows > MOST_ROWS:
            raise DatasetError(
                f"{path.name} has {table.num_rows:,} rows, and at most {MOST_ROWS:,} are taken: upload a part of them."
            )
        if sum(sizes) > MOST_UNPACKED_BYTES:
            raise DatasetError(
                f"{path.name} would unpack to more than {MOST_UNPACKED_BYTES // 1000**2} MB: upload a part of it."
            )
        batch = next(file.iter_batches(batch_size=_ROWS_SEEN), None)
        rows = [] if batch is None else batch.to_pylist()
        return Peek(names=tuple(file.schema_arrow.names), rows=tuple(rows))
