"""The verdict on a comparison that the page shows, where there is one."""

from __future__ import annotations

from tlvsft.comparison import Verdict, decide_verdict
from tlvsft.errors import TlvsftError
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store


def read_verdict(store: Store, comparison: ComparisonRecord | None) -> Verdict | None:
    """A finished comparison's verdict; `None` before, and where its files were pruned or damaged."""
    if comparison is None or not comparison.is_finished:
        return None
    try:
        return decide_verdict(store, comparison.id)
    except TlvsftError:
        return None
