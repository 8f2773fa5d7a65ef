"""How a finished run came out, and the way that it had come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.events import Ancestor, BlockStatus, Descended, Event, RunFinished

if TYPE_CHECKING:
    from tlvsft.runs.store import Store


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of a finished run.

    Attributes:
        finish: Its last word.
        lineage: The runs that it started from, the oldest first; empty for the pretrained backbone.
    """

    finish: RunFinished
    lineage: tuple[Ancestor, ...] = ()

    @property
    def total_elapsed_s(self) -> float:
        """Seconds that it took, those of the runs that it started from included.

        What earlier runs had computed for it counts as if it had done so itself: else a second look at the same
        comparison would find one side cheaper than the first.
        """
        return self.finish.cost_s + sum(ancestor.cost_s for ancestor in self.lineage)

    @property
    def total_train_s(self) -> float:
        """Seconds of training alone, those of the runs that it started from included.

        Blocks that an earlier run had computed for it are in it, too.
        """
        return self.finish.train_s + sum(ancestor.train_s for ancestor in self.lineage)


def outcome_of(events: Iterable[Event]) -> Outcome:
    """The outcome that a finished run's events tell of.

    Raises:
        ValueError: It hasn't finished.
    """
    lineage: tuple[Ancestor, ...] = ()
    for event in events:
        match event:
            case Descended():
                lineage = event.lineage
            case RunFinished():
                return Outcome(finish=event, lineage=lineage)
    raise ValueError("A run that hasn't finished has no outcome.")


def read_outcome(store: Store, run_id: str) -> Outcome:
    """The outcome of a run that has finished, from the store.

    Raises:
        ValueError: It hasn't.
    """
    return outcome_of(event for _, event in store.milestones(run_id))


def trained_blocks(blocks: Sequence[BlockStatus]) -> list[str]:
    """The names of a ladder's blocks of which something is updated, from input to output."""
    return [block.name for block in blocks if block.trainable_parameters]
