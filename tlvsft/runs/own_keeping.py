"""Own datasets make room by a stated rule, whether or not anybody looks.

The rule: a dataset that nobody trained on for 30 days is deleted, on a shared host after a day; beyond 2 GB in all,
those go first that were unused for longest. What a comparison or a sweep on its way uses stays.
"""

from __future__ import annotations

import logging
import threading

from tlvsft.catalog.own import UNUSED_DAYS, UNUSED_DAYS_SHARED
from tlvsft.datasets.own import delete, prune
from tlvsft.errors import DatasetError, StoreError
from tlvsft.runs.cells import Cells
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.own_data import find_own
from tlvsft.runs.store import Store

LOOKS_AFTER_S = 900.0
_log = logging.getLogger(__name__)


def prune_own(store: Store) -> list[str]:
    """Deletes what the rule doesn't keep, and returns the names."""
    days = UNUSED_DAYS_SHARED if on_shared_host() else UNUSED_DAYS
    return prune(store.home, in_use=_in_use(store), unused_days=days)


def delete_own(store: Store, owner: str, name: str) -> None:
    """Deletes a visitor's dataset, unless something is being trained on it.

    Raises:
        DatasetError: This visitor has no such dataset, or it is in use.
    """
    if find_own(store.home, name, viewer=owner).name in _in_use(store):
        raise DatasetError("A comparison or a sweep that is on its way uses this data: stop it first.")
    delete(store.home, owner, name)


def _in_use(store: Store) -> set[str]:
    compared = {config.dataset.name for config in store.unfinished().values()}
    return compared | Cells(store.database).data_in_use()


class Keeper:
    """Looks every quarter of an hour, in a thread of its own, until it is closed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._look, name="own-data-keeper", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def close(self) -> None:
        """Stops looking."""
        self._closed.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            try:
                prune_own(self._store)
            except (StoreError, OSError):
                _log.warning("own datasets couldn't be looked through", exc_info=True)
            if self._closed.wait(LOOKS_AFTER_S):
                return
