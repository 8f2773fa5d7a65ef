"""All evidence beside a comparison: what its own runs say, and what sweeps of the same backbone and data say.

Sweeps stand above comparisons, which know nothing of them; so both come together here, for the report and for the JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlvsft.comparison import comparison_report
from tlvsft.comparison.evidence import Evidence, describe_evidence, read_evidence
from tlvsft.report.sweeps.beside import read_sweeps_beside

if TYPE_CHECKING:
    from tlvsft.runs.store import Store


def gather_evidence(store: Store, comparison_id: str) -> dict[str, Evidence]:
    """By kind, in the order in which it is shown; nothing of a comparison that isn't finished.

    Raises:
        InvalidInput: There is no such comparison.
    """
    comparison = store.comparison(comparison_id)
    if not comparison.is_finished:
        return {}
    return {**read_evidence(store, comparison_id), **read_sweeps_beside(store, comparison)}


def comparison_numbers(store: Store, comparison_id: str) -> dict[str, Any]:
    """The JSON of a comparison with the sweeps beside it: what `compare --json` writes.

    Raises:
        InvalidInput: There is no such comparison.
    """
    report = comparison_report(store, comparison_id)
    comparison = store.comparison(comparison_id)
    sweeps = read_sweeps_beside(store, comparison) if comparison.is_finished else {}
    return report | {"evidence": {**report["evidence"], **describe_evidence(sweeps)}}
