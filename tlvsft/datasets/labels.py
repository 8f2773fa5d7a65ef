"""Classes as numbers: one numbering for all splits, whatever the column holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlvsft.errors import DatasetError

MISSING = -1
MOST_CLASSES = 2_000
"""More different values than this are no classes."""
MOST_NUMBERS = 20
"""Nor are more fractional numbers than this: they are something to regress on."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelColumn:
    """A column of classes.

    Attributes:
        codes: For each row its class's place in `names`, or -1 where there is none; `(n,)` int64.
        names: The classes that occur, in the order of the column's own numbering, else in natural order.
    """

    codes: np.ndarray
    names: tuple[str, ...]


def read_label_column(values: Any, feature: Any, *, column: str, shown: str) -> LabelColumn:
    """Reads a column of classes: whole numbers, texts, yes / no, or numbers with names.

    Args:
        values: A `pyarrow.ChunkedArray`.
        feature: Its type in the `datasets` library.
        column: The column's name, for the message.
        shown: The file or dataset, for the message.

    Raises:
        DatasetError: It holds something else, or too many different values to be classes.
    """
    if not _can_be_classes(values.type):
        raise DatasetError(
            f"Column {column!r} in {shown} holds {values.type}, not one class per example: name the column of the "
            "classes with --label-column."
        )
    encoded = values.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
    distinct = encoded.dictionary.to_pylist()
    _check_they_are_classes(distinct, column=column, shown=shown)
    texts = [_class_name(value, feature) for value in distinct]
    names = in_natural_order({text for text in texts if text}, order=getattr(feature, "names", None))
    numbers = {name: number for number, name in enumerate(names)}
    lookup = np.array([*(numbers.get(text, MISSING) for text in texts), MISSING], dtype=np.int64)
    return LabelColumn(codes=lookup[codes], names=names)


def check_classes_recur(codes: np.ndarray, *, column: str, shown: str) -> None:
    """Refuses a column in which nearly every example has a value of its own, as names and numbers of rows have.

    Args:
        codes: Classes of the training examples, `(n,)`.
        column: The column's name, for the message.
        shown: The file or dataset, for the message.

    Raises:
        DatasetError: There are many classes, and fewer than two examples of each on average.
    """
    num_classes = len(np.unique(codes))
    if num_classes > MOST_NUMBERS and num_classes > len(codes) / 2:
        raise DatasetError(
            f"Column {column!r} in {shown} has {num_classes:,} different values in {len(codes):,} examples, too many "
            "to be classes: name the column of the classes with --label-column."
        )


def unify_labels(columns: Sequence[LabelColumn]) -> tuple[tuple[str, ...], list[np.ndarray]]:
    """Gives several columns one numbering: the first one's, then what else occurs.

    Returns:
        The names of all classes, and for each column its codes in that numbering.
    """
    names = tuple(dict.fromkeys(name for column in columns for name in column.names))
    numbers = {name: number for number, name in enumerate(names)}
    return names, [
        np.array([*(numbers[name] for name in column.names), MISSING], dtype=np.int64)[column.codes]
        for column in columns
    ]


def _can_be_classes(kind: Any) -> bool:
    import pyarrow as pa

    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return not (pa.types.is_nested(kind) or is_bytes or isinstance(kind, pa.BaseExtensionType))


def _class_name(value: Any, feature: Any) -> str:
    """The name of a class; empty where the value says that there is none."""
    names = getattr(feature, "names", None)
    if names is not None:
        return str(names[value]) if isinstance(value, int) and 0 <= value < len(names) else ""
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def _check_they_are_classes(distinct: Sequence[Any], *, column: str, shown: str) -> None:
    numbers = [value for value in map(_as_number, distinct) if value is not None]
    fractions = len(numbers) == len(distinct) and any(value % 1 for value in numbers)
    if len(distinct) > MOST_CLASSES or (fractions and len(distinct) > MOST_NUMBERS):
        raise DatasetError(
            f"Column {column!r} in {shown} has {len(distinct):,} different values, too many to be classes: name the "
            "column of the classes with --label-column."
        )


def _as_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def in_natural_order(names: Iterable[str], *, order: Sequence[str] | None) -> tuple[str, ...]:
    """By the column's own numbering if it has one, else numbers by size, else by the alphabet."""
    known = set(names)
    if order is not None:
        return tuple(name for name in order if name in known)
    numbers = {name: _as_number(name) for name in known}
    if all(number is not None for number in numbers.values()):
        return tuple(sorted(known, key=lambda name: (numbers[name] or 0.0, name)))
    return tuple(sorted(known))
