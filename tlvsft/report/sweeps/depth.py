"""Freeze depth: accuracy, time and forgetting over the number of frozen blocks, with level lines to compare with.

Source: Yosinski et al. 2014, arXiv:1411.1792, figure 2: performance over the layer up to which a network is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import percent, perplexity, seconds
from tlvsft.report.charts import find_ticks
from tlvsft.report.markup import Markup, element
from tlvsft.report.sweeps.axes import EndName, Frame, Scale, place_names, x_ticks, y_grid
from tlvsft.report.sweeps.looks import Look, Sides, choose_looks
from tlvsft.report.sweeps.words import depth_tick, depth_words
from tlvsft.sweeps import PARTIAL
from tlvsft.sweeps.results import Forgetting, Point, SweepResults

SMALL = Frame(width=400, height=300, left=52, right=96, top=24, bottom=46, wraps=True)
_CURVE = Look(class_="other", dash="", mark="square")
UNTOUCHED = "untouched"
"""What stands in a method's place for the pretrained model that nothing was done to."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One of the small charts.

    Attributes:
        title: What a screen reader says.
        y_title: What is drawn.
        points: Depth, value, and the interval around it where there is one.
        levels: Methods with a level line, and its height.
        is_share: Whether values are shares, written as percentages.
        from_zero: Whether the axis begins at 0.
        words: A value in words, for pointers.
    """

    title: str
    y_title: str
    points: Sequence[tuple[int, float, tuple[float, float] | None]]
    levels: Sequence[tuple[str, float]]
    is_share: bool = False
    from_zero: bool = False

    def words(self, value: float) -> str:
        """A value for whoever points at it."""
        if self.is_share:
            return percent(value)
        return seconds(value) if self.from_zero else perplexity(value)


def accuracy_panel(results: SweepResults) -> Panel:
    """Test accuracy over depth."""
    return Panel(
        title="Test accuracy over the number of frozen blocks; the table has the numbers",
        y_title="test accuracy",
        points=[(depth, point.accuracy, point.ci95) for depth, point in _along(results)],
        levels=[(control.method, control.point.accuracy) for control in results.controls],
        is_share=True,
    )


def cost_panel(results: SweepResults) -> Panel:
    """Seconds of a run over depth."""
    return Panel(
        title="Time of a run over the number of frozen blocks; the table has the numbers",
        y_title="seconds for a run",
        points=[(depth, point.cost_s, None) for depth, point in _along(results)],
        levels=[(control.method, control.point.cost_s) for control in results.controls],
        from_zero=True,
    )


def forgetting_panel(results: SweepResults) -> Panel | None:
    """What was forgotten over depth; `None` where nothing measured it.

    The untouched model's perplexity is a level line of its own.
    """
    found = [(depth, point.forgetting) for depth, point in _along(results) if point.forgetting is not None]
    if not found:
        return None
    levels = [
        (control.method, control.point.forgetting.after)
        for control in results.controls
        if control.point.forgetting is not None and get_method(control.method).pretrained
    ]
    is_share = found[0][1].measure == "source_agreement"
    before = found[0][1].before
    if before is not None:
        levels.append((UNTOUCHED, before))
    return Panel(
        title="What was forgotten over the number of frozen blocks; the table has the numbers",
        y_title=forgetting_title(found[0][1]),
        points=[(depth, forgetting.after, None) for depth, forgetting in found],
        levels=levels,
        is_share=is_share,
    )


def forgetting_title(forgetting: Forgetting) -> str:
    """What the measure of forgetting is called."""
    if forgetting.measure == "source_perplexity":
        return "perplexity of general English"
    return "agreement with the pretrained head"


def depth_chart(results: SweepResults, panel: Panel, *, sides: Sides) -> Markup:
    """One small chart."""
    config, frame = results.config, SMALL
    ticks = _find_ticks(panel)
    across = Scale(low=config.depths[0], high=config.depths[-1], start=frame.left + 12, end=frame.x_end - 12)
    up = Scale(low=ticks[0], high=ticks[-1], start=frame.y_end, end=frame.top)
    places = [across.place(depth) for depth in config.depths]
    looks = choose_looks([method for method, _ in panel.levels if method != UNTOUCHED], sides)
    looks |= {UNTOUCHED: Look(class_="control", dash="1 5", mark="bar"), PARTIAL: _CURVE}
    names = [
        EndName(name=_level_name(method), class_=looks[method].class_, x=frame.x_end - 8, y=up.place(value))
        for method, value in panel.levels
    ]
    return element(
        "svg",
        element("title", panel.title),
        *y_grid(frame, up, ticks, per_cent=panel.is_share),
        *x_ticks(frame, [depth_tick(config, depth) for depth in config.depths], places),
        element("text", panel.y_title, class_="axis", x=frame.left, y=frame.top - 10),
        element("text", "frozen up to block", class_="axis end", x=frame.x_end, y=frame.height - 6),
        *[_level(value, up, looks[method], frame) for method, value in panel.levels],
        _curve(results, panel, across, up),
        *place_names(names, frame),
        viewBox=f"0 0 {frame.width} {frame.height}",
        role="img",
        class_="drawn sweep-chart small",
    )  # fmt: skip


def _along(results: SweepResults) -> list[tuple[int, Point]]:
    """The curve's points with their depths, from nothing frozen on."""
    return [(point.x, point) for curve in results.curves for point in curve.points if point.x is not None]


def _find_ticks(panel: Panel) -> list[float]:
    values = [value for _, value, _ in panel.points] + [value for _, value in panel.levels]
    values += [edge for _, _, interval in panel.points if interval for edge in interval]
    ticks = find_ticks(0.0 if panel.from_zero else min(values), max(values))
    return [tick for tick in ticks if not panel.is_share or -1e-9 <= tick <= 1 + 1e-9] or ticks


def _level_name(method: str) -> str:
    return "Untouched model" if method == UNTOUCHED else get_method(method).title


def _level(value: float, up: Scale, look: Look, frame: Frame) -> Markup:
    y = up.place(value)
    line = element("path", class_="line", d=f"M{frame.left} {y}H{frame.x_end}", stroke_dasharray=look.dash or "7 3")
    return element("g", line, class_=f"{look.class_} level")


def _curve(results: SweepResults, panel: Panel, across: Scale, up: Scale) -> Markup:
    """The curve with its band; a depth that isn't measured yet isn't bridged."""
    known = {depth: (value, interval) for depth, value, interval in panel.points}
    pieces: list[list[int]] = [[]]
    for depth in results.config.depths:
        if depth in known:
            pieces[-1].append(depth)
        elif pieces[-1]:
            pieces.append([])
    parts = [part for piece in pieces if piece for part in _piece(piece, known, across, up)]
    marks = [
        _CURVE.place_mark(
            across.place(depth),
            up.place(value),
            title=f"frozen: {depth_words(results.config, depth)}: {panel.words(value)}",
        )
        for depth, (value, _) in known.items()
    ]
    return element("g", *parts, *marks, class_=_CURVE.class_)


def _piece(
    piece: Sequence[int], known: dict[int, tuple[float, tuple[float, float] | None]], across: Scale, up: Scale
) -> list[Markup]:
    places = [f"{across.place(depth)} {up.place(known[depth][0])}" for depth in piece]
    parts = [element("path", class_="line", d="M" + "L".join(places))]
    intervals = [(across.place(depth), interval) for depth in piece if (interval := known[depth][1]) is not None]
    if intervals:
        lows = [f"{x} {up.place(max(low, up.low))}" for x, (low, _) in intervals]
        highs = [f"{x} {up.place(min(high, up.high))}" for x, (_, high) in intervals]
        closed = len(intervals) > 1
        path = "M" + "L".join([*lows, *reversed(highs)]) + ("z" if closed else "")
        parts.insert(0, element("path", class_="band" if closed else "whisker", d=path))
    return parts
