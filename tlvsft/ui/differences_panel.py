"""The section "What differs": what people claim, beside what the comparison on the screen shows of it."""

from __future__ import annotations

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS
from tlvsft.comparison import Difference, Finding, Shown, describe_differences, describe_losses
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.sources import external_link, separated
from tlvsft.ui.texts import inside_sentence, side_names

_INTRODUCTION = "What people say about both, and what this comparison shows of it."
_EMPTY = "Train both, and each claim gets its evidence from your own run."
_SIGNS = {"held": "✓", "failed": "≠"}
_CLASH = (
    "People use the two names loosely: adjusting only the last layer of a BERT is called fine-tuning in many texts and "
    "transfer learning in others. What counts is which tensors move. Strictly, fine-tuning is one kind of transfer "
    "learning, so the methods have names of their own here."
)
_SOURCES = (
    ("Zhuang et al. 2019, a survey of transfer learning", "1911.02685"),
    ("Devlin et al. 2018: BERT, fine-tuned or used for features", "1810.04805"),
    ("Howard & Ruder 2018: both steps for texts", "1801.06146"),
    ("Yosinski et al. 2014: how transferable are features", "1411.1792"),
)


def differences_html(shown: Shown | None, *, waiting: bool = False) -> Markup:
    """The section.

    Args:
        shown: The comparison on the screen; `None` before there is one.
        waiting: Whether it is still on its way: the evidence comes when it ends.
    """
    config = PRESETS[DEFAULT_PRESET].comparison_config() if shown is None else shown.config
    methods = {side: get_method(config.variant(side).method) for side in SIDES}
    rows = describe_differences(methods, None if waiting else shown)
    lead = (
        "The evidence is filled in when both have been tested."
        if waiting
        else _EMPTY
        if shown is None
        else _summary(rows)
    )
    columns = [element("th", "Difference", scope="col"), *[_column(config, side) for side in SIDES]]
    head = element("tr", *columns, element("th", "Evidence here", scope="col"))
    table = element(
        "table",
        element("thead", head),
        element("tbody", *[_row(config, row) for row in rows]),
        class_="differences-table",
    )
    sources = separated([external_link(title, f"https://arxiv.org/abs/{number}") for title, number in _SOURCES])
    count = shown.class_count if shown else None
    names = {side: inside_sentence(name) for side, name in side_names(config).items()}
    if shown is not None:
        names = {side: shown.sides[side].name for side in SIDES}
    return element(
        "section",
        element("h2", "What differs"),
        element("p", _INTRODUCTION, class_="facts"),
        element("p", lead, class_="summary differences-summary"),
        table,
        element("h3", "The loss"),
        element("p", describe_losses(config, names, methods, class_count=count), class_="differences-loss"),
        element("h3", "A clash of names"),
        element("p", _CLASH),
        element("p", "Sources: ", sources, class_="facts"),
        class_="card differences",
    )


def _summary(rows: list[Difference]) -> str:
    """How many findings bear the claims out, and how many don't."""
    findings = [finding for row in rows for finding in row.evidence]
    held = sum(finding.claim == "held" for finding in findings)
    failed = sum(finding.claim == "failed" for finding in findings)
    if not held and not failed:
        return "No claim could be checked in this comparison."
    if not failed:
        return f"All {held} claims that could be checked here were borne out."
    return f"Of {held + failed} claims that could be checked here, {held} were borne out (✓) and {failed} were not (≠)."


def _column(config: ComparisonConfig, side: Side) -> Markup:
    method = get_method(config.variant(side).method)
    return element(
        "th", _dotted(method.popular_name), element("small", side_names(config)[side]), scope="col", class_=side
    )


def _row(config: ComparisonConfig, row: Difference) -> Markup:
    claims = [
        element("td", row.claims[side], class_=side, data_label=get_method(config.variant(side).method).popular_name)
        for side in SIDES
    ]
    evidence: list[Markup] = [_finding(finding) for finding in row.evidence]
    cell = element("ul", *evidence) if evidence else element("p", row.awaits, class_="empty")
    return element(
        "tr",
        element("th", row.title, scope="row"),
        *claims,
        element("td", cell, class_="evidence", data_label="Evidence here"),
    )


def _finding(finding: Finding) -> Markup:
    if finding.claim is None:
        return element("li", finding.text)
    return element("li", sign(_SIGNS[finding.claim]), " ", finding.text, class_=f"is-{finding.claim}")


def _dotted(name: str) -> Markup:
    return join([element("span", class_="dot", aria_hidden="true"), name])
