"""How many labels pretraining saves.

Labels that training from scratch needs, divided by labels that the pretrained backbone needs for the same accuracy.
Source: Howard & Ruder 2018, arXiv:1801.06146 (ULMFiT), abstract and section 5: with 100 labelled examples it reaches
what training from scratch reaches with 10 to 100 times as many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

HEADLINE_LABELS = 50
"""Where the headline is taken: few labels are what transfer is for, and above this number `from_scratch` soon has no
larger measurement left to catch up with."""

Bound = Literal["=", ">", "<"]


@dataclass(frozen=True, kw_only=True)
class LabelRatio:
    """The ratio at one number of labels.

    Attributes:
        labels: That the pretrained backbone was given.
        method: Which pretrained method was better there.
        accuracy: Its mean test accuracy.
        needed: Labels that from_scratch needs for it, interpolated.
        bound: `=`; `>` where from_scratch never got there within what was measured (`needed` is the largest number
            measured); `<` where it was there already at its smallest number.
    """

    dataset: str
    backbone: str
    labels: int
    method: str
    accuracy: float
    needed: float
    bound: Bound

    @property
    def ratio(self) -> float:
        """Labels from scratch per label with pretraining."""
        return self.needed / self.labels

    def __str__(self) -> str:
        return f"{'' if self.bound == '=' else self.bound + ' '}{self.ratio:.1f}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {**asdict(self), "ratio": self.ratio}


def labels_needed(curve: Sequence[tuple[int, float]], accuracy: float) -> tuple[float, Bound]:
    """Where a learning curve first reaches an accuracy, linear between its points over the logarithm of the labels.

    Args:
        curve: Labels and accuracy, labels ascending, at least one point.
        accuracy: What is to be reached.
    """
    if curve[0][1] >= accuracy:
        return float(curve[0][0]), "=" if curve[0][1] == accuracy else "<"
    for (fewer, low), (more, high) in pairwise(curve):
        if high >= accuracy:
            share = (accuracy - low) / (high - low)
            return math.exp(math.log(fewer) + share * math.log(more / fewer)), "="
    return float(curve[-1][0]), ">"
