"""Finding comparisons again, by words and page by page: SQL does it, over what the viewer may see and nothing else."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.errors import InvalidInput
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import visible_rows
from tlvsft.runs.reaper import mark_interrupted
from tlvsft.runs.records import TELLING_STATES, ComparisonRecord, RunState
from tlvsft.runs.store import Store

MOST_WORDS = 8
MOST_CHARACTERS = 100
"""What is typed beyond these isn't searched for."""
STATE_WORDS: dict[RunState, str] = {
    "queued": "waiting",
    "running": "training",
    "finished": "finished",
    "failed": "failed",
    "stopped": "stopped",
    "interrupted": "interrupted",
}
"""What a state is called in lists; both words are found."""
_SHORTEST_ID = 6
"""So much of an id at least counts as one: shorter words would be found in ids by chance."""

_NUMBER = re.compile(r"\d+")
_WHOLE_NUMBERS = ("%|{} %", "% {}|%", "%|{}-%", "%-{}-%", "%-{} %")
"""How numbers of labels, seeds and the parts of a date stand in the searched text."""
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_WHEN = "created_at, 'unixepoch', 'localtime'"
_DATE = (
    f"strftime('%Y-%m-%d %H:%M', {_WHEN}) || '|' || strftime('%d ', {_WHEN})"
    f" || substr('{_MONTHS}', 3 * strftime('%m', {_WHEN}) - 2, 3)"
    f" || CASE date({_WHEN}) WHEN date('now', 'localtime') THEN '|today'"
    " WHEN date('now', 'localtime', '-1 day') THEN '|yesterday' ELSE '' END"
)
_STATE = "".join(
    f" WHEN EXISTS (SELECT 1 FROM runs WHERE comparison_id = comparisons.id AND state = '{state}')"  # noqa: S608  ours
    f" THEN '{state} {STATE_WORDS[state]}'"
    for state in TELLING_STATES
)
_TEXT = f"""
'|d:' || json_extract(config, '$.dataset.name') || '|b:' || json_extract(config, '$.backbone')
|| '|m:' || json_extract(config, '$.left.method') || '|vs|m:' || json_extract(config, '$.right.method')
|| '|p:' || coalesce(json_extract(config, '$.preset'), '') || '|' || replace(json_extract(config, '$.task'), '_', ' ')
|| '|' || coalesce(json_extract(config, '$.labels'), 'all') || ' labels|seed ' || json_extract(config, '$.seed')
|| '|' || CASE WHEN owner IS NULL THEN 'command line' ELSE '' END
|| '|' || CASE{_STATE} ELSE 'finished' END || '|' || {_DATE} || '|'
"""
"""What is searched: names, each behind a letter for its kind, numbers, state and date."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of what was found, newest first.

    Attributes:
        total: How many match.
        everything: How many there are, matching or not.
    """

    records: tuple[ComparisonRecord, ...]
    total: int
    everything: int


def find_comparisons(
    store: Store,
    words: str = "",
    *,
    viewer: str | None,
    everybody: bool = False,
    limit: int,
    offset: int = 0,
    title_of: Callable[[str], str] = str,
) -> Found:
    """The comparisons of a viewer that have all `words` in them: in names, titles, states, numbers of labels or dates.

    Args:
        store: Where they are.
        words: Case doesn't matter; none finds everything.
        viewer: Who asks: a browser's token, or `None` for the command line.
        everybody: Whether to look through everybody's, for the command line.
        limit: Longest page.
        offset: How many newer ones to leave out.
        title_of: What a dataset is called that is in no catalogue.
    """
    mark_interrupted(store.database)
    visible, owner = ("1", ()) if everybody else visible_rows(viewer=viewer, shared_host=on_shared_host())
    with store.database.reading() as connection:
        found = _matching(connection, words, visible, owner, title_of)
        everything = connection.execute(f"SELECT count(*) FROM comparisons WHERE {visible}", owner)  # noqa: S608  no input
        counted = int(everything.fetchone()[0])
    page = found[offset : offset + limit]
    return Found(records=tuple(_still_there(store, page)), total=len(found), everything=counted)


def _matching(
    connection: sqlite3.Connection,
    words: str,
    visible: str,
    owner: tuple[str | None, ...],
    title_of: Callable[[str], str],
) -> list[str]:
    """The ids of all that match, newest first."""
    typed = "".join(letter if letter.isprintable() else " " for letter in words[:MOST_CHARACTERS])
    split = typed.split()[:MOST_WORDS]
    titles = list(_titles(connection, visible, owner, title_of)) if split else []
    conditions, parameters = ["1"], list(owner)
    for word in split:
        patterns = _patterns(word, titles)
        either = [r"text LIKE ? ESCAPE '\'"] * len(patterns)
        if len(word) >= _SHORTEST_ID:
            either.append(r"id LIKE ? ESCAPE '\'")
            patterns.append(f"{_escaped(word)}%")
        conditions.append(f"({' OR '.join(either)})")
        parameters += patterns
    text = _TEXT if split else "''"
    statement = (
        f"SELECT id FROM (SELECT id, number, {text} AS text FROM comparisons WHERE {visible})"  # noqa: S608  only marks
        f" WHERE {' AND '.join(conditions)} ORDER BY number DESC"
    )
    return [row["id"] for row in connection.execute(statement, parameters).fetchall()]


def _titles(
    connection: sqlite3.Connection, visible: str, owner: tuple[str | None, ...], title_of: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """What can be found by its title: its place in the searched text, and the title."""
    yield from ((f"|p:{preset.name}|", preset.title) for preset in PRESETS.values())
    yield from ((f"|d:{dataset.name}|", dataset.title) for dataset in DATASETS.values())
    yield from ((f"|b:{backbone.name}|", backbone.title) for backbone in BACKBONES.values())
    yield from ((f"|m:{method.name}|", f"{method.title} {method.popular_name}") for method in METHODS.values())
    names = f"SELECT DISTINCT json_extract(config, '$.dataset.name') AS name FROM comparisons WHERE {visible}"  # noqa: S608  no input
    for row in connection.execute(names, owner).fetchall():
        if row["name"] not in DATASETS:
            yield f"|d:{row['name']}|", title_of(row["name"])


def _patterns(word: str, titles: Sequence[tuple[str, str]]) -> list[str]:
    """What is looked for in the text: the word itself, and whatever has it in its title. A number is a whole one."""
    if word.isdigit():
        named = [place for place, title in titles if word in _NUMBER.findall(title)]
        return [*(around.format(word) for around in _WHOLE_NUMBERS), *(f"%{_escaped(place)}%" for place in named)]
    named = [place for place, title in titles if word.lower() in title.lower()]
    return [f"%{_escaped(part)}%" for part in (word, *named)]


def _escaped(text: str) -> str:
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return text


def _still_there(store: Store, ids: Sequence[str]) -> Iterator[ComparisonRecord]:
    """The comparisons, without those that somebody has deleted since."""
    for comparison_id in ids:
        try:
            yield store.comparison(comparison_id)
        except InvalidInput:
            continue
