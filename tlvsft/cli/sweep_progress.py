"""How a sweep gets on, on stderr: one live line on a terminal, a plain one now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from tlvsft.catalog.methods import get_method
from tlvsft.cli.live_lines import LiveLines
from tlvsft.cli.progress import PLAIN_INTERVAL_S
from tlvsft.comparison.figures import rough_duration
from tlvsft.sweeps import CellResult, SweepProgress, SweepResults

_BAR_CELLS = 20
_WAITING = {"comparison": "waiting: a comparison goes first", "sweep": "waiting: an earlier sweep goes first"}


class SweepDisplay:
    """A sweep on a stream.

    Args:
        stream: Where to, normally stderr.
        clock: Seconds that only go forward.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lines, self._clock = LiveLines(stream), clock
        self._said = ""
        self._last_plain: float | None = None
        self._failures = 0

    def show(self, results: SweepResults) -> None:
        """Shows where the sweep is; a run that failed gets a line that stays, once."""
        failures = results.failures
        if self._last_plain is None:
            self._print(_describe_start(results.progress))
        for cell in failures[self._failures :]:
            self._print(f"{describe_cell(cell)} failed: {cell.message}")
        self._failures = max(self._failures, len(failures))
        if self._lines.are_possible:
            self._lines.draw([f"{_draw_bar(results.progress)}  {describe_progress(results)}"])
        elif results.progress.is_over or self._clock() - (self._last_plain or 0.0) >= PLAIN_INTERVAL_S:
            line = describe_progress(results)
            if line != self._said:
                self._print(line)
            self._said = line

    def _print(self, line: str) -> None:
        """Adds a line that stays."""
        self._lines.add(line)
        self._last_plain = self._clock()


def _draw_bar(progress: SweepProgress) -> str:
    filled = _BAR_CELLS * (progress.finished + progress.failed) // progress.total
    return "▓" * filled + "░" * (_BAR_CELLS - filled)


def describe_progress(results: SweepResults) -> str:
    """A sweep in one line: how many runs are done, what is left, what is being trained."""
    progress = results.progress
    parts = [f"{progress.finished} of {progress.total} runs"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.waits_for is not None:
        parts.append(_WAITING[progress.waits_for])
    elif progress.eta_s is not None:
        parts.append(f"about {rough_duration(progress.eta_s)} left")
    parts += [f"{describe_cell(cell)} {100 * cell.share:.0f} %" for cell in results.cells if cell.state == "running"]
    return "  ".join(parts)


def describe_cell(cell: CellResult) -> str:
    """A run of a sweep in a few words."""
    what = f"{cell.labels:,} labels" if cell.depth is None else f"{cell.depth} frozen"
    return f"{get_method(cell.method).title}, {what}, seed {cell.seed}"


def _describe_start(progress: SweepProgress) -> str:
    found = progress.finished
    known = f", {found} of them computed before" if found else ""
    return f"Sweep {progress.sweep_id}: {progress.total} runs{known}"
