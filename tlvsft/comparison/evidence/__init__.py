"""Evidence beside the verdict: what moved, was forgotten, stayed frozen, holds elsewhere, is calibrated, and costs.

Each kind has a module here that reads it from the store into plain data, with a sentence computed from the numbers. A
drawing in `tlvsft.report.evidence` makes it a figure, the same on the page and in the report; `to_dict` is its JSON.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from tlvsft.comparison.evidence.calibration import read_calibration
from tlvsft.comparison.evidence.cost import read_cost
from tlvsft.comparison.evidence.forgotten import read_forgotten
from tlvsft.comparison.evidence.frozen import read_frozen
from tlvsft.comparison.evidence.moved import read_moved
from tlvsft.comparison.evidence.observed import Observed, read_observed
from tlvsft.comparison.evidence.pareto_reading import pareto_version, read_pareto
from tlvsft.comparison.evidence.projection import read_projection
from tlvsft.comparison.evidence.shifted import read_shifted
from tlvsft.errors import TlvsftError

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

__all__ = [
    "AMONG_OTHERS",
    "READERS",
    "Evidence",
    "Observed",
    "describe_evidence",
    "pareto_version",
    "read_evidence",
    "read_observed",
]

_logger = logging.getLogger(__name__)


class Evidence(Protocol):
    """One kind of evidence of one comparison."""

    @property
    def sentence(self) -> str:
        """What the numbers say, in a sentence or two computed from them."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data; docs/evidence.md says what each field means."""


READERS: dict[str, Callable[[Observed], Evidence | None]] = {
    "moved": read_moved,
    "projection": read_projection,
    "forgotten": read_forgotten,
    "frozen": read_frozen,
    "shifted": read_shifted,
    "calibration": read_calibration,
    "cost": read_cost,
    "pareto": read_pareto,
}
"""By name, in the order in which they are shown; `None` where a comparison has nothing of the kind."""


AMONG_OTHERS = frozenset({"pareto"})
"""The kinds that other comparisons are read for, too: they change with these (`pareto_version`)."""


def read_evidence(store: Store, comparison_id: str, *, kinds: Collection[str] = tuple(READERS)) -> dict[str, Evidence]:
    """What is known of a finished comparison, by kind; nothing of one that isn't finished.

    What was pruned, damaged or never measured is left out: the other kinds stand without it.

    Args:
        store: Where it is.
        comparison_id: Which one.
        kinds: What to read; all of it unless told.

    Raises:
        InvalidInput: There is no such comparison.
    """
    observed = read_observed(store, comparison_id)
    found: dict[str, Evidence] = {}
    if not observed.comparison.is_finished:
        return found
    for name in (name for name in READERS if name in kinds):
        try:
            evidence = READERS[name](observed)
            if evidence is not None and evidence.sentence:  # what can't be said can't be shown
                found[name] = evidence
        except TlvsftError:
            continue
        except Exception:
            _logger.exception("The evidence %r of %s can't be read.", name, comparison_id)
    return found


def describe_evidence(evidence: Mapping[str, Evidence]) -> dict[str, Any]:
    """The part `evidence` of a comparison's JSON; a number that JSON doesn't know (an infinite one) becomes `None`."""
    return {name: {"sentence": found.sentence, **_finite(found.to_dict())} for name, found in evidence.items()}


def _finite(value: Any) -> Any:
    match value:
        case dict():
            return {key: _finite(part) for key, part in value.items()}
        case list() | tuple():
            return [_finite(part) for part in value]
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value
