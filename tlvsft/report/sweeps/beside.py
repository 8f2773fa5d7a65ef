"""Sweeps as evidence beside a comparison: those of the same backbone and data, as far as its owner may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlvsft.errors import TlvsftError
from tlvsft.report.markup import Markup
from tlvsft.report.sweeps import sweep_drawing, sweep_reading
from tlvsft.report.sweeps.looks import USUAL_SIDES, Sides
from tlvsft.sweeps import KINDS, SweepProgress, SweepResults, list_sweeps_beside, read_sweep

if TYPE_CHECKING:
    from tlvsft.config import ComparisonConfig
    from tlvsft.runs.records import ComparisonRecord
    from tlvsft.runs.store import Store


@dataclass(frozen=True, kw_only=True)
class SweepEvidence:
    """What a sweep says beside a comparison of the same backbone and data.

    Attributes:
        results: As far as they are.
        sides: Which of its methods the comparison compares.
    """

    results: SweepResults
    sides: Sides

    @property
    def sentence(self) -> str:
        """What its figure says."""
        return sweep_reading(self.results)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `sweep`; docs/sweeps.md says what each field means."""
        return self.results.to_dict()


def read_sweeps_beside(store: Store, comparison: ComparisonRecord) -> dict[str, SweepEvidence]:
    """By kind, the newest sweep that has anything to show: a finished one, else one that is still on its way.

    Args:
        store: Where they are.
        comparison: Whose backbone and data they must have; everybody who sees it must be allowed to see them.
    """
    config = comparison.config
    found: dict[str, SweepEvidence] = {}
    if config.task != "classification":
        return {}
    alike = [
        sweep
        for sweep in list_sweeps_beside(store, owner=comparison.owner)
        if (sweep.config.backbone, sweep.config.dataset) == (config.backbone, config.dataset) and sweep.finished
    ]
    for kind in KINDS:
        fitting = [sweep for sweep in alike if sweep.config.kind == kind]
        newest = next((sweep for sweep in fitting if sweep.state == "finished"), next(iter(fitting), None))
        results = None if newest is None else _read(store, newest, comparison)
        if results is not None:
            found[kind] = SweepEvidence(results=results, sides=_sides(config, results))
    return found


def draw_beside(evidence: SweepEvidence) -> Markup:
    """Its figure."""
    return sweep_drawing(evidence.results, sides=evidence.sides)


def sides_in(config: ComparisonConfig, methods: tuple[str, ...]) -> Sides:
    """Which of a sweep's methods are a comparison's two; the usual two where it hasn't both."""
    left, right = config.left.method, config.right.method
    both: Mapping[str, Any] = {left: "left", right: "right"}
    return both if left != right and set(both) <= set(methods) else USUAL_SIDES


def _sides(config: ComparisonConfig, results: SweepResults) -> Sides:
    return USUAL_SIDES if results.config.kind == "depth" else sides_in(config, results.config.methods)


def _read(store: Store, sweep: SweepProgress, comparison: ComparisonRecord) -> SweepResults | None:
    """`None` if it was deleted a moment ago, or can't be read."""
    try:
        return read_sweep(store, sweep.sweep_id, viewer=comparison.owner)
    except TlvsftError:
        return None
