"""The end-of-run proof as a card."""

from __future__ import annotations

from tlvsft.comparison.evidence.frozen import FrozenEvidence
from tlvsft.config import SIDES
from tlvsft.report.markup import Markup, element


def frozen_drawing(evidence: FrozenEvidence) -> Markup:
    """One row for each side."""
    words = {None: "nothing frozen", True: "✓ intact", False: "✗ changed"}
    rows = [
        element("tr", element("th", evidence.names[side], scope="row", class_=side), element("td", words[intact]))
        for side in SIDES
        for intact in (evidence.intact[side],)
    ]
    return element("table", element("tbody", *rows), class_="proof")
