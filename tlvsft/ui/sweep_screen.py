"""Which sweep is on the screen, how far it is, and its figure; what was read a moment ago is read once for all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tlvsft.errors import InvalidInput
from tlvsft.report.sweeps import sweep_drawing, sweep_reading
from tlvsft.runs.ownership import may_delete
from tlvsft.runs.sweeps import Sweeps
from tlvsft.sweeps import SweepProgress, SweepResults, list_sweeps, read_progress, read_sweep
from tlvsft.ui.setup import Setup
from tlvsft.ui.sweep_asking import Asked, sides_of
from tlvsft.ui.sweep_panel import downloads_html, end_words, progress_html, sweep_title

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

POLL_MS = 2500
"""So often the page asks while a sweep is on its way and can be seen: runs take seconds."""
LISTED = 30
_KEPT = 16
"""Results that wait in memory: one reading serves all who look at the same state of a sweep."""


class SweepScreen:
    """Reads sweeps for visitors, each their own. Thread-safe.

    Args:
        store: Where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sweeps = Sweeps(store.database)
        self._read: OrderedDict[tuple[str, str], SweepResults] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, sweep_id: str, *, owner: str) -> SweepProgress | None:
        """A sweep that this visitor may see; `None` if there is none of this id."""
        if not sweep_id:
            return None
        try:
            return read_progress(self._store, sweep_id, viewer=owner)
        except InvalidInput:
            return None

    def listed(self, *, owner: str) -> list[tuple[SweepProgress, bool]]:
        """The newest that this visitor may see, newest first, each with whether they started it."""
        owners = {record.id: record.owner for record in self._sweeps.list_visible(viewer=owner, limit=LISTED)}
        sweeps = list_sweeps(self._store, viewer=owner, limit=LISTED)
        return [(sweep, may_delete(owners.get(sweep.sweep_id), viewer=owner)) for sweep in sweeps]

    def is_own(self, sweep: SweepProgress, *, owner: str) -> bool:
        """Whether this visitor started a sweep that they may see."""
        return may_delete(self._sweeps.visible(sweep.sweep_id, viewer=owner).owner, viewer=owner)

    def choose(
        self, asked: Asked, listed: Sequence[tuple[SweepProgress, bool]], setup: Setup | None, *, owner: str
    ) -> SweepProgress | None:
        """The sweep asked for, else the visitor's own that is on its way, else the newest that fits the form."""
        known = self.find(asked.shown, owner=owner)
        if known is not None and (asked.source != "form" or not known.is_over or _fits(known, asked, setup)):
            return known
        if asked.source == "form" and not asked.form:  # the page was opened: it finds what is on its way
            running = next((sweep for sweep, is_own in listed if is_own and not sweep.is_over), None)
            if running is not None:
                return self.find(running.sweep_id, owner=owner)
        fitting = [sweep for sweep, _ in listed if _fits(sweep, asked, setup)]
        return self.find(fitting[0].sweep_id, owner=owner) if fitting else None

    def show(self, progress: SweepProgress | None, stamp: str, setup: Setup | None, *, owner: str) -> dict[str, Any]:
        """The sweep on the screen; its figure only where it isn't the one that is there.

        Args:
            progress: How far it is; `None` for none.
            stamp: Of the figure that is on the screen.
            setup: What stands in the form: its two methods have the sides' colours.
            owner: The visitor's token.
        """
        if progress is None:
            return {"shown": None, "every_ms": 0}
        sides = sides_of(setup, progress.config)
        mark = f"{progress.sweep_id} {progress.stamp} {sorted(sides.items())}"
        shown: dict[str, Any] = {
            "id": progress.sweep_id,
            "over": progress.is_over,
            "stamp": mark,
            "progress": progress_html(progress),
            "told": end_words(progress),
        }
        if mark != stamp:
            results = self._results(progress, owner=owner)
            shown["title"] = sweep_title(progress.config)
            shown["take"] = downloads_html(progress)
            shown["reading"] = sweep_reading(results)
            shown["figure"] = sweep_drawing(results, sides=sides)
        return {"shown": shown, "every_ms": 0 if progress.is_over else POLL_MS}

    def _results(self, progress: SweepProgress, *, owner: str) -> SweepResults:
        key = progress.sweep_id, progress.stamp
        with self._lock:
            if key in self._read:
                self._read.move_to_end(key)
                return self._read[key]
        results = read_sweep(self._store, progress.sweep_id, viewer=owner)
        with self._lock:
            self._read[key] = results
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return results


def _fits(sweep: SweepProgress, asked: Asked, setup: Setup | None) -> bool:
    """Whether a sweep is of the kind that is looked at, and of what stands in the form."""
    if setup is None or sweep.config.kind != asked.kind:
        return False
    return (sweep.config.backbone, sweep.config.dataset.name) == (setup.backbone, setup.dataset)
