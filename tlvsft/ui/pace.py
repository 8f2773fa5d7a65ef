"""How long a run has taken, and how long it and the whole comparison will still take, at the pace so far."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import fmean

from tlvsft.runs.records import ComparisonRecord, RunRecord
from tlvsft.ui.feed import RunProgress

_STEPS_FOR_PACE = 3


def elapsed_s(run: RunRecord, progress: RunProgress) -> float:
    """Seconds since a run's worker began; 0 before."""
    if progress.finish is not None:
        return progress.finish.elapsed_s
    if run.started_at is None:
        return 0.0
    return max(0.0, (run.ended_at or time.time()) - run.started_at)


def run_left_s(progress: RunProgress) -> float | None:
    """What the steps to come will take at the pace of those since the loop began.

    `None` before there is a pace, and after the last step: how long the test takes isn't known.
    """
    begun, step, started = progress.untouched, progress.step, progress.started
    if begun is None or step is None or started is None or not _STEPS_FOR_PACE <= step.step < started.total_steps:
        return None
    step_s = (step.elapsed_s - begun.elapsed_s) / step.step
    return (started.total_steps - step.step) * step_s


def comparison_left_s(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> float | None:
    """What all seeds to come will take, the one on its way included; `None` while that isn't known.

    Both sides of a seed train together, and the next one begins when both are over: the slower side counts.
    """
    pairs = [[run for run in comparison.runs if run.seed == seed] for seed in comparison.config.all_seeds()]
    over = [pair for pair in pairs if all(run.is_over for run in pair)]
    to_come = [pair for pair in pairs if not all(run.is_over for run in pair)]
    if not to_come:
        return None
    left_s = _pair_left_s(to_come[0], progress)
    if left_s is None:
        return None
    so_far_s = max(elapsed_s(run, progress[run.id]) for run in to_come[0])
    taken_s = [max(elapsed_s(run, progress[run.id]) for run in pair) for pair in over]
    seed_s = fmean(taken_s) if taken_s else so_far_s + left_s
    return left_s + (len(to_come) - 1) * seed_s


def _pair_left_s(pair: Sequence[RunRecord], progress: Mapping[str, RunProgress]) -> float | None:
    """What the slower run of a seed still takes; `None` if one of those that aren't over can't be told."""
    left = [run_left_s(progress[run.id]) for run in pair if not run.is_over]
    known = [value for value in left if value is not None]
    return max(known) if len(known) == len(left) else None
