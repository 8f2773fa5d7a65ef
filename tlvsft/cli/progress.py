"""How a comparison gets on, on stderr: live lines on a terminal, a few plain ones elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from tlvsft.catalog.methods import get_method
from tlvsft.cli.live_lines import LiveLines
from tlvsft.comparison import describe_steps, trained_blocks
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import (
    Ancestor,
    BlocksChanged,
    Descended,
    Evaluated,
    Event,
    Noted,
    PrefixStored,
    RunFinished,
    RunStarted,
    StepTaken,
)

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

POLL_S = 0.15
PLAIN_INTERVAL_S = 5.0
_BAR_CELLS = 10
_TRAINING = "training"


@dataclass(kw_only=True)
class SideProgress:
    """What one side is doing: the state of its latest run.

    Attributes:
        step: Updates so far in this run, of `total_steps` (0 for a method that takes none).
        computed: How far it is with blocks that are computed once, in words.
        validation: How good the model was when it was last evaluated, in words.
    """

    name: str
    seed: int
    status: str = "waiting"
    step: int = 0
    total_steps: int = 0
    train_loss: float | None = None
    computed: str = ""
    validation: str = ""
    elapsed_s: float = 0.0

    def take(self, event: Event) -> None:
        """Notes what happened."""
        match event:
            case RunStarted():
                self.status, self.total_steps = _TRAINING, event.total_steps
            case StepTaken():
                self.step, self.train_loss, self.elapsed_s = event.step, event.train_loss, event.elapsed_s
            case PrefixStored():
                self.computed = f"frozen blocks {event.examples:,}/{event.total_examples:,}"
            case Evaluated():
                self.validation, self.elapsed_s = _describe_validation(event), event.elapsed_s
            case RunFinished():
                self.status, self.elapsed_s = _describe_result(event), event.elapsed_s

    def line(self) -> str:
        """This side in one line."""
        parts = [self.name, f"seed {self.seed}"]
        if self.status == _TRAINING:
            parts += self._training_parts()
        else:
            parts.append(self.status)
        if self.elapsed_s:
            parts.append(f"{self.elapsed_s:.1f} s")
        return "  ".join(parts)

    def _training_parts(self) -> list[str]:
        parts = []
        if self.computed and not self.step:
            parts = [self.computed]
        elif self.total_steps:
            filled = _BAR_CELLS * self.step // self.total_steps
            parts = ["▓" * filled + "░" * (_BAR_CELLS - filled), f"{self.step}/{self.total_steps}"]
        if self.train_loss is not None:
            parts.append(f"loss {self.train_loss:.3f}")
        if self.validation:
            parts.append(self.validation)
        return parts or [_TRAINING]


class Display:
    """Both sides on a stream: redrawn in place on a terminal, else a line at each start and end and now and then.

    Args:
        stream: Where to, normally stderr.
        config: What is compared.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, stream: TextIO, config: ComparisonConfig, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        titles = {side: f"{side:<5}  {get_method(config.variant(side).method).title}" for side in SIDES}
        width = max(map(len, titles.values()))
        self._names = {side: title.ljust(width) for side, title in titles.items()}
        self._sides = {side: SideProgress(name=self._names[side], seed=config.seed) for side in SIDES}
        self._lines, self._clock = LiveLines(stream), clock
        self._last_plain = clock()
        self._notes: set[str] = set()
        self._said: set[str] = set()  # what the last plain lines were: they aren't repeated

    def take(self, side: Side, seed: int, event: Event) -> None:
        """Shows one event of one run."""
        if isinstance(event, RunStarted):
            self._sides[side] = SideProgress(name=self._names[side], seed=seed)
        progress = self._sides[side]
        progress.take(event)
        run = f"{progress.name}  seed {seed}"
        match event:
            case Noted() if event.message not in self._notes:
                self._notes.add(event.message)
                self._print(f"Note: {event.message}")
            case Descended():
                self._print(f"{run}  {_describe_lineage(event.lineage)}")
            case RunStarted():
                self._print(f"{run}  {_describe_start(event)}")
            case PrefixStored() if event.is_complete:
                self._print(f"{run}  {_describe_prefix(event)}")
            case BlocksChanged():
                self._print(f"{run}  now training {', '.join(trained_blocks(event.blocks))}")
            case RunFinished() if not self._lines.are_possible:
                self._print(progress.line())

    def refresh(self, queue_place: int | None = None) -> None:
        """Redraws the live lines, or prints plain ones if the last are old. `queue_place` 1 is next."""
        if self._lines.are_possible:
            place = "" if queue_place is None else f", place {queue_place} in the queue"
            self._lines.draw([self._sides[side].line() + place for side in SIDES])
        elif self._clock() - self._last_plain >= PLAIN_INTERVAL_S:
            waiting = [] if queue_place is None else [f"Waiting: place {queue_place} in the queue."]
            training = [side.line() for side in self._sides.values() if side.status == _TRAINING]
            for line in [*waiting, *training]:
                if line not in self._said:
                    self._print(line)
            self._said = {*waiting, *training}
            self._last_plain = self._clock()

    def _print(self, line: str) -> None:
        """Adds a line that stays."""
        self._lines.add(line)
        self._last_plain = self._clock()


def follow(
    store: Store,
    comparison_id: str,
    display: Display,
    *,
    queue_place: Callable[[str], int | None],
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Shows a comparison's events as they come, and returns when each of its runs has ended."""
    cursors: dict[str, int] = {}
    while True:
        comparison = store.comparison(comparison_id)
        for run in comparison.runs:
            for number, event in store.events(run.id, after=cursors.get(run.id, 0)):
                cursors[run.id] = number
                display.take(run.side, run.seed, event)
        display.refresh(queue_place(comparison_id))
        if comparison.is_over:
            return
        wait(POLL_S)


def _describe_validation(event: Evaluated) -> str:
    if event.val_perplexity is not None:
        return f"val perplexity {event.val_perplexity:.1f}"
    return "" if event.val_accuracy is None else f"val {100 * event.val_accuracy:.1f} %"


def _describe_result(event: RunFinished) -> str:
    if event.perplexity is not None:
        before = "" if event.perplexity_before is None else f"{event.perplexity_before:.1f} → "
        return f"perplexity {before}{event.perplexity:.1f}"
    return "finished" if event.test_accuracy is None else f"test accuracy {100 * event.test_accuracy:.1f} %"


def _describe_lineage(lineage: Sequence[Ancestor]) -> str:
    last = lineage[-1]
    return f"goes on from {last.comparison_id}-{last.side}-{last.seed}: {describe_steps(lineage)}"


def _describe_prefix(event: PrefixStored) -> str:
    origin = ", by an earlier run" if event.reused else ""
    return f"{event.prefix_blocks} of {event.total_blocks} blocks computed once ({event.computed_s:.1f} s{origin})"


def _describe_start(event: RunStarted) -> str:
    share = 100 * event.trainable_parameters / max(event.total_parameters, 1)
    return (
        f"training {event.trainable_parameters:,} of {event.total_parameters:,} parameters ({share:.2f} %) "
        f"on {event.train_examples:,} examples, {event.total_steps:,} step{'' if event.total_steps == 1 else 's'}"
    )
