"""The list of comparisons, the question before a deletion, and two setups beside each other: pure HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tlvsft.comparison import SettingChange, differing
from tlvsft.runs.records import ComparisonRecord, RunState
from tlvsft.ui.history_outcomes import ListedOutcome
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.texts import (
    WINNER_WORDS,
    clock_time,
    comparison_title,
    describe_comparison,
    side_names,
    title_is_data,
)

ROWS_ON_A_PAGE = 10
NOTHING_YET = "What you train, and what the command line trains, will be listed here."
HOW_TO_SEARCH = (
    "Search for data, a backbone, a method, a story, a state (stopped) or a date (2026-11-26, 26 Nov, today)."
)
GONE_TITLE = "This comparison is gone"
_GONE = "It was deleted, or the server that trained it has lost it. Choose another one from the list, or train both."
_STATE_SIGNS: dict[RunState, str] = {
    "queued": "…",
    "running": "▶\ufe0e",
    "failed": "!",
    "stopped": "■",
    "interrupted": "!",
}


@dataclass(frozen=True, kw_only=True)
class HistoryRow:
    """A comparison in the list.

    Attributes:
        title: What it is called where it is spoken of, with the time when it was started.
        may_delete: Whether this visitor may ever delete it.
    """

    record: ComparisonRecord
    outcome: ListedOutcome
    title: str
    may_delete: bool


@dataclass(frozen=True, kw_only=True)
class RowAction:
    """A button behind each row; a click sends `data-NAME` with the comparison's id.

    Attributes:
        fits: Whether a row has it.
    """

    name: str
    label: str
    fits: Callable[[HistoryRow], bool]


ROW_ACTIONS = (
    RowAction(name="rerun", label="Run again", fits=lambda row: row.record.is_over),
    RowAction(name="delete", label="Delete", fits=lambda row: row.may_delete),
)
"""In the order of the buttons; whatever else is to be done with a comparison gets a line here and an answer in
`tlvsft.ui.history_handlers`."""


def row_title(record: ComparisonRecord, *, now: float) -> str:
    """What a comparison is called where it is spoken of, e.g. `Digits from 50 labels (14:02)`."""
    return f"{comparison_title(record.config)} ({clock_time(record.created_at, now=now)})"


def rows_html(rows: Sequence[HistoryRow], *, viewing: str, chosen: Sequence[str], now: float) -> Markup:
    """The comparisons of a page, newest first; a click opens one.

    Args:
        rows: What is listed.
        viewing: Id of the one on the screen.
        chosen: Ids of those whose setups are compared.
        now: Seconds since 1970.
    """
    return join([_row(row, viewing=viewing, chosen=chosen, now=now) for row in rows])


def _row(row: HistoryRow, *, viewing: str, chosen: Sequence[str], now: float) -> Markup:
    record = row.record
    names = side_names(record.config)
    opener = element(
        "button",
        element("span", clock_time(record.created_at, now=now), class_="at"),
        element("b", comparison_title(record.config), translate="no" if title_is_data(record.config) else None),
        element("span", f"{names['left']} vs {names['right']}: {describe_comparison(record.config)}", class_="facts"),
        _tags(row),
        _outcome(row.outcome),
        type="button",
        class_="history-open",
        data_comparison=record.id,
        aria_current="true" if record.id == viewing else None,
    )
    box = element("input", type="checkbox", data_choose=record.id, checked=record.id in chosen)
    hidden = element("span", f" of {row.title}", class_="reader-only")
    choice = element("label", box, element("span", "Compare setup", hidden), class_="row-choice")
    buttons = [
        element(
            "button", action.label, element("span", f": {row.title}", class_="reader-only"), type="button",
            class_="quiet", **{f"data_{action.name}": record.id},
        )
        for action in ROW_ACTIONS if action.fits(row)
    ]  # fmt: skip
    return element("li", opener, element("div", choice, *buttons, class_="row-actions"), data_row=record.id)


def _tags(row: HistoryRow) -> Markup | None:
    """What isn't an outcome: where it was started, and the state of what isn't finished."""
    state = row.outcome.state
    origin = element("span", "command line", class_="tag") if row.record.owner is None else None
    badge = (
        None
        if row.outcome.scores
        else element("span", sign(_STATE_SIGNS.get(state, "")), " ", row.outcome.words, class_=f"tag is-{state}")
    )
    return None if origin is None and badge is None else element("span", origin, badge, class_="tags")


def _outcome(outcome: ListedOutcome) -> Markup | None:
    if not outcome.scores:
        return None
    won = outcome.winner
    verdict = None if won is None else element("span", _winner_sign(won), WINNER_WORDS[won], class_=f"won {won}")
    return element("span", element("span", outcome.scores), verdict, class_="outcome")


def _winner_sign(winner: str) -> Markup:
    return sign("≈ ") if winner == "tie" else element("span", class_="dot", aria_hidden="true")


def summary_words(*, shown: int, offset: int, total: int, everything: int, words: str) -> str:
    """How many there are, how many were found, and which of them are listed."""
    if not everything:
        return NOTHING_YET
    if not total:
        return f"No comparison matches “{words}”. {HOW_TO_SEARCH}"
    one = f"{'comparison' if everything == 1 else 'comparisons'} {'matches' if total == 1 else 'match'}"
    counted = f"{total:,} of {everything:,} {one} “{words}”" if words else _count(everything)
    return counted + (f", {offset + 1:,}–{offset + shown:,} below." if shown < total else ".")


def pager_html(*, page: int, pages: int) -> Markup | None:
    """To newer and to older ones; nothing where all are on one page."""
    if pages <= 1:
        return None
    newer = element("button", "← Newer", type="button", class_="quiet", data_page=page - 1, disabled=page == 0)
    older = element("button", "Older →", type="button", class_="quiet", data_page=page + 1, disabled=page >= pages - 1)
    return join([newer, element("span", f"Page {page + 1:,} of {pages:,}"), older])


def question_html(titles: Sequence[str], *, descendants: int = 0, kept: int = 0) -> Markup:
    """Asks before comparisons are deleted.

    Args:
        titles: What they are called.
        descendants: How many comparisons started from the weights of the one that is deleted.
        kept: How many that were found stay, since they can't be deleted.
    """
    one = len(titles) == 1
    what = titles[0] if one else f"{len(titles):,} comparisons that are over"
    facts = [
        f"{'Its' if one else 'Their'} curves, results, answers and trained models go, and nothing brings them back.",
        _describe_descendants(descendants) if descendants else "",
        _describe_kept(kept) if kept else "",
    ]
    return element(
        "div",
        element("p", element("b", f"Delete {what}?"), id="history-question"),
        *[element("p", fact, class_="facts") for fact in facts if fact],
        element(
            "p",
            element("button", "Keep it" if one else "Keep them", type="button", class_="quiet", data_keep=True),
            element("button", "Delete for good", type="button", class_="quiet is-final", data_confirm=True),
            class_="answers-to-it",
        ),
        role="alertdialog",
        aria_labelledby="history-question",
        class_="question",
    )


def _describe_descendants(count: int) -> str:
    stays = "It stays, with its results" if count == 1 else "They stay, with their results"
    one = "comparison" if count == 1 else "comparisons"
    return f"{count:,} other {one} started from its weights. {stays}, but can't be run again from there."


def _describe_kept(count: int) -> str:
    stays = "stays" if count == 1 else "stay"
    return f"{_count(count)} {stays}: on the way, needed by one that is, or made by the command line."


def setups_html(changes: tuple[SettingChange, ...], *, before: str, after: str) -> Markup:
    """Two setups beside each other; the style sheet hides equal settings where only differences are wanted.

    Args:
        changes: All settings.
        before: What the first setup is.
        after: What the second one is.
    """
    head = element(
        "tr", element("th", "Setting", scope="col"), *[element("th", title, scope="col") for title in (before, after)]
    )
    rows = [
        element(
            "tr",
            element("th", change.name, scope="row"),
            *[
                element("td", _value(change.name, value), data_label=title)
                for title, value in ((before, change.before), (after, change.after))
            ],
            class_="is-different" if change.differs else "is-equal",
        )
        for change in changes
    ]
    same = None if differing(changes) else element("p", "No setting differs.", class_="no-difference")
    table = element("table", element("thead", head), element("tbody", *rows), class_="setups-table")
    return join([same, table])


def _value(name: str, value: str) -> Markup | str:
    """A setting's value; what columns are called is data."""
    return element("span", value, translate="no") if name.startswith("Column of ") else value


def count_words(changes: tuple[SettingChange, ...]) -> str:
    """How many settings differ, e.g. `2 of 30 settings differ`."""
    return f"{len(differing(changes))} of {len(changes)} settings differ"


def gone_html() -> Markup:
    """In the place of a comparison that was deleted."""
    return element("div", element("h2", GONE_TITLE), element("p", _GONE, class_="facts"))


def _count(number: int) -> str:
    return f"{number:,} comparison{'' if number == 1 else 's'}"
