"""Who has t-SNE computed: one comparison after the other, in a process of its own, for whoever opens the picture.

Only what is asked for is computed, so that a page that nobody opens takes no time from runs that train. It is kept with
the comparison; what a server that ended hasn't computed, the next one that is asked does.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

from tlvsft.comparison.projecting import compute_as_process, read_tsne, wants_tsne
from tlvsft.runs.launcher import start_process
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store

LIMIT_S = 120.0
MOST_WAITING = 16
_MOST_FAILED = 256

Compute = Callable[[Store, str], None]
State = Literal["ready", "pending", "none"]


def compute_in_process(store: Store, comparison_id: str) -> None:
    """Computes one comparison's t-SNE in a process of its own and waits for it; the file says whether that worked."""
    process = start_process(compute_as_process, store.home, comparison_id, name="tlvsft-tsne")
    process.join(LIMIT_S)
    process.kill()
    process.join()
    process.close()


class Projector:
    """Computes what is asked for, in the order of the questions. Thread-safe.

    Args:
        compute: Computes one and returns when it is over.
    """

    def __init__(self, *, compute: Compute = compute_in_process) -> None:
        self._compute = compute
        self._waiting: OrderedDict[str, Store] = OrderedDict()
        self._failed: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._works = False

    def ask(self, store: Store, comparison: ComparisonRecord) -> State:
        """Whether a comparison's t-SNE is there, or is on its way by now; `none` where it can't be had."""
        if read_tsne(store, comparison.id) is not None:
            return "ready"
        with self._lock:
            if comparison.id in self._waiting:
                return "pending"
            if comparison.id in self._failed or len(self._waiting) >= MOST_WAITING or not wants_tsne(store, comparison):
                return "none"
            self._waiting[comparison.id] = store
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name="tlvsft-tsne", daemon=True).start()
        return "pending"

    def _work(self) -> None:
        while (found := self._next()) is not None:
            comparison_id, store = found
            with contextlib.suppress(OSError):  # no process could be started
                self._compute(store, comparison_id)
            self._note(store, comparison_id)

    def _next(self) -> tuple[str, Store] | None:
        with self._lock:
            self._works = bool(self._waiting)
            return next(iter(self._waiting.items()), None)

    def _note(self, store: Store, comparison_id: str) -> None:
        """What didn't work isn't tried again by this server."""
        failed = read_tsne(store, comparison_id) is None
        with self._lock:
            self._waiting.pop(comparison_id, None)
            if failed:
                self._failed[comparison_id] = None
                while len(self._failed) > _MOST_FAILED:
                    self._failed.popitem(last=False)
