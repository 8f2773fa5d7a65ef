"""What the page needs from below: the store, the queue, the predictor, and a feed of what happens in runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tlvsft.config import ComparisonConfig
from tlvsft.runs.inference import Input, Prediction
from tlvsft.runs.store import Store
from tlvsft.ui.feed import Feed


class Queue(Protocol):
    """Where comparisons are submitted: `tlvsft.runs.scheduler.Scheduler`."""

    def submit(self, config: ComparisonConfig, *, owner: str | None) -> str:
        """Queues a comparison and returns its id."""
        ...

    def stop(self, comparison_id: str, *, viewer: str | None = None) -> None:
        """Stops a comparison that `viewer` may see."""
        ...

    def queue_place(self, comparison_id: str) -> int | None:
        """Its place among those that wait; `None` if it doesn't."""
        ...


class Predictor(Protocol):
    """Who answers for trained models: `tlvsft.runs.inference.InferenceClient`."""

    def predict(self, run_id: str, content: Input, *, viewer: str | None = None) -> Prediction:
        """What a run's model says."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that handlers use; the same for all visitors."""

    store: Store
    queue: Queue
    predictor: Predictor
    feed: Feed
