"""How long a sweep will take: from what its cells have taken, else from measured runs of the backbone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import fmean, median

from tlvsft.comparison import estimate_run
from tlvsft.config import RunConfig
from tlvsft.runs.cell_records import CellRecord
from tlvsft.runs.cores import CorePlan
from tlvsft.runs.processes import available_cores
from tlvsft.sweeps.config import SweepCell, SweepConfig


def estimate_sweep(config: SweepConfig, *, at_once: int | None = None) -> float | None:
    """Seconds that a whole sweep takes on the reference machine; `None` where nothing was measured for its data.

    Args:
        config: What is asked for.
        at_once: How many cells run at once; as many as this machine's cores bear unless given.
    """
    seconds = [_estimate(cell.run) for cell in config.cells()]
    known = [second for second in seconds if second is not None]
    return sum(known) / (at_once or _cells_at_once()) if len(known) == len(seconds) else None


def remaining_s(
    cells: Sequence[tuple[SweepCell, CellRecord]], *, at_once: int | None = None, now: float | None = None
) -> float | None:
    """Seconds until the last of a sweep's cells is through, once it has the cores; `None` where nothing is known yet.

    A cell takes what cells of the same method with as many labels, and as many frozen units, have taken; else what it
    was estimated to take, at the pace that this sweep has had so far; else what its cells have taken on average.

    Args:
        cells: All of them.
        at_once: How many run at once; as many as this machine's cores bear unless given.
        now: Seconds since 1970.
    """
    waiting = [(cell, record) for cell, record in cells if record.state in {"queued", "running"}]
    taken: dict[tuple[str, int | None, int | None], list[float]] = {}
    for cell, record in cells:
        if record.duration_s is not None:
            taken.setdefault(_place(cell), []).append(record.duration_s)
    if not waiting:
        return None
    pace = _pace(cells)
    average = fmean([seconds for times in taken.values() for seconds in times]) if taken else None
    total = 0.0
    for cell, record in waiting:
        expected = _expect(cell, taken, pace) or average
        if expected is None:
            return None
        begun = (time.time() if now is None else now) - record.started_at if record.started_at is not None else 0.0
        total += max(0.0, expected - begun)
    return total / min(at_once or _cells_at_once(), len(waiting))


def _expect(cell: SweepCell, taken: dict[tuple[str, int | None, int | None], list[float]], pace: float) -> float | None:
    if times := taken.get(_place(cell)):
        return fmean(times)
    estimate = _estimate(cell.run)
    return None if estimate is None else pace * estimate


def _pace(cells: Sequence[tuple[SweepCell, CellRecord]]) -> float:
    """How many times longer than estimated cells have taken here; 1 before any has finished."""
    finished = [(record.duration_s, _estimate(cell.run)) for cell, record in cells if record.duration_s is not None]
    ratios = [duration / estimate for duration, estimate in finished if duration is not None and estimate]
    return median(ratios) if ratios else 1.0


def _place(cell: SweepCell) -> tuple[str, int | None, int | None]:
    return cell.method, cell.labels, cell.depth


def _estimate(run: RunConfig) -> float | None:
    estimate = estimate_run(run)
    return None if estimate is None else estimate.run_s


def _cells_at_once() -> int:
    return CorePlan.for_cores(available_cores()).runs
