"""Counts what a run has done and tells it as events."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from tlvsft.errors import NonFiniteLoss
from tlvsft.events import BlocksChanged, BlockStatus, Evaluated, Event, StepTaken
from tlvsft.training.objectives import Evaluation


class Progress:
    """What a run has done so far.

    Args:
        train_examples: Examples in one epoch.
        on_event: Hears of each step and each evaluation.
        on_validated: Called after each evaluation.
        started: When the run started, on `time.perf_counter`'s clock.

    Attributes:
        step: Updates taken.
        examples: Training examples seen, repeats included.
        train_s: Seconds spent on updates.
    """

    def __init__(
        self,
        *,
        train_examples: int,
        on_event: Callable[[Event], None],
        on_validated: Callable[[], None],
        started: float,
    ) -> None:
        self.step = 0
        self.examples = 0
        self.train_s = 0.0
        self._train_examples = train_examples
        self._on_event = on_event
        self._on_validated = on_validated
        self._started = started

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run started."""
        return perf_counter() - self._started

    @property
    def epoch(self) -> float:
        """Passes over the training examples."""
        return self.examples / self._train_examples

    def stepped(self, train_loss: float, *, examples: int, seconds: float) -> None:
        """One update was taken, on so many examples."""
        self.step += 1
        self.examples += examples
        self.train_s += seconds
        self._on_event(
            StepTaken(
                step=self.step,
                epoch=self.epoch,
                elapsed_s=self.elapsed_s,
                train_loss=train_loss,
                examples=self.examples,
            )
        )

    def blocks_changed(self, blocks: tuple[BlockStatus, ...]) -> None:
        """Other blocks train from the next update on."""
        self._on_event(BlocksChanged(step=self.step, blocks=blocks))

    def validated(self, evaluation: Evaluation) -> None:
        """The model was evaluated on the validation split."""
        self._on_event(
            Evaluated(
                step=self.step,
                epoch=self.epoch,
                elapsed_s=self.elapsed_s,
                val_loss=self.check_finite(evaluation.loss),
                val_accuracy=evaluation.accuracy,
                val_perplexity=evaluation.perplexity,
                examples=self.examples,
            )
        )
        self._on_validated()

    def check_finite(self, loss: float) -> float:
        """Returns `loss` if it is a number.

        Raises:
            NonFiniteLoss: It is NaN or infinite.
        """
        if not math.isfinite(loss):
            raise NonFiniteLoss(
                f"The loss became {loss} after {self.step:,} steps: training diverged. Freeze more blocks, give more "
                "labels, or train for fewer epochs; in your own script, lower the learning rate."
            )
        return loss
