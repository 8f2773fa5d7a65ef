"""Drawings of the evidence beside the verdict: the same on the page and in the report, SVG and tables, no script.

A drawing shows one kind of `tlvsft.comparison.evidence`. Its sentence stands above it, whoever shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tlvsft.comparison.evidence import Evidence
from tlvsft.report.evidence.calibration import calibration_drawing
from tlvsft.report.evidence.cost import cost_drawing
from tlvsft.report.evidence.forgotten import forgotten_drawing
from tlvsft.report.evidence.frozen import frozen_drawing
from tlvsft.report.evidence.moved import moved_drawing
from tlvsft.report.evidence.pareto import pareto_drawing
from tlvsft.report.evidence.projection import projection_drawing
from tlvsft.report.evidence.shifted import shifted_drawing
from tlvsft.report.markup import Markup, element
from tlvsft.report.sweeps import TITLES
from tlvsft.report.sweeps.beside import draw_beside

__all__ = ["CAUTION", "DRAWINGS", "Drawing", "draw_evidence"]


NOT_DRAWN = "This figure can't be drawn: the program's log says why."
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How one kind of evidence is shown: under which heading, and what makes its figure."""

    title: str
    draw: Callable[[Any], Markup]


CAUTION = (
    "Each interval and each test here stands by itself, at 95 %. Of twenty questions where there is no difference, "
    "about one will seem to have found one."
)
"""What is true of all of it, said once, under the heading."""

DRAWINGS: dict[str, Drawing] = {
    "moved": Drawing(title="What moved", draw=moved_drawing),
    "projection": Drawing(title="Where the test examples lie", draw=projection_drawing),
    "forgotten": Drawing(title="What was forgotten", draw=forgotten_drawing),
    "frozen": Drawing(title="Is it really frozen?", draw=frozen_drawing),
    "shifted": Drawing(title="Out of distribution", draw=shifted_drawing),
    "calibration": Drawing(title="Can its confidence be trusted?", draw=calibration_drawing),
    "cost": Drawing(title="What did it cost?", draw=cost_drawing),
    "pareto": Drawing(title="Cost against accuracy, all runs on this data", draw=pareto_drawing),
    "labels": Drawing(title=TITLES["labels"], draw=draw_beside),
    "depth": Drawing(title=TITLES["depth"], draw=draw_beside),
}
"""By the names of `tlvsft.comparison.evidence.READERS`, then of sweeps (`tlvsft.report.gathering` brings both)."""


def draw_evidence(evidence: Mapping[str, Evidence], *, opened: bool) -> list[Markup]:
    """One part for each kind, to be opened by a click: heading and sentence, under them the figure.

    Args:
        evidence: By kind.
        opened: Whether all figures are seen at once, as on paper.
    """
    return [
        element(
            "details",
            element(
                "summary",
                element("h3", DRAWINGS[name].title),
                element("p", found.sentence, class_="reading"),
            ),
            _draw(name, found),
            open=opened,
            id=f"evidence-{name}",
            class_="evidence-part",
        )
        for name, found in evidence.items()
    ]


def _draw(name: str, evidence: Evidence) -> Markup:
    """Its figure; a line where that fails, so that the others are seen, and the report can be had."""
    try:
        return DRAWINGS[name].draw(evidence)
    except Exception:
        _logger.exception("The figure %r can't be drawn.", name)
        return element("p", NOT_DRAWN, class_="empty")
