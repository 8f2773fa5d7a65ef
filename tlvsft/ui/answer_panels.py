"""When both have finished: both answers to the same examples and to the visitor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from tlvsft.catalog.datasets import DATASETS
from tlvsft.comparison import PairedPrediction
from tlvsft.comparison.figures import percent
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.ui.answer_cards import CARDS, Card, Said, card_html, empty_card_html, panel_classes, say
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.sample_panel import HEADING
from tlvsft.ui.texts import class_title, side_names

Outcome = Literal["all", "left", "right", "neither", "both"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_CLASSES_SHOWN = 10
_RIGHT: dict[Outcome, tuple[bool, bool]] = {
    "left": (True, False), "right": (False, True), "neither": (False, False), "both": (True, True),
}  # fmt: skip
"""Which of both has to be right."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which test examples are looked at.

    Attributes:
        outcome: Who is right.
        label: Their true class; `None` is any.
        group: Their kind; empty is any.
        page: Counted from 0.
    """

    outcome: Outcome = "all"
    label: int | None = None
    group: str = ""
    page: int = 0

    def lets(self, row: PairedPrediction) -> bool:
        """Whether an example is one of them."""
        fits = self.outcome == "all" or (row.left_is_right, row.right_is_right) == _RIGHT[self.outcome]
        return fits and self.label in {None, row.true_label} and self.group in {"", row.example.group}


def select(rows: Sequence[PairedPrediction], selection: Selection) -> list[PairedPrediction]:
    """The examples that are looked at, on whatever page."""
    return [row for row in rows if selection.lets(row)]


def read_selection(click: Mapping[str, Any]) -> Selection:
    """What the panel's script sent; anything could come from a browser, and what makes no sense filters nothing."""
    outcome = next((name for name in OUTCOMES if name == click.get("filter")), OUTCOMES[0])
    label, group = _read_number(click.get("label")), click.get("group")
    return Selection(
        outcome=outcome,
        label=label,
        group=group if isinstance(group, str) else "",
        page=_read_number(click.get("page")) or 0,
    )


def answers_html(
    config: ComparisonConfig,
    rows: Sequence[PairedPrediction],
    class_names: Sequence[str],
    selection: Selection | None = None,
) -> Markup:
    """Both variants' answers to the same test examples, filtered and paged."""
    chosen, names = selection or Selection(), side_names(config)
    found = select(rows, chosen)
    last_page = max(0, (len(found) - 1) // CARDS)
    page = min(max(chosen.page, 0), last_page)
    shown = [_as_card(row, class_names) for row in found[page * CARDS : (page + 1) * CARDS]]
    places = [empty_card_html() for _ in range(CARDS - len(shown))]
    listing = element("ol", *[card_html(card, names, explains=True) for card in shown], *places, class_="answer-list")
    return element(
        "section",
        element("h2", HEADING),
        element("div", _chips(rows, chosen, names), _selects(config, rows, chosen, class_names), class_="answers-told"),
        listing if shown else _nothing(),
        _pager(page, last_page, total=len(found)),
        element("p", describe_answers(config, rows), class_="facts answers-summary"),
        class_=panel_classes(config, "answers"),
        data_filter=chosen.outcome,
        data_label="" if chosen.label is None else chosen.label,
        data_group=chosen.group,
    )


def describe_answers(config: ComparisonConfig, rows: Sequence[PairedPrediction]) -> str:
    """Who is right on how many test examples, and on what share of each kind."""
    names = side_names(config)
    counts = {name: len(select(rows, Selection(outcome=name))) for name in OUTCOMES}
    told = (
        f"{counts['all']:,} test examples: both are right on {counts['both']:,}, only {names['left']} on "
        f"{counts['left']:,}, only {names['right']} on {counts['right']:,}, neither on {counts['neither']:,}."
    )
    groups = _groups(rows)
    if not groups:
        return told
    kinds = "; ".join(f"{group}: {_shares(rows, group, names)}" for group in groups)
    return f"{told} Right by {_group_title(config).lower()}: {kinds}."


def _shares(rows: Sequence[PairedPrediction], group: str, names: Mapping[Side, str]) -> str:
    mine = select(rows, Selection(group=group))
    left, right = (sum(getattr(row, f"{side}_is_right") for row in mine) / len(mine) for side in SIDES)
    return f"{names['left']} {percent(left)}, {names['right']} {percent(right)}"


def _as_card(row: PairedPrediction, class_names: Sequence[str]) -> Card:
    def said(values: Sequence[float]) -> Said:
        best = max(range(len(values)), key=values.__getitem__)
        return say(values[best], best, row.true_label, class_names)

    return Card(
        kind="test",
        index=row.index,
        truth=class_title(class_names[row.true_label]),
        text=row.example.text,
        image=row.example.image,
        group=row.example.group or "",
        said={"left": said(row.left_probabilities.tolist()), "right": said(row.right_probabilities.tolist())},
    )


def _chips(rows: Sequence[PairedPrediction], chosen: Selection, names: Mapping[Side, str]) -> Markup:
    labels: dict[Outcome, str] = {
        "all": "All",
        "left": f"Only {names['left']} right",
        "right": f"Only {names['right']} right",
        "neither": "Both wrong",
        "both": "Both right",
    }
    chips = [
        element(
            "button", f"{label} ", element("b", _count(rows, replace(chosen, outcome=name))), type="button",
            class_="chip small", data_filter=name, aria_pressed="true" if name == chosen.outcome else "false",
        )
        for name, label in labels.items()
    ]  # fmt: skip
    return element("div", *chips, class_="chips", role="group", aria_label="Which examples")


def _selects(
    config: ComparisonConfig, rows: Sequence[PairedPrediction], chosen: Selection, class_names: Sequence[str]
) -> Markup:
    classes = [("", "all", replace(chosen, label=None))] + [
        (str(number), class_title(name), replace(chosen, label=number)) for number, name in enumerate(class_names)
    ]
    kinds = [("", "all", replace(chosen, group=""))]
    kinds += [(group, class_title(group), replace(chosen, group=group)) for group in _groups(rows)]
    selects = [_select("Class", "label", rows, classes, chosen)]
    if len(kinds) > 1:
        selects.append(_select(_group_title(config), "group", rows, kinds, chosen))
    return element("div", *selects, class_="answer-selects")


def _select(
    title: str,
    name: str,
    rows: Sequence[PairedPrediction],
    options: Sequence[tuple[str, str, Selection]],
    chosen: Selection,
) -> Markup:
    listed = [
        element("option", f"{words} ({_count(rows, wanted)})", value=value, selected=wanted == chosen)
        for value, words, wanted in options
    ]
    return element("label", f"{title} ", element("select", *listed, data_choice=name))


def _groups(rows: Sequence[PairedPrediction]) -> list[str]:
    return sorted({row.example.group for row in rows if row.example.group})


def _group_title(config: ComparisonConfig) -> str:
    data = DATASETS.get(config.dataset.name)
    return ((data.group_column if data else None) or "kind").capitalize()


def _count(rows: Sequence[PairedPrediction], selection: Selection) -> str:
    return f"{len(select(rows, selection)):,}"


def _nothing() -> Markup:
    reset = element(
        "button", "Show all", type="button", class_="quiet", data_filter="all", data_label="", data_group=""
    )
    return element(
        "div", element("p", "None: no test example is like this.", class_="empty"), reset, class_="no-answer"
    )


def _pager(page: int, last_page: int, *, total: int) -> Markup:
    def turn(label: str, target: int, *, off: bool) -> Markup:
        return element("button", label, type="button", class_="quiet", data_page=target, disabled=off)

    first = min(total, page * CARDS + 1)
    words = f"{first:,}–{min(total, (page + 1) * CARDS):,} of {total:,}" if total else "0 of 0"
    parts = [
        turn("← Previous", page - 1, off=page == 0),
        element("span", words, role="status"),
        turn("Next →", page + 1, off=page == last_page),
    ]
    return element("div", *parts, class_="pager")


def _read_number(sent: Any) -> int | None:
    words = str(sent)
    return int(words) if words.isdecimal() and len(words) < 7 else None


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
            element("span", class_title(class_names[index]), class_="class-name", translate="no"),
            *[_confidence_bar(side, probabilities[side][index]) for side in SIDES],
        )
    ]
    both = [element("div", *said, class_="said-both"), element("div", *cells, class_="confidence-rows")]
    why = element("button", "Why?", type="button", class_="quiet", data_why="own", aria_label="Why? About your own")
    return join([element("div", *both, class_="confidences", role="status"), why])


def _headline(side: Side, name: str, probabilities: Sequence[float], class_names: Sequence[str]) -> Markup:
    best = max(range(len(class_names)), key=probabilities.__getitem__)
    words = [
        f"{name} says ",
        element("b", class_title(class_names[best]), translate="no"),
        f" ({probabilities[best]:.2f})",
    ]
    return element("p", element("span", class_="dot", aria_hidden="true"), *words, class_=f"headline {side}")


def _confidence_bar(side: Side, probability: float) -> Markup:
    fill = element("i", style=f"width: {100 * probability:.1f}%")
    return element(
        "span", element("span", fill, class_="bar"), element("span", f"{probability:.2f}"), class_=f"cell {side}"
    )
