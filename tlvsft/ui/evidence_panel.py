"""The section "Evidence": what stands beside the verdict, each kind opened by a click."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from threading import Lock

from tlvsft.comparison.evidence import AMONG_OTHERS, READERS, pareto_version, read_evidence
from tlvsft.comparison.projecting import has_tsne
from tlvsft.errors import TlvsftError
from tlvsft.report.evidence import CAUTION, draw_evidence
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.ui.markup import Markup, element

COMING = "The evidence is being put together."
EMPTY = "When both have been tested, this shows what moved, what was forgotten, what stayed frozen, and what it cost."
_UNFINISHED = "There is no evidence: not both sides were tested."
_KEPT = 32
"""Comparisons whose evidence waits in memory: what is finished doesn't change, but what stands beside it may."""

_READING = tuple(Lock() for _ in range(8))
"""Whoever asks for what is being read waits for it: asked often, it is still read once."""


def evidence_to_come_html(comparison: ComparisonRecord | None) -> Markup:
    """What stands where the evidence will be; of a finished comparison the page then asks for it, without haste.

    Intervals take up to a second: a verdict shouldn't wait for them.
    """
    if comparison is None or not comparison.is_over:
        return _card(element("p", EMPTY, class_="empty"))
    if not comparison.is_finished:
        return _card(element("p", _UNFINISHED, class_="empty"))
    return _card(element("p", COMING, class_="empty", data_wanted=True))


def evidence_html(store: Store, comparison: ComparisonRecord | None) -> Markup:
    """The evidence of the comparison on the screen; before there is any, what will stand here."""
    if comparison is None or not comparison.is_finished:
        return evidence_to_come_html(comparison)
    try:
        with _READING[hash(comparison.id) % len(_READING)]:
            others = _among_others(store, comparison.id, pareto_version(store, comparison))
            parts = _alone(store, comparison.id, has_tsne(store, comparison.id)) | others
    except TlvsftError as error:
        return _card(element("p", str(error), class_="empty"))
    return _card(element("p", CAUTION, class_="facts"), *[parts[name] for name in READERS if name in parts])


@lru_cache(maxsize=_KEPT)
def _alone(store: Store, comparison_id: str, _has_tsne: bool) -> dict[str, Markup]:  # noqa: FBT001
    return _draw(store, comparison_id, READERS.keys() - AMONG_OTHERS)


@lru_cache(maxsize=_KEPT)
def _among_others(store: Store, comparison_id: str, _version: tuple[float, ...]) -> dict[str, Markup]:
    return _draw(store, comparison_id, AMONG_OTHERS)


def _draw(store: Store, comparison_id: str, kinds: Set[str]) -> dict[str, Markup]:
    evidence = read_evidence(store, comparison_id, kinds=kinds)
    return dict(zip(evidence, draw_evidence(evidence, opened=False), strict=True))


def _card(*parts: Markup) -> Markup:
    return element("section", element("h2", "Evidence"), *parts, class_="card evidence-card")
