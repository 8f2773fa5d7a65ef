"""The live curves as plotly figures: pure data in, plain data out. The page's script adds points to their traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tlvsft.config import Side

COLORS: dict[Side, str] = {"left": "#0072B2", "right": "#D55E00"}
"""Blue and vermilion of Okabe & Ito, which colour-blind eyes tell apart; the script repaints them for dark mode."""
SYMBOLS: dict[Side, str] = {"left": "circle", "right": "diamond"}

Figure = dict[str, Any]
Kind = Literal["raw", "smooth", "validation"]
ChartKind = Literal["loss", "accuracy", "perplexity"]
MOST_HOVERED = 10
"""Of more runs the label under the pointer would hide the chart: it then tells the nearest point alone."""
_HOVER = "%{fullData.name}: <b>%{y}</b> at %{x}<extra></extra>"
"""A line of the label; each says where its point is, since the two sides seldom have one at the very same place."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One run in a chart.

    Attributes:
        run_id: Whose points it shows.
        name: What the hover text and the sentences call its side.
        seed: Which of several seeds it is; `None` where there is one.
    """

    run_id: str
    side: Side
    name: str
    seed: int | None = None

    @property
    def title(self) -> str:
        """What tells it apart from all others in a chart."""
        return self.name if self.seed is None else f"{self.name}, seed {self.seed}"


def loss_figure(lines: Sequence[Line], *, from_zero: bool = True) -> Figure:
    """Loss (nats) of every run: each batch faint, smoothed bold, validation as markers.

    With several seeds the faint lines are left out: they would hide the others; and only the smoothed lines answer the
    pointer, so that its label stays readable.

    Args:
        lines: The runs.
        from_zero: Whether the axis begins at zero; a language model's loss never comes near it.
    """
    several = len(lines) > len({line.side for line in lines})
    traces = [] if several else [_trace(line, "raw") for line in lines]
    traces += [_trace(line, "smooth") for line in lines]
    silent = {"hoverinfo": "skip", "hovertemplate": None} if several else {}
    traces += [_trace(line, "validation") | silent for line in lines]
    layout = _layout("Loss", kind="loss", empty="Both variants' loss, live")
    layout["yaxis"] |= {"rangemode": "tozero" if from_zero else "normal", "tickformat": ",~g", "hoverformat": ".3f"}
    return _figure(lines, traces, layout)


def accuracy_figure(lines: Sequence[Line], *, num_classes: int | None = None) -> Figure:
    """Validation accuracy (0–1) of every run, on a fixed axis, with the level of guessing as a dotted line."""
    traces = [_trace(line, "validation") | {"mode": "lines+markers"} for line in lines]
    layout = _layout("Validation accuracy", kind="accuracy", empty="Both on held-out examples, live")
    layout["yaxis"] |= {"range": [0, 1.03], "tickformat": ".0%", "hoverformat": ".1%", "dtick": 0.25}
    if num_classes:
        layout["shapes"] = [_chance_line(1 / num_classes)]
        layout["annotations"].append(_chance_label(1 / num_classes))
    return _figure(lines, traces, layout)


def perplexity_figure(lines: Sequence[Line]) -> Figure:
    """Validation perplexity of every run; the axis spans what was reached, from the first value down."""
    traces = [_trace(line, "validation") | {"mode": "lines+markers"} for line in lines]
    layout = _layout("Perplexity, lower is better", kind="perplexity", empty="Both on held-out texts, live")
    layout["yaxis"] |= {"rangemode": "normal", "tickformat": ",.4~g", "hoverformat": ",.1f"}
    return _figure(lines, traces, layout)


def _trace(line: Line, kind: Kind) -> dict[str, Any]:
    names = {"raw": "each batch", "smooth": "smoothed", "validation": "validation"}
    width = {"raw": 1, "smooth": 2.6, "validation": 2.2}[kind]
    return {
        "type": "scatter",
        "mode": "markers" if kind == "validation" else "lines",
        "name": f"{line.title}, {names[kind]}",
        "x": [],
        "y": [],
        "line": {"color": COLORS[line.side], "width": width},
        "marker": {
            "color": COLORS[line.side],
            "symbol": SYMBOLS[line.side],
            "size": 8,
            "line": {"color": "#FFFFFF", "width": 1.5},
        },
        "opacity": 0.4 if kind == "raw" else 1,
        "hoverinfo": "skip" if kind == "raw" else "all",
        "hovertemplate": None if kind == "raw" else _HOVER,
        "meta": {"run": line.run_id, "side": line.side, "kind": kind, "name": line.name, "title": line.title},
    }


def _layout(title: str, *, kind: ChartKind, empty: str) -> dict[str, Any]:
    axis = {"zeroline": False, "automargin": True, "gridcolor": "#E3E7EC", "linecolor": "#C8CFD8", "fixedrange": False}
    spike = {"showspikes": True, "spikemode": "across", "spikesnap": "hovered data", "spikethickness": 1}
    return {
        "title": {"text": title, "x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 14}},
        "font": {"family": "'IBM Plex Sans', system-ui, sans-serif", "size": 13, "color": "#44505C"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 48, "r": 14, "t": 34, "b": 42},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverdistance": -1,
        "hoverlabel": {"align": "left", "font": {"size": 13}},
        "uirevision": "keep",
        "meta": {"kind": kind, "may_be_logarithmic": kind != "accuracy"},
        "xaxis": {**axis, **spike, "title": {"text": "steps", "standoff": 6}, "rangemode": "tozero"},
        "yaxis": dict(axis),
        "annotations": [
            {"text": empty, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "name": "empty"}
        ],
    }


def _figure(lines: Sequence[Line], traces: list[dict[str, Any]], layout: dict[str, Any]) -> Figure:
    """Traces and layout together; once there is something to see, nothing says what will be there."""
    if len(lines) > MOST_HOVERED:
        layout |= {"hovermode": "closest", "hoverdistance": 20}
    return {"data": traces, "layout": layout if not lines else _without_note(layout)}


def _without_note(layout: dict[str, Any]) -> dict[str, Any]:
    kept = [note for note in layout["annotations"] if note.get("name") != "empty"]
    return layout | {"annotations": kept}


def _chance_line(level: float) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "y0": level, "y1": level}
    return {"type": "line", "xref": "paper", **ends, "line": {"color": "#8A95A1", "width": 1, "dash": "dot"}}


def _chance_label(level: float) -> dict[str, Any]:
    place = {"xref": "paper", "x": 1, "xanchor": "right", "y": level, "yanchor": "bottom"}
    return {"text": "guessing", "showarrow": False, "font": {"size": 11}, **place}
