"""Old weights make room for new ones; results stay.

The rule: the weights of the newest 50 comparisons that are over are kept, as long as they take 4 GiB together. Those of
the newest one are kept in any case, and those that a comparison on its way starts from. The representations of test
examples, half a megabyte for each run, count as weights and go with them. Curves, test results, predictions on the test
split and the small files of evidence are never deleted.
"""

from __future__ import annotations

from pathlib import Path

from tlvsft.runs.artifacts import REPRESENTATIONS_FILE, WEIGHTS_FILE
from tlvsft.runs.store import Store

KEPT_COMPARISONS = 50
KEPT_BYTES = 4 * 2**30
_LARGE_FILES = (WEIGHTS_FILE, REPRESENTATIONS_FILE)
_EXAMINED_COMPARISONS = 4 * KEPT_COMPARISONS
"""Each finished comparison prunes, so nothing older than this can have weights left."""

_NEWEST_OVER = """
SELECT comparisons.id FROM comparisons
WHERE comparisons.id NOT IN (SELECT comparison_id FROM runs WHERE state IN ('queued', 'running'))
ORDER BY number DESC LIMIT ?
"""
_RUNS = "SELECT id FROM runs WHERE comparison_id = ?"


def prune_weights(store: Store, *, keep: int = KEPT_COMPARISONS, keep_bytes: int = KEPT_BYTES) -> list[Path]:
    """Deletes what the rule doesn't keep, and returns the paths."""
    deleted: list[Path] = []
    total_bytes = 0
    needed = {ancestor for config in store.unfinished().values() for ancestor in config.started_from()}
    for place, (comparison_id, files) in enumerate(_weights_by_age(store)):
        total_bytes += sum(_size_bytes(file) for file in files)
        if place == 0 or comparison_id in needed or (place < keep and total_bytes <= keep_bytes):
            continue
        for file in files:
            file.unlink(missing_ok=True)
        deleted += files
    return deleted


def _weights_by_age(store: Store) -> list[tuple[str, list[Path]]]:
    """The comparisons that are over, the newest first, each with its weights and what goes with them."""
    with store.database.reading() as connection:
        newest = connection.execute(_NEWEST_OVER, (_EXAMINED_COMPARISONS,)).fetchall()
        runs = {row["id"]: connection.execute(_RUNS, (row["id"],)).fetchall() for row in newest}
    files = {
        name: [store.run_folder(row["id"]) / file for row in rows for file in _LARGE_FILES]
        for name, rows in runs.items()
    }
    return [(name, [file for file in weights if file.exists()]) for name, weights in files.items()]


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # another worker prunes, too
        return 0
