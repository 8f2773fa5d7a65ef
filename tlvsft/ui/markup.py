"""HTML from data, as the panels use it: the builder that escapes lives in `report`, which needs it, too."""

from __future__ import annotations

from tlvsft.report.markup import Attribute, Child, Markup, element, join, sign

__all__ = ["Attribute", "Child", "Markup", "element", "join", "sign"]
