"""What the page needs from below: store, queue, predictor, a feed of what happens in runs, keys, exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tlvsft.config import ComparisonConfig
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.inference import Explanation, Input, Prediction
from tlvsft.runs.store import Store
from tlvsft.ui.exports import Exports
from tlvsft.ui.feed import Feed
from tlvsft.ui.projector import Projector
from tlvsft.ui.watching import NewsKeys


class Queue(Protocol):
    """Where comparisons and sweeps are submitted: `tlvsft.runs.scheduler.Scheduler`."""

    def submit(self, config: ComparisonConfig, *, owner: str | None) -> str:
        """Queues a comparison and returns its id."""
        ...

    def submit_chain(self, configs: Sequence[ComparisonConfig], *, owner: str | None) -> tuple[str, ...]:
        """Queues comparisons of which each may start from the one before it, and returns their ids."""
        ...

    def stop(self, comparison_id: str, *, viewer: str | None = None, whole_chain: bool = False) -> None:
        """Stops a comparison that `viewer` may see; with `whole_chain` those that it waits for or that wait for it."""
        ...

    def submit_sweep(self, plan: SweepPlan, *, owner: str | None) -> str:
        """Queues what is missing of a sweep and returns its id."""
        ...

    def stop_sweep(self, sweep_id: str, *, viewer: str | None = None) -> None:
        """Stops a sweep that `viewer` may see."""
        ...

    def queue_place(self, comparison_id: str) -> int | None:
        """Its place among those that wait; `None` if it doesn't."""
        ...


class NextWords(Protocol):
    """How a model goes on with a prompt: `tlvsft.runs.predictor.NextWords`."""

    @property
    def words(self) -> tuple[tuple[str, float], ...]:
        """The most probable next words, each with its probability (0–1)."""
        ...

    @property
    def continuation(self) -> str:
        """What was sampled after the prompt, with a fixed seed."""
        ...

    @property
    def step(self) -> int | None:
        """After how many updates the weights were saved; `None` for the untouched model."""
        ...


class Predictor(Protocol):
    """Who answers for trained models: `tlvsft.runs.inference.InferenceClient`."""

    def predict(self, run_id: str, content: Input, *, viewer: str | None = None) -> Prediction:
        """What a run's model says."""
        ...

    def explain(self, run_id: str, content: Input, *, viewer: str | None = None) -> Explanation:
        """What its answer rests on."""
        ...

    def next_words(self, run_id: str, prompt: str, *, viewer: str | None = None) -> NextWords:
        """How a run's newest checkpoint goes on with a prompt."""
        ...

    def next_words_before(self, backbone: str, prompt: str) -> NextWords:
        """How the untouched backbone goes on with a prompt."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that handlers use; the same for all visitors."""

    store: Store
    queue: Queue
    predictor: Predictor
    feed: Feed
    keys: NewsKeys = field(default_factory=NewsKeys)
    exports: Exports = field(default_factory=Exports)
    projector: Projector = field(default_factory=Projector)
