"""The cells of sweeps under way: started while no comparison is on its way, watched, ended when one comes.

Part of the scheduler; used from its thread only.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from tlvsft.errors import WorkerDied
from tlvsft.runs.cell_records import CellState
from tlvsft.runs.cells import cell_log
from tlvsft.runs.launcher import Launcher, WorkerHandle
from tlvsft.runs.sweeps import Sweeps

LEAVE_PATIENCE_S = 5.0
"""How long a process may take to go once its cell is over."""


@dataclass
class _Worker:
    handle: WorkerHandle
    started: float = field(default_factory=time.monotonic)
    over_since: float | None = None


class CellQueue:
    """What one server does for its sweeps.

    Args:
        sweeps: Where they are.
        home: The store's folder.
        launcher: How workers are started.
        server_id: Under which name this server is registered.
        slots: How many cells run at once, over all servers of the store: as many as a comparison has runs at once.
        threads: Cores for each worker, as in a comparison, so that times compare.
        run_limit_s: Longest time that a cell may take; `None` is no limit.
    """

    def __init__(
        self,
        sweeps: Sweeps,
        home: Path,
        *,
        launcher: Launcher,
        server_id: str,
        slots: int,
        threads: int,
        run_limit_s: float | None,
    ) -> None:
        self._sweeps = sweeps
        self._home = home
        self._launcher = launcher
        self._server_id = server_id
        self._slots = slots
        self._threads = threads
        self._run_limit_s = run_limit_s
        self._workers: dict[str, _Worker] = {}

    def advance(self, *, cores_are_free: bool) -> bool:
        """Looks after the workers and starts the next ones; whether any sweep is on its way here.

        Args:
            cores_are_free: Whether no comparison runs or waits: one that does goes first, whatever is under way here.
        """
        if not cores_are_free:
            self.release_all()
            return self._sweeps.on_their_way(self._server_id)
        if self._workers:
            wanted = self._sweeps.cells.wanted(self._server_id)
            self._workers = {key: worker for key, worker in self._workers.items() if self._stays(key, worker, wanted)}
        while key := self._sweeps.cells.claim_next(self._server_id, slots=self._slots):
            self._start(key)
        return bool(self._workers) or self._sweeps.on_their_way(self._server_id)

    def release_all(self) -> None:
        """Ends all workers at once; their cells wait again."""
        for worker in self._workers.values():
            worker.handle.kill()
        if self._workers:
            self._sweeps.cells.release(self._workers)
        self._workers = {}

    def shut_down(self) -> None:
        """Ends all workers, and the sweeps of this server, which somebody may resume."""
        self._sweeps.interrupt(self._server_id)
        self.release_all()

    def _start(self, key: str) -> None:
        try:
            self._workers[key] = _Worker(self._launcher.launch(key, threads=self._threads))
        except (OSError, EOFError) as error:
            self._sweeps.cells.fail(
                key, f"Can't start a process for this run ({error}): close other programs and resume the sweep."
            )

    def _stays(self, key: str, worker: _Worker, wanted: frozenset[str]) -> bool:
        alive = worker.handle.alive()  # before the state is read: a worker writes its state, then leaves
        if key not in wanted:
            return alive and not self._put_out(key, worker)
        if not alive:
            self._sweeps.cells.fail(key, self._death_notice(key, worker))
            return False
        return not self._past_limit(key, worker)

    def _put_out(self, key: str, worker: _Worker) -> bool:
        """Ends a worker whose cell is wanted no more, or is over and has had time to go; whether it came to that."""
        worker.over_since = worker.over_since or time.monotonic()
        if self._state(key) != "running" and time.monotonic() - worker.over_since < LEAVE_PATIENCE_S:
            return False
        worker.handle.kill()
        self._sweeps.cells.release([key])
        return True

    def _state(self, key: str) -> CellState | None:
        cell = self._sweeps.cells.find(key)
        return None if cell is None else cell.state

    def _past_limit(self, key: str, worker: _Worker) -> bool:
        if self._run_limit_s is None or time.monotonic() - worker.started < self._run_limit_s:
            return False
        worker.handle.kill()
        limit = f"{self._run_limit_s:,.0f} seconds"
        self._sweeps.cells.fail(
            key, f"A run may take {limit} here, and this one took longer: use fewer labels or epochs."
        )
        return True

    def _death_notice(self, key: str, worker: _Worker) -> str:
        died = WorkerDied(
            f"The process of this run ended {worker.handle.end_reason()} before the run was through, perhaps for lack "
            f"of memory: close other programs and resume the sweep; details in {cell_log(self._home, key)}."
        )
        return str(died)
