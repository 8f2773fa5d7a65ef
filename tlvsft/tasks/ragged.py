"""Rows of different lengths, one after the other in one tensor: a batch is one look-up, however many rows it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows end to end.

    Attributes:
        values: Shape `(places, *shape)`: the places of all rows.
        lengths: Places of each row, shape `(rows,)`, int64.
    """

    values: Tensor
    lengths: Integers

    @classmethod
    def join(cls, rows: Iterable[Tensor]) -> Ragged:
        """Puts rows, each of shape `(length, *shape)`, end to end; there must be one."""
        parts = list(rows)
        return cls(torch.cat(parts), np.array([len(part) for part in parts], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def starts(self) -> Integers:
        """The first place of each row, shape `(rows,)`."""
        starts: Integers = np.cumsum(self.lengths) - self.lengths
        return starts

    def row(self, index: int) -> Tensor:
        """One row, shape `(length, *shape)`."""
        start = int(self.starts[index])
        return self.values[start : start + int(self.lengths[index])]

    def places(self, indices: np.ndarray) -> tuple[Tensor, Tensor]:
        """Where the chosen rows lie.

        Returns:
            The places, int64, and which of them belong to the row, bool, both `(batch, longest)`; a place beyond a
            row's end is 0.
        """
        offsets = np.arange(self.lengths[indices].max())
        inside = offsets < self.lengths[indices][:, None]
        places = np.where(inside, self.starts[indices][:, None] + offsets, 0)
        return torch.from_numpy(places), torch.from_numpy(inside)

    def batch(self, indices: np.ndarray, *, fill: float = 0) -> Tensor:
        """The chosen rows, shape `(batch, longest, *shape)`, filled up on the right."""
        places, inside = self.places(indices)
        rows = self.values[places]
        beyond = ~inside.view(*inside.shape, *[1] * (rows.dim() - 2))
        return rows.masked_fill_(beyond, fill)
