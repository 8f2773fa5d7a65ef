"""The workers of one comparison under way: started seed after seed, watched, and ended when they stay too long."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tlvsft.errors import InvalidInput, WorkerDied
from tlvsft.events import RunFailed
from tlvsft.runs.artifacts import LOG_FILE
from tlvsft.runs.launcher import Launcher, WorkerHandle
from tlvsft.runs.reaper import INTERRUPTED_MESSAGE
from tlvsft.runs.records import RunRecord, StopState
from tlvsft.runs.store import Store

STOP_PATIENCE_S = 5.0
"""How long a run may take to come to its next step after Stop, and a worker to leave after its run's end."""


@dataclass
class _Worker:
    handle: WorkerHandle
    started: float = field(default_factory=time.monotonic)
    asked_to_leave: float | None = None

    def overdue(self) -> bool:
        """Whether it was asked to leave (now or before) and has had time enough."""
        now = time.monotonic()
        self.asked_to_leave = self.asked_to_leave or now
        return now - self.asked_to_leave > STOP_PATIENCE_S


class ActiveComparison:
    """A comparison that has its turn. Used from the scheduler's thread only.

    Args:
        store: Where its runs are.
        comparison_id: Which comparison.
        launcher: How its workers are started.
        threads: Cores for each worker.
        run_limit_s: Longest time that a run may take; `None` is no limit.
    """

    def __init__(
        self, store: Store, comparison_id: str, *, launcher: Launcher, threads: int, run_limit_s: float | None
    ) -> None:
        self._store = store
        self._comparison_id = comparison_id
        self._launcher = launcher
        self._threads = threads
        self._run_limit_s = run_limit_s
        self._workers: dict[str, _Worker] = {}

    def advance(self) -> bool:
        """Looks after the workers, starts the next pair when one is through; `False` when there is nothing left."""
        self._workers = {run_id: worker for run_id, worker in self._workers.items() if self._stays(run_id, worker)}
        return bool(self._workers) or self._start_next_pair()

    def kill(self) -> None:
        """Ends the remaining workers at once; their runs are interrupted."""
        for worker in self._workers.values():
            worker.handle.kill()
        for run_id in self._workers:
            self._store.end_run(run_id, "interrupted", message=INTERRUPTED_MESSAGE)
        self._workers = {}

    def _start_next_pair(self) -> bool:
        try:
            runs = self._store.comparison(self._comparison_id).runs
        except InvalidInput:  # it was over, and has been deleted
            return False
        queued = [run for run in runs if run.state == "queued"]
        refused = next((run for run in runs if run.state == "failed" and run.invalid_input), None)
        if refused is not None:  # the other seeds would be refused for the same reason
            for run in queued:
                self._fail(run.id, refused.message or "", invalid_input=True)
            return False
        for run in queued:
            if run.seed == queued[0].seed:
                self._start(run.id)
        return bool(queued)

    def _start(self, run_id: str) -> None:
        try:
            self._workers[run_id] = _Worker(self._launcher.launch(run_id, threads=self._threads))
        except (OSError, EOFError) as error:
            self._fail(run_id, f"Can't start a process for this run ({error}): close other programs and train again.")

    def _stays(self, run_id: str, worker: _Worker) -> bool:
        alive = worker.handle.alive()  # before the state is read: a worker writes its state, then leaves
        run = self._find(run_id)
        if run is None or run.is_over:
            return alive and not self._put_out(worker)
        if not alive:
            self._fail(run_id, self._death_notice(run, worker))
            return False
        stop_as = self._store.stop_requested(run_id)
        if stop_as is not None:
            return not self._put_out(worker, run=run, stop_as=stop_as)
        return not self._past_limit(run_id, worker)

    def _find(self, run_id: str) -> RunRecord | None:
        """A run; `None` if it was over and has been deleted while its worker was leaving."""
        try:
            return self._store.run(run_id)
        except InvalidInput:
            return None

    def _put_out(self, worker: _Worker, *, run: RunRecord | None = None, stop_as: StopState = "stopped") -> bool:
        """Kills a worker that should have left by now; whether it came to that."""
        if not worker.overdue():
            return False
        worker.handle.kill()
        if run is not None:
            message = INTERRUPTED_MESSAGE if stop_as == "interrupted" else None
            self._store.end_run(run.id, stop_as, message=message)
        return True

    def _past_limit(self, run_id: str, worker: _Worker) -> bool:
        if self._run_limit_s is None or time.monotonic() - worker.started < self._run_limit_s:
            return False
        worker.handle.kill()
        limit = f"{self._run_limit_s:,.0f} seconds"
        self._fail(run_id, f"A run may take {limit} here, and this one took longer: use fewer labels or epochs.")
        return True

    def _death_notice(self, run: RunRecord, worker: _Worker) -> str:
        log_file = self._store.run_folder(run.id) / LOG_FILE
        died = WorkerDied(
            f"The process of this run ended {worker.handle.end_reason()} before the run was through, perhaps for lack "
            f"of memory: close other programs and train again; details in {log_file}."
        )
        return str(died)

    def _fail(self, run_id: str, message: str, *, invalid_input: bool = False) -> None:
        self._store.end_run(run_id, "failed", event=RunFailed(message=message, invalid_input=invalid_input))
