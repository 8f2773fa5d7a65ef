"""Label efficiency: test accuracy over the number of labels for each method, where curves cross, what is saved.

Source: Howard & Ruder 2018, arXiv:1801.06146, figure 3 (ULMFiT), for the figure and for the ratio of labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import percent
from tlvsft.report.charts import find_ticks
from tlvsft.report.markup import Markup, element
from tlvsft.report.sweeps.axes import EndName, Frame, Scale, place_names, x_ticks, y_grid
from tlvsft.report.sweeps.looks import Look, Sides, choose_looks, star
from tlvsft.report.sweeps.words import bound_words, interval_words
from tlvsft.sweeps.label_ratio import LabelRatio
from tlvsft.sweeps.results import Crossing, Curve, Point, SweepResults

WIDE = Frame(width=860, height=430, left=56, right=178, top=22, bottom=48)
NARROW = Frame(width=400, height=400, left=48, right=100, top=22, bottom=48, wraps=True)
"""The same for a phone, where the wide one's type would be too small; the style sheet shows one of them."""


def labels_chart(results: SweepResults, *, sides: Sides, frame: Frame) -> Markup:
    """The figure; measured places that aren't there yet leave a gap.

    Args:
        results: Of a sweep over labels, with at least one point.
        sides: Which methods have the colours of the two sides.
        frame: The paper.
    """
    looks = choose_looks([curve.method for curve in results.curves], sides)
    axis = results.config.axis
    across = Scale(low=axis[0], high=axis[-1], start=frame.left + 14, end=frame.x_end - 14, is_log=True)
    up = accuracy_scale([point for curve in results.curves for point in curve.points], frame)
    names = [_end_name(curve, across, up, looks[curve.method]) for curve in results.curves if curve.points]
    places = [across.place(count) for count in axis]
    return element(
        "svg",
        element("title", "Test accuracy over the number of labels; the table has the numbers"),
        *y_grid(frame, up, _ticks(up), per_cent=True),
        *x_ticks(frame, _count_labels(results), places),
        element("text", "test accuracy", class_="axis", x=frame.left, y=frame.top - 9),
        element("text", "labels (log scale)", class_="axis end", x=frame.x_end, y=frame.height - 6),
        *[_band(curve, axis, across, up, looks[curve.method]) for curve in results.curves],
        *[_line(curve, axis, across, up, looks[curve.method]) for curve in results.curves],
        _arrow(results.label_ratio, across, up),
        *[_crossing(crossing, results, across, up) for crossing in drawn_crossings(results, sides)],
        *place_names(names, frame),
        viewBox=f"0 0 {frame.width} {frame.height}",
        role="img",
        class_=f"drawn sweep-chart {'narrow' if frame.wraps else 'wide'}",
    )  # fmt: skip


def accuracy_scale(points: Sequence[Point], frame: Frame) -> Scale:
    """From round number to round number around all intervals, within 0 and 1."""
    ticks = find_ticks(
        min(min(point.ci95[0], point.accuracy) for point in points),
        max(max(point.ci95[1], point.accuracy) for point in points),
    )
    return Scale(low=max(0.0, ticks[0]), high=min(1.0, ticks[-1]), start=frame.y_end, end=frame.top)


def drawn_crossings(results: SweepResults, sides: Sides) -> list[Crossing]:
    """The sure ones, and of those that may be chance only the ones of the two sides: the others would clutter."""
    return [
        crossing
        for crossing in results.crossings
        if crossing.is_sure or {crossing.behind, crossing.ahead} <= set(sides)
    ]


def _ticks(scale: Scale) -> list[float]:
    return [tick for tick in find_ticks(scale.low, scale.high) if scale.low - 1e-9 <= tick <= scale.high + 1e-9]


def _count_labels(results: SweepResults) -> list[str]:
    """The numbers of labels as ticks; where it is the whole training split, it says so."""
    config = results.config
    return [f"{count:,}" if count != config.train_size else f"all {count:,}" for count in config.axis]


def _stretches(curve: Curve, axis: Sequence[int]) -> list[list[Point]]:
    """A curve's points in pieces: a place that isn't measured yet isn't bridged."""
    pieces: list[list[Point]] = [[]]
    for x in axis:
        point = curve.at(x)
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    return [piece for piece in pieces if piece]


def _band(curve: Curve, axis: Sequence[int], across: Scale, up: Scale, look: Look) -> Markup:
    """The 95 % interval around a curve; of a single point a stroke."""
    parts = []
    for piece in _stretches(curve, axis):
        lows = [(across.place(_x(point)), up.place(max(point.ci95[0], up.low))) for point in piece]
        highs = [(across.place(_x(point)), up.place(min(point.ci95[1], up.high))) for point in piece]
        if len(piece) == 1:
            parts.append(element("path", class_="whisker", d=_path([lows[0], highs[0]])))
        else:
            parts.append(element("path", class_="band", d=_path([*lows, *reversed(highs)]) + "z"))
    return element("g", *parts, class_=look.class_)


def _line(curve: Curve, axis: Sequence[int], across: Scale, up: Scale, look: Look) -> Markup:
    parts = []
    for piece in _stretches(curve, axis):
        places = [(across.place(_x(point)), up.place(point.accuracy)) for point in piece]
        parts.append(element("path", class_="line", d=_path(places), stroke_dasharray=look.dash or None))
    for point in curve.points:
        words = f"{curve.title}, {_x(point):,} labels: {percent(point.accuracy)} ({interval_words(point)})"
        parts.append(look.place_mark(across.place(_x(point)), up.place(point.accuracy), title=words))
    return element("g", *parts, class_=look.class_)


def _end_name(curve: Curve, across: Scale, up: Scale, look: Look) -> EndName:
    last = curve.points[-1]
    return EndName(name=curve.title, class_=look.class_, x=across.place(_x(last)), y=up.place(last.accuracy))


def _crossing(crossing: Crossing, results: SweepResults, across: Scale, up: Scale) -> Markup | None:
    ahead = next(curve for curve in results.curves if curve.method == crossing.ahead)
    height = accuracy_at(ahead, crossing.x)
    if height is None:
        return None
    words = (
        f"{ahead.title} overtakes {get_method(crossing.behind).title} at about {crossing.x:,.0f} labels"
        f"{'' if crossing.is_sure else ', which may be chance'}"
    )
    return star(across.place(crossing.x), up.place(height), is_solid=crossing.is_sure, title=words)


def accuracy_at(curve: Curve, x: float) -> float | None:
    """A curve between its points, straight over the logarithm of the labels; `None` outside of them."""
    for before, after in pairwise(curve.points):
        low, high = _x(before), _x(after)
        if low <= x <= high:
            share = math.log(x / low) / math.log(high / low)
            return before.accuracy + share * (after.accuracy - before.accuracy)
    return None


def _arrow(ratio: LabelRatio | None, across: Scale, up: Scale) -> Markup | None:
    """From the labels of the pretrained backbone to those that training from scratch needs for the same accuracy."""
    if ratio is None or not up.low <= ratio.accuracy <= up.high:
        return None
    needed = min(max(ratio.needed, across.low), across.high)
    start, end, y = across.place(ratio.labels), across.place(needed), up.place(ratio.accuracy)
    if abs(end - start) < 24:  # no room for an arrow: the sentence and the table say it
        return None
    head = 7 if end > start else -7
    words = f"{bound_words(ratio.bound)}{ratio.ratio:.1f}×"
    return element(
        "g",
        element("title", f"Labels for {percent(ratio.accuracy)}: {ratio.labels:,}, from scratch {words} as many"),
        element("path", class_="shaft", d=f"M{start} {y}H{end}m{-head} -5l{head} 5l{-head} 5"),
        element("text", words, class_="middle ratio", x=round((start + end) / 2, 1), y=y - 7),
        class_="arrow",
    )


def _x(point: Point) -> int:
    return point.labels if point.x is None else point.x


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in places)
