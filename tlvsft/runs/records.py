"""What the store gives back: comparisons, their runs, and the test examples that they answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tlvsft.config import ComparisonConfig, RunConfig, Side

if TYPE_CHECKING:
    import numpy as np

RunState = Literal["queued", "running", "finished", "failed", "stopped", "interrupted"]
EndState = Literal["finished", "failed", "stopped", "interrupted"]
StopState = Literal["stopped", "interrupted"]
END_STATES: tuple[EndState, ...] = ("finished", "failed", "stopped", "interrupted")
TELLING_STATES: tuple[RunState, ...] = ("running", "queued", "failed", "stopped", "interrupted")
"""The first of these that a run of a comparison is in, is the comparison's; a finished one has none of them."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run as the store knows it; times are seconds since 1970.

    Attributes:
        state: `queued` and `running` are on their way; the others are final.
        message: Why it failed or was interrupted, for the user; else `None`.
        invalid_input: Whether a failure was the user's input's.
        pid: Process of its worker, once it has one.
        heartbeat_at: When its worker last said that it lives.
    """

    id: str
    comparison_id: str
    side: Side
    seed: int
    config: RunConfig
    state: RunState
    message: str | None
    invalid_input: bool
    pid: int | None
    heartbeat_at: float | None
    created_at: float
    started_at: float | None
    ended_at: float | None

    @property
    def is_over(self) -> bool:
        """Whether its state is final."""
        return self.state in END_STATES


@dataclass(frozen=True, kw_only=True)
class ComparisonRecord:
    """A comparison and its runs, seed after seed, left before right.

    Attributes:
        owner: The browser that it belongs to; `None` is the command line.
    """

    id: str
    config: ComparisonConfig
    owner: str | None
    created_at: float
    runs: tuple[RunRecord, ...]

    @property
    def is_over(self) -> bool:
        """Whether all its runs are in a final state."""
        return all(run.is_over for run in self.runs)

    @property
    def is_finished(self) -> bool:
        """Whether all its runs have results."""
        return all(run.state == "finished" for run in self.runs)

    @property
    def state(self) -> RunState:
        """Its state in one word."""
        states = {run.state for run in self.runs}
        return next((state for state in TELLING_STATES if state in states), "finished")

    def run(self, side: Side, seed: int | None = None) -> RunRecord:
        """The run of one side; of the first seed unless told which."""
        wanted = self.config.seed if seed is None else seed
        return next(run for run in self.runs if run.side == side and run.seed == wanted)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A test example in the form in which it is shown: a (shortened) text, or a small PNG as a data URI.

    Attributes:
        index: Its place in the test split, the row of `StoredPredictions`.
        label: Its true class.
        group: The kind of example that it is, where the data tells kinds apart.
    """

    index: int
    label: int
    text: str | None = None
    image: str | None = None
    group: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredPredictions:
    """A run's answers on the test split.

    Attributes:
        labels: `(examples,)` int64, the true classes.
        probabilities: `(examples, num_classes)` float32.
    """

    labels: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True, kw_only=True)
class StoredTextLosses:
    """How surprised a run's language model is by each test text.

    Attributes:
        losses: `(texts,)` float64, nats summed over a text's predicted tokens.
        tokens: `(texts,)` int64, how many these are.
    """

    losses: np.ndarray
    tokens: np.ndarray
