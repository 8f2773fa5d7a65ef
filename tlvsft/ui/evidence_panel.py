"""The section "Evidence": what stands beside the verdict, each kind opened by a click."""

from __future__ import annotations

from functools import lru_cache

from tlvsft.comparison.evidence import read_evidence
from tlvsft.errors import TlvsftError
from tlvsft.report.evidence import draw_evidence
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.ui.markup import Markup, element

EMPTY = "When both have been tested, this shows what moved, what was forgotten, what stayed frozen, and what it cost."
_UNFINISHED = "There is no evidence: not both sides were tested."
_KEPT = 32
"""Comparisons whose evidence waits in memory: what is finished doesn't change."""


def evidence_html(store: Store | None, comparison: ComparisonRecord | None) -> Markup:
    """The evidence of the comparison on the screen; before there is any, what will stand here."""
    if store is None or comparison is None or not comparison.is_finished:
        over = comparison is not None and comparison.is_over
        return _card(element("p", _UNFINISHED if over else EMPTY, class_="empty"))
    return _finished(store, comparison.id)


@lru_cache(maxsize=_KEPT)
def _finished(store: Store, comparison_id: str) -> Markup:
    try:
        return _card(*draw_evidence(read_evidence(store, comparison_id), opened=False))
    except TlvsftError as error:
        return _card(element("p", str(error), class_="empty"))


def _card(*parts: Markup) -> Markup:
    return element("section", element("h2", "Evidence"), *parts, class_="card evidence-card")
