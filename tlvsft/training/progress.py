"""Counts what a run has done and tells it as events."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from torch import Tensor

from tlvsft.backbones import FrozenPrefix
from tlvsft.errors import NonFiniteLoss
from tlvsft.events import (
    BlockMovement,
    BlocksChanged,
    BlockSimilarity,
    BlocksMoved,
    BlockStatus,
    Evaluated,
    Event,
    FrozenProved,
    Noted,
    PrefixStored,
    RepresentationsCompared,
    SampleAnswered,
    SampleDrawn,
    SampleExample,
    StepTaken,
)
from tlvsft.training.clock import Clock
from tlvsft.training.objectives import Evaluation

_SECONDS_BETWEEN = 0.5
_SECONDS_UNREAD = 0.1


@dataclass(frozen=True)
class _Step:
    """An update whose loss is still on its device."""

    loss: Tensor
    step: int
    examples: int
    epoch: float
    elapsed_s: float


@dataclass(kw_only=True)
class _Saving:
    """What it saved, in the phase that follows, that frozen blocks were computed once.

    Attributes:
        computed_s: What they took, once, for all training examples.
        examples: Training examples that went through the other blocks since, and `seconds` what that took.
        is_over: Whether another phase has begun.
    """

    blocks: int
    computed_s: float
    train_examples: int
    examples: int = 0
    seconds: float = 0.0
    is_over: bool = False

    def count(self, examples: int, seconds: float) -> None:
        if not self.is_over:
            self.examples += examples
            self.seconds += seconds

    @property
    def speedup(self) -> float | None:
        """The time of an epoch with those blocks, divided by its time without; `None` before the first update."""
        if not self.examples:
            return None
        epoch_s = self.seconds * self.train_examples / self.examples
        return (epoch_s + self.computed_s) / epoch_s


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
        train_s: Seconds spent on updates, and on blocks that were computed once for all of them.
        clock: Shows the seconds since the run started; stands still while the run is only watched.
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
        self.clock = Clock(started)
        self._told = started
        self._saving: _Saving | None = None
        self._unread: list[_Step] = []
        self._last_read = started

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run started, without those in which it was only watched."""
        return self.clock.elapsed_s

    @property
    def epoch(self) -> float:
        """Passes over the training examples."""
        return self.examples / self._train_examples

    def stepped(self, loss: Tensor, *, examples: int, started: float) -> None:
        """One update was taken, on so many examples, begun when `time.perf_counter` said `started`.

        Reading a loss waits for the device that computes it: on a GPU that is done now and then.

        Raises:
            NonFiniteLoss: A loss is NaN or infinite.
        """
        self.step += 1
        self.examples += examples
        self._unread.append(_Step(loss, self.step, self.examples, self.epoch, self.elapsed_s))
        if loss.is_cpu or perf_counter() - self._last_read > _SECONDS_UNREAD:
            self.read_losses()
        seconds = perf_counter() - started
        self.train_s += seconds
        if self._saving is not None:
            self._saving.count(examples, seconds)

    def read_losses(self) -> None:
        """Tells of the updates whose losses weren't read yet.

        Raises:
            NonFiniteLoss: One is NaN or infinite.
        """
        steps, self._unread = self._unread, []
        self._last_read = perf_counter()
        for taken in steps:
            self._on_event(
                StepTaken(
                    step=taken.step,
                    epoch=taken.epoch,
                    elapsed_s=taken.elapsed_s,
                    train_loss=_check_finite(taken.loss.item(), steps=taken.step - 1),
                    examples=taken.examples,
                )
            )

    def blocks_changed(self, blocks: tuple[BlockStatus, ...]) -> None:
        """Other blocks train from the next update on."""
        if self._saving is not None:
            self._saving.is_over = True
        self._on_event(BlocksChanged(step=self.step, blocks=blocks))

    def blocks_moved(self, movements: tuple[BlockMovement, ...]) -> None:
        """It was measured how far each block has moved.

        Raises:
            NonFiniteLoss: The loss of an update before is NaN or infinite.
        """
        self.read_losses()
        self._on_event(
            BlocksMoved(
                step=self.step,
                epoch=self.epoch,
                elapsed_s=self.elapsed_s,
                examples=self.examples,
                movements=movements,
            )
        )

    def representations_compared(self, similarities: tuple[BlockSimilarity, ...]) -> None:
        """What each block gives was compared with what the pretrained one gave."""
        self._on_event(
            RepresentationsCompared(
                step=self.step,
                epoch=self.epoch,
                elapsed_s=self.elapsed_s,
                examples=self.examples,
                similarities=similarities,
            )
        )

    def prefix_computing(self, prefix: FrozenPrefix | None, *, examples: int) -> None:
        """Frozen blocks have been computed for so many training examples; heard of now and then."""
        now = perf_counter()
        if prefix is None or examples == self._train_examples or now - self._told < _SECONDS_BETWEEN:
            return
        self._told = now
        self._tell_stored(prefix, examples=examples, computed_s=self.elapsed_s, reused=False, size_bytes=0)

    def prefix_stored(self, prefix: FrozenPrefix, *, computed_s: float, reused: bool, size_bytes: int) -> None:
        """Frozen blocks have been computed once for all training examples."""
        self.train_s += computed_s
        if self._saving is None:
            self._saving = _Saving(blocks=prefix.count, computed_s=computed_s, train_examples=self._train_examples)
        self._tell_stored(
            prefix, examples=self._train_examples, computed_s=computed_s, reused=reused, size_bytes=size_bytes
        )

    def frozen_proved(self, proved: FrozenProved) -> None:
        """The blocks were hashed after the last update."""
        self._on_event(proved)

    def noted(self, message: str) -> None:
        """There is something that the user should know."""
        self._on_event(Noted(message=message))

    def sample_drawn(self, shown: tuple[SampleExample, ...]) -> None:
        """These validation examples will be answered one by one, if there are any."""
        if shown:
            self._on_event(SampleDrawn(shown=shown))

    @property
    def prefix_blocks(self) -> int:
        """How many frozen blocks were computed once, in the first phase where any were."""
        return 0 if self._saving is None else self._saving.blocks

    @property
    def prefix_speedup(self) -> float | None:
        """How many times faster an epoch of that phase was for it; `None` where there was nothing to save."""
        return None if self._saving is None else self._saving.speedup

    def validated(self, evaluation: Evaluation) -> None:
        """The model was evaluated on the validation split."""
        self.read_losses()
        self._on_event(
            Evaluated(
                step=self.step,
                epoch=self.epoch,
                elapsed_s=self.elapsed_s,
                val_loss=_check_finite(evaluation.loss, steps=self.step),
                val_accuracy=evaluation.accuracy,
                val_perplexity=evaluation.perplexity,
                examples=self.examples,
            )
        )
        if evaluation.answers:
            self._on_event(SampleAnswered(step=self.step, answers=evaluation.answers))
        self._on_validated()

    def _tell_stored(
        self, prefix: FrozenPrefix, *, examples: int, computed_s: float, reused: bool, size_bytes: int
    ) -> None:
        self._on_event(
            PrefixStored(
                step=self.step,
                prefix_blocks=prefix.count,
                total_blocks=prefix.total,
                examples=examples,
                total_examples=self._train_examples,
                computed_s=computed_s,
                reused=reused,
                size_bytes=size_bytes,
            )
        )


def _check_finite(loss: float, *, steps: int) -> float:
    """Returns `loss` if it is a number.

    Raises:
        NonFiniteLoss: It is NaN or infinite.
    """
    if not math.isfinite(loss):
        raise NonFiniteLoss(
            f"The loss became {loss} after {steps:,} steps: training diverged. Lower the rate factor, freeze "
            "more blocks, give more labels, or train for fewer epochs."
        )
    return loss
