"""Labelled data: three splits of inputs and classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlvsft.config import Modality

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Examples with their classes.

    Attributes:
        inputs: Texts or images, `n` of them; images of large sets are decoded when asked for.
        labels: `(n,)` int64 class numbers.
    """

    inputs: Sequence[str] | Sequence[Image]
    labels: np.ndarray[Any, np.dtype[np.int64]]

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, indices: np.ndarray[Any, Any]) -> Split:
        """The examples at `indices`, in that order."""
        inputs: list[Any] = [self.inputs[int(index)] for index in indices]
        return Split(inputs=inputs, labels=self.labels[indices])


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledData:
    """A dataset ready to be learnt from.

    Attributes:
        class_names: In the order of their numbers.
        notes: What the user should know about how the data was read and split.
    """

    name: str
    modality: Modality
    class_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    notes: tuple[str, ...] = ()
