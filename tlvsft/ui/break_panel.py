"""The card "What broke, and why": the explanation of a mistake beside what it did in these two runs."""

from __future__ import annotations

from tlvsft.catalog.faults import LESSONS, Fault
from tlvsft.comparison import Breakage, fault_of, find_breakage, trace_of
from tlvsft.config import SIDES
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.services import Services
from tlvsft.ui.sources import external_link, separated
from tlvsft.ui.texts import side_names

_TO_COME = "When both have been tested, this says what broke here, by which numbers, and why."
_NOT_FINISHED = "Training ended before both had been tested, so nothing is measured here; this is what usually breaks."
_SHOWS = "The collapse shows in these runs."
_SHOWS_NOT = "The collapse did not show in these runs: with other labels or another seed it may."


def show_breakage(services: Services, comparison: ComparisonRecord | None) -> Markup:
    """The card for a comparison; nothing where no mistake is shown.

    The explanation comes with the evidence, not before: the room is to guess first.
    """
    fault = None if comparison is None else fault_of(comparison.config)
    if comparison is None or fault is None:
        return join([])
    if not comparison.is_over:
        return _card(element("p", _TO_COME, class_="empty"))
    return breakage_html(fault, _read_breakage(services, comparison))


def breakage_html(fault: Fault, breakage: Breakage | None) -> Markup:
    """The card once all is over; without a breakage nothing was measured."""
    lesson = LESSONS[fault]
    found = _NOT_FINISHED if breakage is None else _SHOWS if breakage.shows else _SHOWS_NOT
    evidence = [] if breakage is None else [element("li", sentence) for sentence in breakage.evidence]
    sources = separated([external_link(source.title, source.url) for source in lesson.sources])
    what = element(
        "div",
        element("p", found, class_="found", role="status"),
        element("ul", *evidence, class_="evidence") if evidence else None,
    )
    why = element(
        "div",
        element("h3", "Why"),
        element("p", lesson.explanation),
        element("p", element("b", "Instead: "), lesson.remedy),
        element("p", "Sources: ", sources, class_="facts"),
    )
    return _card(element("div", what, why, class_="break-columns"))


def _read_breakage(services: Services, comparison: ComparisonRecord) -> Breakage | None:
    """From the events of the first seed; `None` where a run was stopped or interrupted."""
    runs = {side: next(run for run in comparison.runs if run.side == side) for side in SIDES}
    if not all(run.state in {"finished", "failed"} for run in runs.values()):
        return None
    traces = {side: trace_of(event for _, event in services.store.events(run.id)) for side, run in runs.items()}
    return find_breakage(comparison.config, traces, side_names(comparison.config))


def _card(*children: Markup | None) -> Markup:
    return element("section", element("h2", "What broke, and why"), *children, class_="card break-card")
