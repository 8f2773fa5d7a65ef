"""ULMFiT's ratio over the curves of a sweep: how many labels pretraining saves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tlvsft.catalog.methods import get_method
from tlvsft.sweeps.config import SweepConfig
from tlvsft.sweeps.label_ratio import HEADLINE_LABELS, LabelRatio, labels_needed
from tlvsft.sweeps.results import Curve, Point

FROM_SCRATCH = "from_scratch"


def find_label_ratios(config: SweepConfig, curves: Sequence[Curve]) -> tuple[LabelRatio, ...]:
    """The ratio at each number of labels at which a pretrained method was measured, against training from scratch.

    Where that was measured with no more labels and fell short, nothing is known: "more than once as many" says nothing.
    """
    scratch = next((curve for curve in curves if curve.method == FROM_SCRATCH), None)
    pretrained = [curve for curve in curves if get_method(curve.method).pretrained]
    if scratch is None:
        return ()
    learning = [(point.labels, point.accuracy) for point in scratch.points]
    ratios = []
    for x in config.axis:
        at = [(curve.method, point) for curve in pretrained if (point := curve.at(x)) is not None]
        if at:
            ratios.append(_ratio(config, learning, *max(at, key=lambda found: found[1].accuracy)))
    return tuple(ratio for ratio in ratios if ratio.bound != ">" or ratio.ratio > 1)


def headline_ratio(ratios: Sequence[LabelRatio]) -> LabelRatio | None:
    """The one to show first: the nearest to the number of labels at which the benchmark takes its own."""
    return min(ratios, key=lambda ratio: abs(math.log(ratio.labels / HEADLINE_LABELS)), default=None)


def _ratio(config: SweepConfig, learning: Sequence[tuple[int, float]], method: str, point: Point) -> LabelRatio:
    needed, bound = labels_needed(learning, point.accuracy)
    return LabelRatio(
        dataset=config.dataset.name,
        backbone=config.backbone,
        labels=point.labels,
        method=method,
        accuracy=point.accuracy,
        needed=needed,
        bound=bound,
    )
