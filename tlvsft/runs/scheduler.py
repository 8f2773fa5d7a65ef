"""The queue: starts waiting comparisons as the cores allow, watches over them, and stops them when asked.

It lives in the web server's process (or the command line's), as one thread, and never loads torch. What happens to
runs is in the store alone; a scheduler keeps only the handles of the workers that it started.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.runs.cell_keys import cell_key
from tlvsft.runs.cell_queue import CellQueue
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.cell_worker import run_cell_worker
from tlvsft.runs.chains import check_starts, refuse_without_start, stopped_together
from tlvsft.runs.cores import CorePlan
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.launcher import Launcher, ProcessLauncher
from tlvsft.runs.processes import available_cores
from tlvsft.runs.reaper import mark_interrupted
from tlvsft.runs.store import Store
from tlvsft.runs.supervision import ActiveComparison
from tlvsft.runs.sweeps import Sweeps
from tlvsft.runs.waiting import WaitingLine

BUSY_TICK_S = 0.1
IDLE_TICK_S = 2.0
BEAT_S = 1.0
CLOSE_PATIENCE_S = 3.0
SHARED_HOST_LIMIT_S = 600.0
RUN_LIMIT_VARIABLE = "TLVSFT_RUN_LIMIT_S"
_LONGEST_CHAIN = 10
"""A visitor's comparisons on their way on a shared host are one chain, and so among this many newest ones."""

_logger = logging.getLogger(__name__)


class Scheduler:
    """Runs the comparisons that are submitted to it, both sides of one seed together, seed after seed.

    Safe to call from any thread. Several schedulers may share a store: each runs its own comparisons, in one line.
    Sweeps have the cores only while no comparison runs or waits.

    Args:
        store: Where comparisons and runs are.
        launcher: How workers are started; processes of this machine unless given.
        cell_launcher: How those of sweeps are; likewise.
        cores: How many cores to use; all that this process may use unless given.
        run_limit_s: Longest time that a run may take; unless given, `TLVSFT_RUN_LIMIT_S` seconds, else ten minutes on
            a shared host and no limit elsewhere.
    """

    def __init__(
        self,
        store: Store,
        *,
        launcher: Launcher | None = None,
        cell_launcher: Launcher | None = None,
        cores: int | None = None,
        run_limit_s: float | None = None,
    ) -> None:
        self._store = store
        self._launcher = launcher or ProcessLauncher(store.home)
        self._plan = CorePlan.for_cores(cores or available_cores())
        self._run_limit_s = run_limit_s or default_run_limit_s()
        self._line = WaitingLine(store.database)
        self._sweeps = Sweeps(store.database)
        self._cells = CellQueue(
            self._sweeps,
            store.home,
            launcher=cell_launcher or ProcessLauncher(store.home, target=run_cell_worker),
            server_id=self._line.server_id,
            slots=self._plan.runs,
            threads=self._plan.threads,
            run_limit_s=self._run_limit_s,
        )
        self._submitting = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="scheduler", daemon=True)
        self._active: dict[str, ActiveComparison] = {}  # only the thread touches it
        self._last_beat = 0.0

    def start(self) -> None:
        """Starts the thread, and warms the launcher beside it so that the first click is quick."""
        threading.Thread(target=self._warm, name="warm-up", daemon=True).start()
        self._thread.start()

    def submit(self, config: ComparisonConfig, *, owner: str | None) -> str:
        """Queues a comparison and returns its id; arguments and errors as `submit_chain` has them."""
        return self.submit_chain([config], owner=owner)[0]

    def submit_chain(self, configs: Sequence[ComparisonConfig], *, owner: str | None) -> tuple[str, ...]:
        """Queues comparisons that go on from each other, all or none, and returns their ids.

        Each waits until those that it starts from are over.

        Args:
            configs: What to run, in order; checked before (`tlvsft.comparison.check_config`). A variant that starts
                from `PREVIOUS` goes on from the comparison before its own.
            owner: The browser that asks; `None` is the command line.

        Raises:
            InvalidInput: A variant starts from what this visitor may not see, or what has ended without weights; or, on
                a shared host, this visitor has a comparison on its way already.
            StoreError: The store can't be written.
        """
        for config in configs:
            check_starts(self._store, config, owner=owner)
        with self._submitting:
            if owner is not None and on_shared_host():
                self._refuse_second(owner)
            self._line.beat()
            added = self._store.add_chain(configs, owner=owner, server_id=self._line.server_id)
        self._wake.set()
        return added

    def stop(self, comparison_id: str, *, viewer: str | None = None, whole_chain: bool = False) -> None:
        """Stops a comparison: what is queued at once, what runs at its next step. Harmless when repeated.

        What waits to go on from it and hasn't begun is stopped, too.

        Args:
            comparison_id: Which one; it may be another scheduler's.
            viewer: Who asks: a browser's token, or `None` for the command line.
            whole_chain: Whether also to stop those that it is to go on from, whoever else waits for them, and those
                that have begun to go on from it.

        Raises:
            InvalidInput: There is none of this id that this viewer may see.
        """
        self._store.visible_comparison(comparison_id, viewer=viewer)
        for stopped in stopped_together(self._store, comparison_id, viewer=viewer, whole_chain=whole_chain):
            self._store.request_stop(stopped)
        self._wake.set()

    def queue_place(self, comparison_id: str) -> int | None:
        """A comparison's place among those that wait: 1 is next; `None` is not waiting."""
        return self._line.place(comparison_id)

    def submit_sweep(self, plan: SweepPlan, *, owner: str | None) -> str:
        """Queues what is missing of a sweep and returns its id; the same sweep again goes on where it was.

        Args:
            plan: What to run, checked before (`tlvsft.sweeps.submit_sweep` does both).
            owner: The browser that asks; `None` is the command line.

        Raises:
            InvalidInput: On a shared host: it is too large, or this visitor has a sweep on its way already.
            StoreError: The store can't be written.
        """
        threads = self._plan.threads
        keys = tuple(cell_key(run, threads=threads, fingerprints=plan.fingerprints) for run in plan.runs)
        with self._submitting:
            self._line.beat()
            sweep_id = self._sweeps.submit(plan, keys, owner=owner, server_id=self._line.server_id)
        self._wake.set()
        return sweep_id

    def stop_sweep(self, sweep_id: str, *, viewer: str | None = None) -> None:
        """Stops a sweep at once; what has finished stays. Harmless when repeated.

        Args:
            sweep_id: Which one; it may be another scheduler's.
            viewer: Who asks: a browser's token, or `None` for the command line.

        Raises:
            InvalidInput: There is none of this id that this viewer may see.
        """
        self._sweeps.stop(sweep_id, viewer=viewer)
        self._wake.set()

    def close(self) -> None:
        """Interrupts what is on its way here, and returns when the workers are gone. Harmless when repeated.

        A fork server that is still loading is not waited for: what it then starts finds its run interrupted.
        """
        self._closing.set()
        self._wake.set()
        self._reluctantly(self._interrupt_all)
        if self._thread.is_alive():
            self._thread.join(2 * CLOSE_PATIENCE_S)

    def _refuse_second(self, owner: str) -> None:
        if any(not other.is_over for other in self._store.comparisons(owner=owner, limit=_LONGEST_CHAIN)):
            raise InvalidInput(
                "One comparison at a time on this shared server: stop yours, or wait until it has finished."
            )

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                busy = self._tick()
            except StoreError as error:  # another process may hold the file: try again
                _logger.warning("The scheduler can't reach the store: %s", error)
                busy = True
            except InvalidInput as error:  # a comparison was stopped and deleted this very moment: look again
                _logger.warning("The scheduler missed a comparison: %s", error)
                busy = True
            self._wake.wait(BUSY_TICK_S if busy else IDLE_TICK_S)
            self._wake.clear()
        self._shut_down()

    def _tick(self) -> bool:
        """Does what is due now; whether anything is on its way here."""
        now = time.monotonic()
        if now - self._last_beat >= BEAT_S:
            self._last_beat = now
            mark_interrupted(self._store.database)
            self._sweeps.reap()
            if self._line.unfinished() or self._sweeps.on_their_way(self._line.server_id):
                self._line.beat()
        sweeping = self._cells.advance(cores_are_free=self._line.is_empty())
        self._active = {key: comparison for key, comparison in self._active.items() if comparison.advance()}
        while started := self._line.next_to_start(slots=self._plan.comparisons, starting=frozenset(self._active)):
            if refuse_without_start(self._store, started):
                continue
            self._active[started] = ActiveComparison(
                self._store,
                started,
                launcher=self._launcher,
                threads=self._plan.threads,
                run_limit_s=self._run_limit_s,
            )
            self._active[started].advance()
        return sweeping or bool(self._active) or bool(self._line.unfinished())

    def _shut_down(self) -> None:
        for step in (
            self._cells.shut_down,
            self._interrupt_all,
            self._wait_for_workers,
            self._kill_all,
            self._line.leave,
        ):
            self._reluctantly(step)

    def _reluctantly(self, step: Callable[[], None]) -> None:
        """Takes a step of closing down; a store that is out of reach doesn't keep the next one from being taken."""
        try:
            step()
        except StoreError as error:
            _logger.warning("The scheduler can't reach the store: %s", error)

    def _interrupt_all(self) -> None:
        for comparison_id in self._line.unfinished():
            self._store.request_stop(comparison_id, state="interrupted")

    def _wait_for_workers(self) -> None:
        give_up = time.monotonic() + CLOSE_PATIENCE_S
        while self._active and time.monotonic() < give_up:
            self._active = {key: comparison for key, comparison in self._active.items() if comparison.advance()}
            time.sleep(BUSY_TICK_S)

    def _kill_all(self) -> None:
        for comparison in self._active.values():
            comparison.kill()

    def _warm(self) -> None:
        try:
            self._launcher.warm()
        except (OSError, EOFError) as error:  # the first run will say so to its user
            _logger.warning("The worker processes can't be warmed up: %s", error)


def default_run_limit_s() -> float | None:
    """The longest time that a run may take here, in seconds.

    Raises:
        InvalidInput: `TLVSFT_RUN_LIMIT_S` is no positive number.
    """
    text = os.environ.get(RUN_LIMIT_VARIABLE)
    if text is None:
        return SHARED_HOST_LIMIT_S if on_shared_host() else None
    try:
        limit_s = float(text)
    except ValueError:
        limit_s = 0.0
    if not limit_s > 0:
        raise InvalidInput(f"{RUN_LIMIT_VARIABLE} must be a positive number of seconds, not {text[:40]!r}.")
    return limit_s
