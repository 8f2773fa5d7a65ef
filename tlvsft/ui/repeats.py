"""What the page says of a setup that was trained before with the same seed: worked out once for each pair."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from tlvsft.comparison import describe_repeat, find_earlier
from tlvsft.errors import TlvsftError
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.ui.history_panel import row_title

_KEPT = 256


@dataclass(kw_only=True)
class Repeats:
    """Compares comparisons with earlier ones of the same setup. Safe to use from several threads."""

    store: Store
    _kept: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def describe(self, comparison: ComparisonRecord, *, viewer: str) -> str:
        """Whether the same setup came out the same before; empty where it wasn't trained, or ended without a test."""
        if comparison.is_over and not comparison.is_finished:
            return ""
        earlier = find_earlier(self.store, comparison, viewer=viewer)
        if earlier is None:
            return ""
        before = f"The same setup and seed as {row_title(earlier, now=time.time())}."
        if not comparison.is_over:
            return f"{before} When both have been tested, this says whether the results are the same, bit for bit."
        described = self._compare(comparison, earlier)
        return f"{before} {described}" if described else ""

    def _compare(self, comparison: ComparisonRecord, earlier: ComparisonRecord) -> str:
        key = (comparison.id, earlier.id)
        if key in self._kept:
            return self._kept[key]
        try:
            described = describe_repeat(self.store, comparison, earlier)
        except TlvsftError:  # its files are damaged, or it was deleted this very moment
            return ""
        with self._lock:
            self._kept[key] = described
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return described
