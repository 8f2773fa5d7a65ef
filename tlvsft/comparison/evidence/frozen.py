"""Is it really frozen? What the end-of-run proof found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side


@dataclass(frozen=True, kw_only=True)
class FrozenEvidence:
    """Whether all that was frozen is as it was loaded, in every run of a side; `None` where nothing was frozen."""

    names: dict[Side, str]
    intact: dict[Side, bool | None]

    @property
    def sentence(self) -> str:
        """What each side's proof says."""
        return " ".join(f"{capitalise(self.names[side])}: {_WORDS[self.intact[side]]}." for side in SIDES)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {"intact": dict(self.intact)}


_WORDS = {
    None: "nothing was frozen",
    True: "every frozen tensor is bit for bit what was loaded",
    False: "what should have been frozen has changed",
}


def read_frozen(observed: Observed) -> FrozenEvidence:
    """Puts the proofs of all runs together: one that failed counts."""
    intact: dict[Side, bool | None] = {}
    for side in SIDES:
        proofs = {finish.frozen_intact for finish in observed.finishes(side)} - {None}
        intact[side] = False not in proofs if proofs else None
    return FrozenEvidence(names=dict(observed.names), intact=intact)
