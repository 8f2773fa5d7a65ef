"""Sweeps as figures: the same on the page and in the report, SVG and tables, no script; partial results, too."""

from __future__ import annotations

from tlvsft.report.markup import Markup, element, sign
from tlvsft.report.sweeps.depth import accuracy_panel, cost_panel, depth_chart, forgetting_panel
from tlvsft.report.sweeps.labels import NARROW, WIDE, labels_chart
from tlvsft.report.sweeps.looks import USUAL_SIDES, Sides
from tlvsft.report.sweeps.tables import depth_table, labels_tables
from tlvsft.report.sweeps.words import done_words, failure_words
from tlvsft.sweeps.results import SweepResults

__all__ = ["TITLES", "sweep_drawing", "sweep_reading"]

TITLES = {"labels": "Label efficiency", "depth": "Freeze depth"}
"""By kind."""
NOTHING_YET = "Nothing has finished yet. The figure begins with the first runs."
NOT_MEASURED = "Forgetting is not in these runs: nothing measured it on this backbone."
_MOST_FAILURES = 8
_KEY = (
    ("star sure", "★", "one method overtakes another."),
    ("star unsure", "☆", "curves cross, which may be chance."),
    ("arrow", "→", "labels that training from scratch needs for the same accuracy."),
)
"""Marks in the figure by their classes, as signs, and what they mean."""


def sweep_reading(results: SweepResults) -> str:
    """What the figure says, in sentences computed from its numbers; what is missing is said, too."""
    readings = results.readings
    told = [readings.accuracy, readings.label_ratio if results.config.kind == "labels" else None]
    sentences = [sentence for sentence in told if sentence]
    if not _has_points(results):
        sentences = [NOTHING_YET]
    elif results.progress.finished < results.progress.total:
        sentences.append(f"So far: {done_words(results.progress)}.")
    return " ".join(sentences)


def sweep_drawing(results: SweepResults, *, sides: Sides = USUAL_SIDES, opened: bool = False) -> Markup:
    """A sweep's figure with the sentences of its panels, and all its numbers as tables.

    Args:
        results: Finished or not.
        sides: Which methods are blue and vermilion; the others are grey or black.
        opened: Whether the tables are seen at once, as on paper.
    """
    draw = _labels if results.config.kind == "labels" else _depth
    drawn = draw(results, sides, opened=opened)
    return element("div", *drawn, *_failures(results), class_=f"sweep-drawing {results.config.kind}")


def _has_points(results: SweepResults) -> bool:
    return any(curve.points for curve in results.curves)


def _labels(results: SweepResults, sides: Sides, *, opened: bool) -> list[Markup]:
    if not _has_points(results):
        return []
    charts = [labels_chart(results, sides=sides, frame=frame) for frame in (WIDE, NARROW)]
    cost = element("p", results.readings.cost) if results.readings.cost else None
    key = element("figcaption", *_labels_key(charts[0]), class_="facts")
    tables = element("details", element("summary", "All numbers as tables"), *labels_tables(results), open=opened)
    return [part for part in (element("figure", *charts, key), cost, tables) if part is not None]


def _labels_key(chart: Markup) -> list[Markup | str]:
    """What the signs in the figure mean, as far as they are in it."""
    parts: list[Markup | str] = ["Shaded: 95 % intervals."]
    for class_, symbol, words in _KEY:
        if f'class="{class_}"' in chart:
            parts += [" ", sign(symbol), " ", element("span", words)]
    return parts


def _depth(results: SweepResults, sides: Sides, *, opened: bool) -> list[Markup]:
    if not _has_points(results):
        return []
    readings = results.readings
    panels = [(accuracy_panel(results), None), (cost_panel(results), readings.cost)]
    forgetting = forgetting_panel(results)
    if forgetting is not None:
        panels.append((forgetting, readings.forgetting))
    figures = [
        element(
            "figure",
            depth_chart(results, panel, sides=sides),
            element("figcaption", words, class_="facts") if words else None,
        )
        for panel, words in panels
    ]
    parts = [element("div", *figures, class_="figures depth-panels")]
    parts += [element("p", NOT_MEASURED, class_="facts")] if forgetting is None else []
    return [*parts, element("details", element("summary", "All numbers as a table"), depth_table(results), open=opened)]


def _failures(results: SweepResults) -> list[Markup]:
    """Which runs failed and why; the others go on without them."""
    failures = results.failures
    if not failures:
        return []
    many = len(failures) > 1
    heading = (
        f"{len(failures):,} runs failed; the figure is without them:"
        if many
        else "1 run failed; the figure is without it:"
    )
    shown = [element("li", failure_words(results.config, cell)) for cell in failures[:_MOST_FAILURES]]
    more = len(failures) - len(shown)
    rest = [element("li", f"and {more:,} more")] if more else []
    return [element("div", element("p", heading), element("ul", *shown, *rest), class_="sweep-failures")]
