"""A comparison as its runs told of it: what evidence is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tlvsft.comparison.naming import side_names
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import Descended, Event, RunFinished

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store

_Kind = TypeVar("_Kind", bound=Event)


@dataclass(frozen=True, kw_only=True)
class ObservedRun:
    """One run and its events, all but its steps, in their order."""

    record: RunRecord
    events: tuple[Event, ...]

    def every(self, kind: type[_Kind]) -> list[_Kind]:
        """Its events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def last(self, kind: type[_Kind]) -> _Kind | None:
        """The last of them; `None` where there is none."""
        return next((event for event in reversed(self.events) if isinstance(event, kind)), None)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A comparison with its runs.

    Attributes:
        store: For files and other comparisons; whatever else is read must be visible to `comparison.owner`.
        names: What the sides are called inside a sentence.
        runs: By side and seed.
    """

    store: Store
    comparison: ComparisonRecord
    names: Mapping[Side, str]
    runs: Mapping[tuple[Side, int], ObservedRun]

    @property
    def config(self) -> ComparisonConfig:
        """What was compared."""
        return self.comparison.config

    def side(self, side: Side) -> list[ObservedRun]:
        """One side's runs, in the order of the seeds."""
        return [self.runs[side, seed] for seed in self.config.all_seeds()]

    def finishes(self, side: Side) -> list[RunFinished]:
        """The ends of one side's runs that have finished, in the order of the seeds."""
        return [finish for run in self.side(side) if (finish := run.last(RunFinished)) is not None]


def read_observed(store: Store, comparison_id: str) -> Observed:
    """Reads a comparison's runs.

    Raises:
        InvalidInput: There is no such comparison.
    """
    comparison = store.comparison(comparison_id)
    runs = {
        (run.side, run.seed): ObservedRun(record=run, events=tuple(event for _, event in store.milestones(run.id)))
        for run in comparison.runs
    }
    first = {side: runs[side, comparison.config.seed].last(Descended) for side in SIDES}
    lineages = {side: descended.lineage if descended else () for side, descended in first.items()}
    return Observed(store=store, comparison=comparison, names=side_names(comparison.config, lineages), runs=runs)
