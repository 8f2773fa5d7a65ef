"""Inputs with their classes, in three splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from tlvsft.config import Modality

if TYPE_CHECKING:
    from PIL.Image import Image

Item_co = TypeVar("Item_co", covariant=True)


class Chosen(Sequence[Item_co]):
    """Some items of a sequence, in a given order; none is copied or decoded until it is asked for."""

    def __init__(self, items: Sequence[Item_co], indices: np.ndarray) -> None:
        self._items = items
        self._indices = indices

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item_co]: ...
    def __getitem__(self, index: int | slice) -> Item_co | Sequence[Item_co]:
        if isinstance(index, slice):
            return Chosen(self._items, self._indices[index])
        return self._items[int(self._indices[index])]


@dataclass(frozen=True, eq=False, kw_only=True)
class Split:
    """One part of the data.

    Attributes:
        inputs: Texts, or images; a large set's images are decoded each time they are asked for.
        labels: Class numbers of shape `(n,)`, int64.
        groups: What else the data says about each example (the style of a review), to look at answers by; nothing is
            trained on it. `None` where it says nothing.
    """

    inputs: Sequence[str] | Sequence[Image]
    labels: np.ndarray
    groups: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Split({len(self):,} examples of {len(np.unique(self.labels))} classes)"

    def select(self, indices: np.ndarray) -> Split:
        """The examples at `indices`, in that order."""
        items: Sequence[Any] = self.inputs
        chosen = [items[index] for index in indices] if isinstance(items, list) else Chosen(items, np.asarray(indices))
        groups = None if self.groups is None else tuple(self.groups[index] for index in indices)
        return Split(inputs=chosen, labels=self.labels[indices], groups=groups)


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelledData:
    """A dataset that is ready to train on.

    Attributes:
        name: As the user gave it.
        class_names: Display names, in the order of the class numbers.
        notes: What was done to the data, one sentence each; the run says so.
    """

    name: str
    modality: Modality
    class_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        sizes = "/".join(f"{len(split):,}" for split in (self.train, self.validation, self.test))
        return f"LabelledData({self.name!r}, {self.modality}, {len(self.class_names)} classes, {sizes})"
