"""How many labels pretraining saves: ULMFiT's ratio, as a sweep has it, over the runs of the benchmark."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.transfer_benchmark.estimates import Accuracies
from tlvsft.sweeps import HEADLINE_LABELS, LabelRatio, labels_needed

__all__ = ["HEADLINE_LABELS", "LabelRatio", "headline", "label_ratios", "labels_needed"]


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
