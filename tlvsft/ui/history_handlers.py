"""What happens in the list of comparisons: pages, searches, two setups compared, reopening, running again, deleting."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from tlvsft.catalog.own import is_own
from tlvsft.comparison import compare_setups
from tlvsft.config import SIDES
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.runs.deleting import MOST_AT_ONCE, count_descendants, deletable, delete_comparisons, why_not_deleted
from tlvsft.runs.ownership import may_delete
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.searching import Found, find_comparisons
from tlvsft.ui.form import Updates
from tlvsft.ui.history_outcomes import Outcomes
from tlvsft.ui.history_panel import (
    ROWS_ON_A_PAGE,
    HistoryRow,
    count_words,
    pager_html,
    question_html,
    row_title,
    rows_html,
    setups_html,
    summary_words,
)
from tlvsft.ui.own_setup_panel import own_setup_value
from tlvsft.ui.repeats import Repeats
from tlvsft.ui.run_handlers import RunHandlers, read_quietly
from tlvsft.ui.services import Services
from tlvsft.ui.setup import setup_of_config
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.setup_panels import complaint_html
from tlvsft.ui.submitting import check, start_once
from tlvsft.ui.texts import dataset_title
from tlvsft.ui.visitor import Visitor, read_visitor

MOST_PAGES = 1_000_000
_COMPARED = 2
ALL_FOUND = "all"
"""What the page asks to delete when it is all that was found."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the list's script asks for.

    Attributes:
        number: Of the question; the answer repeats it.
        words: What is searched for.
        page: Which page, counted from 0.
        chosen: Ids of comparisons whose setups are compared.
        delete: Ids of what is to be deleted, which is asked about first; `ALL_FOUND`, or nothing.
    """

    number: int
    words: str
    page: int
    chosen: tuple[str, ...]
    delete: tuple[str, ...] | str


class HistoryHandlers:
    """The answers to what a visitor does with comparisons that are there; holds nothing about any visitor.

    Args:
        runs: Who shows a comparison, wherever it was asked for.
    """

    def __init__(self, runs: RunHandlers) -> None:
        self.runs = runs
        self._services = runs.services
        self._outcomes = Outcomes(services=runs.services)
        self._repeats = Repeats(store=runs.services.store)

    def connect(self) -> None:
        """Makes the list, and the card of the comparison on the screen, answer."""
        history, own = self.runs.results.history, self.runs.race.own
        filled_in = [self.runs.visitor, *self.runs.setup.inputs()]
        once, latest = QUICK | {"trigger_mode": "once"}, QUICK | {"trigger_mode": "always_last"}
        for panel in (history, own):
            panel.click(self.on_click, filled_in, self.runs.outputs(), **once)
        history.input(self.on_asked, [self.runs.visitor], history, trigger_mode="multiple", **QUICK)
        gr.on([own.input, *self._edits()], self.on_setup, filled_in, own, **latest)

    def on_click(self, event: gr.EventData, kept: Any, *values: Any) -> Updates:
        """A comparison is to be opened, run again, or (after a question) deleted."""
        visitor, click = read_visitor(kept), read_click(event)
        if isinstance(chosen := click.get("comparison"), str):
            return self.runs.show(Visitor(owner=visitor.owner, viewing=chosen))
        try:
            if isinstance(repeated := click.get("rerun"), str):
                return self._rerun(visitor, repeated)
            return self._delete(visitor, read_ids(click.get("delete")), values)
        except TlvsftError as error:
            return {self.runs.race.complaint: complaint_html(str(error)), self.runs.results.history: say(error)}

    def on_asked(self, event: gr.EventData, kept: Any) -> Updates:
        """The list's script asks for what it is to show."""
        return {self.runs.results.history: self.answer(read_visitor(kept), read_asked(read_click(event)))}

    def on_setup(self, kept: Any, *values: Any) -> Updates:
        """Another comparison is on the screen, it has come to its end, or the form was changed."""
        visitor = read_visitor(kept)
        comparison = _find(self._services, visitor.viewing, visitor)
        repeat = "" if comparison is None else self._repeats.describe(comparison, viewer=visitor.owner)
        return {self.runs.race.own: own_setup_value(comparison, read_quietly(values, visitor), repeat=repeat)}

    def answer(self, visitor: Visitor, asked: Asked) -> dict[str, Any]:
        """A page of the list, the setups that are compared, and the question before a deletion."""
        now = time.time()
        found, page = self._find_page(visitor, asked)
        outcomes, is_complete = self._outcomes.of(found.records)
        rows = [
            HistoryRow(
                record=record, outcome=outcome, title=row_title(record, now=now),
                may_delete=may_delete(record.owner, viewer=visitor.owner),
            )
            for record, outcome in zip(found.records, outcomes, strict=True)
        ]  # fmt: skip
        compared = [record for name in asked.chosen if (record := _find(self._services, name, visitor)) is not None]
        chosen = [record.id for record in compared]
        offset = page * ROWS_ON_A_PAGE
        return {
            "asked": asked.number,
            "page": page,
            "chosen": chosen,
            "everything": found.everything,
            "rows": rows_html(rows, viewing=visitor.viewing, chosen=chosen, now=now),
            "words": summary_words(
                shown=len(rows), offset=offset, total=found.total, everything=found.everything, words=asked.words
            ),
            "pager": pager_html(page=page, pages=_pages(found)) or "",
            "pending": not is_complete,
            "gone": visitor.viewing if _find(self._services, visitor.viewing, visitor) is None else "",
            "setups": _compare(compared, now=now),
            **self._question(visitor, asked, now=now),
        }

    def _edits(self) -> list[Any]:
        """What is heard when the form changes; a ladder is made anew whenever its column is."""
        parts = self.runs.setup
        fields: list[Any] = [
            parts.backbone,
            parts.dataset,
            parts.task,
            parts.labels,
            parts.epochs,
            parts.seed,
            parts.label_noise,
        ]
        columns = [parts.columns[side] for side in SIDES]
        fields += [
            part
            for column in columns
            for part in (
                column.method, column.ladder, column.head, column.schedule, column.rate_decay, column.rate_factor,
                column.batchnorm, column.starts,
            )
        ]  # fmt: skip
        return [part.change for part in fields]

    def _find_page(self, visitor: Visitor, asked: Asked) -> tuple[Found, int]:
        """A page of what was found; the last one where there are fewer by now."""
        found = self._search(visitor, asked.words, page=asked.page)
        last = max(0, _pages(found) - 1)
        if asked.page <= last:
            return found, asked.page
        return self._search(visitor, asked.words, page=last), last

    def _search(self, visitor: Visitor, words: str, *, page: int = 0, limit: int = ROWS_ON_A_PAGE) -> Found:
        return find_comparisons(
            self._services.store, words, viewer=visitor.owner, limit=limit, offset=page * limit, title_of=dataset_title
        )

    def _question(self, visitor: Visitor, asked: Asked, *, now: float) -> dict[str, Any]:
        """The question before a deletion, with the ids that it is about; or why nothing can be deleted."""
        store, viewer = self._services.store, visitor.owner
        if asked.delete == ALL_FOUND:
            listed = self._search(visitor, asked.words, limit=MOST_AT_ONCE).records
            records = deletable(store, listed, viewer=viewer)
            if not records:
                return {"problem": "None of these can be deleted: they are on their way, or not yours."}
            kept = len(listed) - len(records)
        elif len(asked.delete) == 1:
            if problem := why_not_deleted(store, asked.delete[0], viewer=viewer):
                return {"problem": problem}
            records, kept = [store.comparison(asked.delete[0])], 0
        else:
            return {}
        titles = [row_title(record, now=now) for record in records]
        descendants = count_descendants(store, records[0].id) if len(records) == 1 else 0
        question = question_html(titles, descendants=descendants, kept=kept)
        return {"question": question, "ids": [record.id for record in records]}

    def _rerun(self, visitor: Visitor, comparison_id: str) -> Updates:
        """Starts the very same again, whatever the form says by now; what can't be chosen there was checked before."""
        config = self._services.store.visible_comparison(comparison_id, viewer=visitor.owner).config
        if is_own(config.dataset.name) or setup_of_config(config, owner=visitor.owner) is not None:
            check(self._services, config, owner=visitor.owner)
        (started,) = start_once(self._services, [config], owner=visitor.owner)
        shown = self.runs.show(Visitor(owner=visitor.owner, viewing=started))
        return shown | {self.runs.race.complaint: complaint_html("")}

    def _delete(self, visitor: Visitor, ids: tuple[str, ...], values: tuple[Any, ...]) -> Updates:
        deleted = delete_comparisons(self._services.store, ids, viewer=visitor.owner)
        self._services.feed.forget(deleted)
        said = {self.runs.results.history: say("Deleted." if len(ids) == 1 else f"{len(ids):,} comparisons deleted.")}
        if visitor.viewing in ids:
            return self.runs.show(visitor) | said
        return self.runs.show_lists(visitor, values) | said


def say(words: object) -> dict[str, Any]:
    """What the list says after something was done, or couldn't be; its script then asks for the list anew."""
    return {"said": str(words), "stamp": time.monotonic_ns()}


def read_asked(sent: Mapping[str, Any]) -> Asked:
    """What the list's script asks for; anything could come from a browser."""
    number, page, words = sent.get("asked"), sent.get("page"), sent.get("words")
    delete = sent.get("delete")
    return Asked(
        number=number if isinstance(number, int) else 0,
        words=" ".join(words.split()) if isinstance(words, str) else "",
        page=min(page, MOST_PAGES) if isinstance(page, int) and page >= 0 else 0,
        chosen=read_ids(sent.get("chosen"))[:_COMPARED],
        delete=ALL_FOUND if delete == ALL_FOUND else read_ids(delete),
    )


def read_ids(sent: object) -> tuple[str, ...]:
    """The ids in a list that a browser sent, each once."""
    given = sent if isinstance(sent, list) else []
    return tuple(dict.fromkeys(name for name in given if isinstance(name, str)))


def _find(services: Services, comparison_id: str, visitor: Visitor) -> ComparisonRecord | None:
    """A comparison that this visitor may see; `None` if there is none of this id."""
    if not comparison_id:
        return None
    try:
        return services.store.visible_comparison(comparison_id, viewer=visitor.owner)
    except InvalidInput:
        return None


def _compare(records: list[ComparisonRecord], *, now: float) -> dict[str, str] | None:
    """The setups of two comparisons beside each other; with one, that another is wanted."""
    if not records:
        return None
    if len(records) < _COMPARED:
        return {
            "words": f"{row_title(records[0], now=now)}: choose a second one to see how their setups differ.",
            "html": "",
        }
    before, after = records
    changes = compare_setups(before.config, after.config, title_of=dataset_title)
    titles = {"before": row_title(before, now=now), "after": row_title(after, now=now)}
    return {"words": f"Two setups: {count_words(changes)}", "html": setups_html(changes, **titles)}


def _pages(found: Found) -> int:
    return -(-found.total // ROWS_ON_A_PAGE)
