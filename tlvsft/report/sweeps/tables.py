"""All numbers of a sweep's figures as tables."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import MISSING, percent, seconds
from tlvsft.report.markup import Child, Markup, element, join
from tlvsft.report.sweeps.depth import forgetting_title
from tlvsft.report.sweeps.words import bound_words, depth_words, forgetting_words, interval_words
from tlvsft.report.tables import table
from tlvsft.sweeps.results import Crossing, Forgetting, Point, SweepResults

ACCURACY_CAPTION = "Test accuracy: mean, 95 % interval, seeds that have finished"
COST_CAPTION = "Time of a run, mean over seeds"
CROSSINGS_CAPTION = "Where curves cross"
RATIOS_CAPTION = "How many labels pretraining saves"
DEPTH_CAPTION = "Means over the seeds that have finished, with 95 % intervals"


def labels_tables(results: SweepResults) -> list[Markup]:
    """Of a sweep over labels: accuracy, time, crossings, ratios."""
    head: list[Child] = ["Labels", *[curve.title for curve in results.curves]]
    accuracies = [
        [_labels(results, x), *[_accuracy(curve.at(x)) for curve in results.curves]] for x in results.config.axis
    ]
    costs = [[_labels(results, x), *[_cost(curve.at(x)) for curve in results.curves]] for x in results.config.axis]
    tables = [table(head, accuracies, caption=ACCURACY_CAPTION), table(head, costs, caption=COST_CAPTION)]
    return [*tables, *_crossings(results), *_ratios(results)]


def depth_table(results: SweepResults) -> Markup:
    """Of a sweep over depth: a row for each depth, then one for each level line."""
    curve = results.curves[0] if results.curves else None
    rows = [
        [depth_words(results.config, depth), *_depth_cells(curve.at(depth) if curve else None)]
        for depth in results.config.depths
    ]
    rows += [[f"{control.title} (line)", *_depth_cells(control.point)] for control in results.controls]
    return table(["Frozen", "Test accuracy", "Time of a run", _forgetting_head(results)], rows, caption=DEPTH_CAPTION)


def _labels(results: SweepResults, count: int) -> str:
    return f"{count:,} (all)" if count == results.config.train_size else f"{count:,}"


def _accuracy(point: Point | None) -> Markup:
    if point is None:
        return join([MISSING])
    seeds = "1 seed" if point.seeds == 1 else f"{point.seeds} seeds"
    return join([percent(point.accuracy), element("small", interval_words(point)), element("small", seeds)])


def _cost(point: Point | None) -> str:
    return MISSING if point is None else seconds(point.cost_s)


def _depth_cells(point: Point | None) -> list[Child]:
    return [_accuracy(point), _cost(point), forgetting_words(None if point is None else point.forgetting)]


def _forgetting_head(results: SweepResults) -> str:
    points = [point for curve in results.curves for point in curve.points]
    found = next((point.forgetting for point in points if point.forgetting is not None), None)
    return "Forgetting" if found is None else _forgetting_words(found)


def _forgetting_words(forgetting: Forgetting) -> str:
    title = forgetting_title(forgetting)
    return title[:1].upper() + title[1:]


def _crossings(results: SweepResults) -> list[Markup]:
    if not results.crossings:
        return []
    rows: Sequence[Sequence[Child]] = [
        [
            f"about {crossing.x:,.0f}",
            get_method(crossing.ahead).title,
            get_method(crossing.behind).title,
            _sure(crossing),
        ]
        for crossing in results.crossings
    ]
    return [table(["Labels", "Comes out ahead", "Falls behind", "How sure"], rows, caption=CROSSINGS_CAPTION)]


def _sure(crossing: Crossing) -> str:
    if crossing.between is None:
        return "may be chance"
    low, high = crossing.between
    return f"sure: between {low:,} and {high:,} labels"


def _ratios(results: SweepResults) -> list[Markup]:
    if not results.label_ratios:
        return []
    rows: Sequence[Sequence[Child]] = [
        [
            f"{ratio.labels:,}", get_method(ratio.method).title, percent(ratio.accuracy),
            f"{bound_words(ratio.bound)}{ratio.needed:,.0f}", f"{bound_words(ratio.bound)}{ratio.ratio:.1f}",
        ]
        for ratio in results.label_ratios
    ]  # fmt: skip
    head = ["Labels", "Best pretrained method", "Its test accuracy", "Labels from scratch for it", "Ratio"]
    return [table(head, rows, caption=RATIOS_CAPTION)]
