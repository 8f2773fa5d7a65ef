"""Which mark and colour is whose, the same above every figure and in every table of the evidence."""

from __future__ import annotations

from collections.abc import Mapping

from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side
from tlvsft.report.markup import Child, Markup, element
from tlvsft.report.tables import sign_of


def side_name(names: Mapping[Side, str], side: Side) -> Markup:
    """A side's mark and name in its colour."""
    return element("span", sign_of(side), capitalise(names[side]), class_=side)


def side_legend(names: Mapping[Side, str], *others: Child) -> Markup:
    """Both sides, then whatever else is drawn."""
    return element("p", *[side_name(names, side) for side in SIDES], *others, class_="facts key")
