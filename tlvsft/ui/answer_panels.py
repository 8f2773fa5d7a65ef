"""When both have finished: both answers to the same examples and to the visitor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from tlvsft.comparison import PairedPrediction
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.texts import class_title, side_names

Filter = Literal["all", "left", "right", "neither", "both"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
PAGE_SIZE = 8
_CLASSES_SHOWN = 10


def select(rows: Sequence[PairedPrediction], chosen: Filter) -> list[PairedPrediction]:
    """The examples that a filter lets through."""
    wanted = {"left": (True, False), "right": (False, True), "neither": (False, False), "both": (True, True)}
    if chosen == "all":
        return list(rows)
    return [row for row in rows if (row.left_is_right, row.right_is_right) == wanted[chosen]]


def answers_html(
    config: ComparisonConfig | None,
    rows: Sequence[PairedPrediction],
    class_names: Sequence[str],
    *,
    chosen: Filter = "all",
    page: int = 0,
) -> Markup:
    """Both variants' answers to the same test examples, filtered and paged."""
    heading = element("h2", "Same examples, both answers")
    if config is None:
        empty = "Test examples with both variants' answers will stand here, with a filter for where they disagree."
        return element("section", heading, element("p", empty, class_="empty"), class_="card answers")
    names = side_names(config)
    found = select(rows, chosen)
    last_page = max(0, (len(found) - 1) // PAGE_SIZE)
    page = min(max(page, 0), last_page)
    shown = found[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    items = [element("li", _answer(row, class_names, names), class_="answer") for row in shown]
    listing = element("ol", *items, class_="answer-list") if items else element("p", "None.", class_="empty")
    pager = _pager(chosen, page, last_page, total=len(found))
    return element("section", heading, _filters(rows, chosen, names), listing, pager, class_="card answers")


def _filters(rows: Sequence[PairedPrediction], chosen: Filter, names: Mapping[Side, str]) -> Markup:
    labels: dict[Filter, str] = {
        "all": "All",
        "left": f"Only {names['left']} right",
        "right": f"Only {names['right']} right",
        "neither": "Both wrong",
        "both": "Both right",
    }
    chips = [
        element(
            "button", f"{label} ", element("b", f"{len(select(rows, name)):,}"), type="button", class_="chip small",
            data_filter=name, data_page=0, aria_pressed="true" if name == chosen else "false",
        )
        for name, label in labels.items()
    ]  # fmt: skip
    return element("div", *chips, class_="chips", role="group", aria_label="Which examples")


def _answer(row: PairedPrediction, class_names: Sequence[str], names: Mapping[Side, str]) -> Markup:
    truth = class_title(class_names[row.true_label])
    if row.example.image is not None:
        shown = element(
            "img", src=row.example.image, alt=f"Test image {row.index}, class {truth}", class_="example-image"
        )
    else:
        shown = element("p", row.example.text or "", class_="example-text", tabindex=0)
    probabilities: dict[Side, list[float]] = {
        "left": row.left_probabilities.tolist(),
        "right": row.right_probabilities.tolist(),
    }
    verdicts = [_said(side, names[side], probabilities[side], row.true_label, class_names) for side in SIDES]
    return join([shown, element("p", "is ", element("b", truth), class_="truth"), *verdicts])


def _said(side: Side, name: str, values: Sequence[float], true_label: int, class_names: Sequence[str]) -> Markup:
    best = max(range(len(values)), key=values.__getitem__)
    mark, word = ("✓", "right") if best == true_label else ("✗", "wrong")
    return element(
        "p",
        element("span", class_="dot", aria_hidden="true"),
        element("span", f"{name} says ", class_="reader-only"),
        element("b", class_title(class_names[best])),
        element("span", f"{values[best]:.2f}", class_="confidence"),
        sign(mark),
        element("span", word, class_="reader-only"),
        class_=f"said {side} was-{word}",
    )


def _pager(chosen: Filter, page: int, last_page: int, *, total: int) -> Markup:
    def turn(label: str, target: int, *, off: bool) -> Markup:
        return element(
            "button", label, type="button", class_="quiet", data_filter=chosen, data_page=target, disabled=off
        )

    first = min(total, page * PAGE_SIZE + 1)
    words = f"{first:,}–{min(total, (page + 1) * PAGE_SIZE):,} of {total:,}" if total else "0 of 0"
    parts = [
        turn("← Previous", page - 1, off=page == 0),
        element("span", words),
        turn("Next →", page + 1, off=page == last_page),
    ]
    return element("div", *parts, class_="pager")


def confidences_html(
    config: ComparisonConfig | None, class_names: Sequence[str], probabilities: Mapping[Side, Sequence[float]]
) -> Markup:
    """Both variants' confidences in each class, side by side in their colours, most probable classes first."""
    if config is None or not probabilities:
        return element("p", "Both answers will stand here, with how sure each is.", class_="empty")
    names = side_names(config)
    said = [_headline(side, names[side], probabilities[side], class_names) for side in SIDES]
    strongest = sorted(range(len(class_names)), key=lambda index: -max(probabilities[side][index] for side in SIDES))
    shown = sorted(strongest[:_CLASSES_SHOWN])
    cells = [
        cell
        for index in shown
        for cell in (
            element("span", class_title(class_names[index]), class_="class-name"),
            *[_confidence_bar(side, probabilities[side][index]) for side in SIDES],
        )
    ]
    both = [element("div", *said, class_="said-both"), element("div", *cells, class_="confidence-rows")]
    return element("div", *both, class_="confidences", role="status")


def _headline(side: Side, name: str, probabilities: Sequence[float], class_names: Sequence[str]) -> Markup:
    best = max(range(len(class_names)), key=probabilities.__getitem__)
    words = [f"{name} says ", element("b", class_title(class_names[best])), f" ({probabilities[best]:.2f})"]
    return element("p", element("span", class_="dot", aria_hidden="true"), *words, class_=f"headline {side}")


def _confidence_bar(side: Side, probability: float) -> Markup:
    fill = element("i", style=f"width: {100 * probability:.1f}%")
    return element(
        "span", element("span", fill, class_="bar"), element("span", f"{probability:.2f}"), class_=f"cell {side}"
    )
