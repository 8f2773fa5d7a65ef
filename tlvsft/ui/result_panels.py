"""When both have finished: the verdict, the numbers, both answers to the same examples and to the visitor's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal, get_args

from tlvsft.comparison import PairedPrediction, Verdict
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.texts import class_title, clock_time, comparison_title, percent, seconds, side_names

Filter = Literal["all", "left", "right", "neither", "both"]
FILTERS: tuple[Filter, ...] = get_args(Filter)
PAGE_SIZE = 8
_CLASSES_SHOWN = 10


def verdict_html(verdict: Verdict | None, *, waiting_for: str) -> Markup:
    """The verdict in a sentence, in the winner's colour; before there is one, what will stand here."""
    heading = element("h2", "Verdict")
    if verdict is None:
        return element("section", heading, element("p", waiting_for, class_="empty"), class_="card verdict-card")
    words = {"left": "left wins", "right": "right wins", "tie": "too close to call"}[verdict.winner]
    badge = element("span", words, class_=f"badge {verdict.winner}")
    statement = element("p", verdict.statement, id="verdict", role="status")
    return element("section", heading, badge, statement, class_=f"card verdict-card {verdict.winner}")


def results_html(comparison: ComparisonRecord | None, progress: Mapping[str, RunProgress]) -> Markup:
    """The two variants in numbers: means over the seeds where there are several."""
    heading = element("h2", "In numbers")
    if comparison is None or not comparison.is_finished:
        empty = "Test accuracy, time and trained parameters of both will stand here."
        return element("section", heading, element("p", empty, class_="empty"), class_="card")
    names = side_names(comparison.config)
    columns = {side: _column([progress[run.id] for run in comparison.runs if run.side == side]) for side in SIDES}
    head = element(
        "tr", element("td"), *[element("th", _dotted(names[side]), scope="col", class_=side) for side in SIDES]
    )
    rows = [
        element("tr", element("th", label, scope="row"), *[element("td", columns[side][label]) for side in SIDES])
        for label in columns["left"]
    ]
    table = element("table", element("thead", head), element("tbody", *rows), class_="numbers")
    seeds = comparison.config.seeds
    note = element("p", f"Means over {seeds} seeds.", class_="facts") if seeds > 1 else None
    return element("section", heading, table, note, class_="card")


def _column(runs: Sequence[RunProgress]) -> dict[str, str]:
    done = [(run.started, run.finish) for run in runs if run.started and run.finish]
    started, finishes = done[0][0], [finish for _, finish in done]
    intact = {finish.frozen_intact for finish in finishes}
    frozen = "nothing frozen" if intact == {None} else "✓ yes, bit for bit" if False not in intact else "✗ no"
    return {
        "Test accuracy": percent(fmean(finish.test_accuracy for finish in finishes)),
        "Macro-F1": f"{fmean(finish.test_macro_f1 for finish in finishes):.3f}",
        "Time": seconds(fmean(finish.elapsed_s for finish in finishes)),
        "Trained parameters": f"{started.trainable_parameters:,} of {started.total_parameters:,}",
        "Frozen weights intact": frozen,
    }


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


def history_html(comparisons: Sequence[tuple[ComparisonRecord, str]], *, viewing: str, now: float) -> Markup:
    """The comparisons that this visitor may see, newest first; a click opens one.

    Args:
        comparisons: Each with how it ended, in a few words.
        viewing: Id of the one on the screen.
        now: Seconds since 1970.
    """
    heading = element("h2", "Comparisons on this machine")
    if not comparisons:
        empty = "What you train, and what the command line trains, will be listed here."
        return element("section", heading, element("p", empty, class_="empty"), class_="card history")
    items = [element("li", _history_item(record, outcome, viewing=viewing, now=now)) for record, outcome in comparisons]
    return element("section", heading, element("ol", *items, class_="history-list"), class_="card history")


def _history_item(record: ComparisonRecord, outcome: str, *, viewing: str, now: float) -> Markup:
    names = side_names(record.config)
    labels = "all labels" if record.config.labels is None else f"{record.config.labels:,} labels"
    origin = element("span", "command line", class_="tag") if record.owner is None else None
    return element(
        "button",
        element("span", clock_time(record.created_at, now=now), class_="at"),
        element("b", comparison_title(record.config)),
        element("span", f"{names['left']} vs {names['right']}, {labels}", class_="facts"),
        origin,
        element("span", outcome, class_="outcome"),
        type="button",
        data_comparison=record.id,
        aria_current="true" if record.id == viewing else None,
    )


def _dotted(name: str) -> Markup:
    return join([element("span", class_="dot", aria_hidden="true"), name])
