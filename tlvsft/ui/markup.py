"""HTML from data, as the page's panels use it: the builder that escapes lives in the room below, which needs it, too."""

from __future__ import annotations

from tlvsft.report.markup import Attribute, Child, Markup, element, join, sign

__all__ = ["Attribute", "Child", "Markup", "element", "join", "sign"]
