"""Cells measured side by side, each worker process with one thread."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from benchmarks.transfer_benchmark.measuring import Job, measure
from benchmarks.transfer_benchmark.results import Measurement
from tlvsft.errors import RunError, WorkerDied


def measure_all(
    jobs: Sequence[Job],
    *,
    processes: int,
    on_measured: Callable[[Measurement], None],
    on_problem: Callable[[Job, str], None],
) -> None:
    """Measures cells, those at the front first; what is in flight when this is interrupted is lost.

    Args:
        jobs: What to measure.
        processes: How many at once.
        on_measured: Hears each measurement as it is finished, in this process.
        on_problem: Hears of each job that couldn't be measured.

    Raises:
        WorkerDied: A worker was killed, by the system for its memory perhaps.
    """
    if not jobs:
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        min(processes, len(jobs)), mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
    )
    finished = False
    try:
        waiting = {pool.submit(measure, job): job for job in jobs}
        for future in as_completed(waiting):
            try:
                on_measured(future.result())
            except RunError as error:
                on_problem(waiting[future], str(error))
        finished = True
    except BrokenProcessPool as error:
        raise WorkerDied(
            "A worker process was killed (out of memory?): run the same command again with fewer --jobs."
        ) from error
    finally:
        if not finished:
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    """One thread; Ctrl-C ends a worker at once and in silence: the command says what there is to say."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    torch.set_num_threads(1)
