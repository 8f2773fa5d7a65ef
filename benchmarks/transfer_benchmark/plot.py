"""Learning curves as one picture: a panel per dataset and backbone, a line per method."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.grid import BAG_OF_WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLES = {
    "linear_probe": ("#0072B2", "o", "-"),
    "full": ("#D55E00", "s", "-"),
    "nearest_centroid": ("#56B4E9", "^", "-"),
    "from_scratch": ("#009E73", "D", "--"),
    "random_features": ("#CC79A7", "v", "--"),
    BAG_OF_WORDS: ("#000000", "x", ":"),
}
"""Colour, marker and line of each method; controls are dashed. Source: Okabe & Ito 2008, "Color Universal Design"."""
CHANCE = "chance"
_COLUMNS = 3
_PANEL_INCHES = (4.6, 3.6)
_FONT_POINTS = 13
_TICK_DISTANCE = 1.5
"""Ticks that are nearer than this factor would be written over each other: the larger one stays."""


def draw_curves(accuracies: Accuracies, classes: Mapping[str, int], path: Path) -> None:
    """Writes the picture.

    Args:
        accuracies: What to draw; at least one measurement.
        classes: Number of classes of each dataset, for the line of chance.
        path: `.svg` or `.png`; replaced.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = accuracies.panels()
    columns = min(_COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    with mpl.rc_context({"font.size": _FONT_POINTS, "svg.fonttype": "none", "svg.hashsalt": "transfer"}):
        width, height = _PANEL_INCHES
        figure = Figure(figsize=(width * columns, height * rows + 0.6), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False).flatten()
        for axis, (dataset, backbone) in zip(axes, panels, strict=False):
            _draw_panel(axis, accuracies, dataset, backbone, classes.get(dataset))
        for axis in axes[len(panels) :]:
            axis.set_axis_off()
        handles = {
            label: handle for axis in axes for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
        }
        shown = [label for label in (*STYLES, CHANCE) if label in handles]
        figure.legend([handles[label] for label in shown], shown, loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=150)


def spread_ticks(sizes: Collection[int]) -> list[int]:
    """Those numbers of labels that can be written side by side, ascending; the largest is always among them."""
    ticks: list[int] = []
    for size in sorted(sizes, reverse=True):
        if not ticks or ticks[-1] >= _TICK_DISTANCE * size:
            ticks.append(size)
    return ticks[::-1]


def _draw_panel(axis: Axes, accuracies: Accuracies, dataset: str, backbone: str, classes: int | None) -> None:
    sizes: set[int] = set()
    for method in accuracies.methods(dataset, backbone):
        points = [found for found in accuracies.curve(dataset, backbone, method).values() if found.mean is not None]
        colour, marker, line = STYLES[method]
        sizes |= {point.examples for point in points}
        axis.errorbar(
            [point.examples for point in points],
            [100 * (point.mean or 0.0) for point in points],
            yerr=[100 * (point.half_width or 0.0) for point in points],
            label=method,
            color=colour,
            marker=marker,
            linestyle=line,
            markersize=5,
            capsize=3,
        )
    if classes:
        axis.axhline(100 / classes, color="0.5", linewidth=1, linestyle=(0, (1, 3)), label=CHANCE)
    axis.set_xscale("log")
    ticks = spread_ticks(sizes)
    axis.set_xticks(ticks, [f"{size:,}" for size in ticks], rotation=45)
    axis.minorticks_off()
    axis.set_title(f"{dataset} · {backbone}", fontsize=_FONT_POINTS)
    axis.set_xlabel("labels")
    axis.set_ylabel("test accuracy, %")
    axis.grid(alpha=0.25)
