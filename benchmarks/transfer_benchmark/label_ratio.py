"""How many labels pretraining saves.

Labels that training from scratch needs, divided by labels that the pretrained backbone needs for the same accuracy.
Source: Howard & Ruder 2018, arXiv:1801.06146 (ULMFiT), "matches training from scratch on 10-100× more data".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

from benchmarks.transfer_benchmark.estimates import Accuracies

HEADLINE_LABELS = 50
"""Where the headline is taken, on each dataset: few labels are what transfer is for, and above this number
`from_scratch` soon has no larger measurement left to catch up with."""

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


def label_ratios(accuracies: Accuracies, dataset: str, backbone: str) -> list[LabelRatio]:
    """The ratio at each number of labels where both pretrained methods and anything from scratch were measured."""
    scratch = accuracies.curve(dataset, backbone, "from_scratch").values()
    points = sorted((found.examples, found.mean) for found in scratch if found.mean is not None)
    ratios: list[LabelRatio] = []
    if not points:
        return ratios
    for labels in accuracies.curve(dataset, backbone, "full"):
        method = accuracies.best_pretrained(dataset, backbone, labels)
        best = accuracies.at(dataset, backbone, method, labels) if method else None
        if method is None or best is None or best.mean is None:
            continue
        needed, bound = labels_needed(points, best.mean)
        ratios.append(
            LabelRatio(
                dataset=dataset,
                backbone=backbone,
                labels=best.examples,
                method=method,
                accuracy=best.mean,
                needed=needed,
                bound=bound,
            )
        )
    return ratios


def headline(ratios: Sequence[LabelRatio]) -> LabelRatio | None:
    """The ratio at `HEADLINE_LABELS`, if it is known."""
    return next((ratio for ratio in ratios if ratio.labels == HEADLINE_LABELS), None)
