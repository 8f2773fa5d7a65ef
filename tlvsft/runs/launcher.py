"""Starting worker processes: the seam where something larger than one machine would plug in.

A fork server imports torch, transformers and the engine once; each worker is then a fork of it and starts in a moment.
Where there is no fork server (Windows), workers are spawned and pay for the imports themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.worker import run_worker

PRELOADED = ("tlvsft.runs.preload",)
PROJECT_ROOT = Path(__file__).resolve().parents[2]
_KILL_PATIENCE_S = 5.0
_start_lock = threading.Lock()


class WorkerHandle(Protocol):
    """A worker that was started."""

    def alive(self) -> bool:
        """Whether it still runs."""

    def kill(self) -> None:
        """Ends it at once, whatever it does, and returns when it is gone."""

    def end_reason(self) -> str:
        """How it ended, in words that follow "ended", e.g. "by signal 9"."""


class Launcher(Protocol):
    """Starts one worker per run."""

    def warm(self) -> None:
        """Pays beforehand for what the first start would have to pay for; blocks while it does."""

    def launch(self, run_id: str, *, threads: int) -> WorkerHandle:
        """Starts the worker of a run, which may use `threads` cores."""


class ProcessLauncher:
    """Workers as processes of this machine.

    Args:
        home: The store's folder, which the workers open for themselves.
        target: What a worker runs.
    """

    def __init__(self, home: Path, *, target: Callable[[Path, str, int], None] = run_worker) -> None:
        self._home = home
        self._target = target

    def warm(self) -> None:
        """Starts the fork server and one worker that does nothing."""
        trial = start_process(_do_nothing, name="tlvsft-warm-up")
        trial.join()
        trial.close()

    def launch(self, run_id: str, *, threads: int) -> WorkerHandle:
        """Starts the worker of a run."""
        return ProcessHandle(start_process(self._target, self._home, run_id, threads, name=f"tlvsft-{run_id}"))


class ProcessHandle:
    """A worker process."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self._identity = ProcessIdentity.of(process.pid or 0)

    def alive(self) -> bool:
        """Whether it still runs; a fork server that died doesn't take its workers along."""
        return self._process.is_alive() or self._identity.is_alive()

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()
        self._process.join(_KILL_PATIENCE_S)

    def end_reason(self) -> str:
        """How it ended."""
        code = self._process.exitcode
        return f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"


def start_process(target: Callable[..., None], *arguments: object, name: str) -> BaseProcess:
    """Starts a process from the fork server (spawned where there is none).

    It ends when this process ends, one way or the other; it never sees the terminal's interrupt.
    """
    process: BaseProcess = _context().Process(  # type: ignore[attr-defined]
        target=target, args=arguments, name=name, daemon=True
    )
    with _start_lock, _interrupts_kept_away(), _engine_importable():
        process.start()
    return process


def _context() -> BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


@contextmanager
def _interrupts_kept_away() -> Iterator[None]:
    """Blocks Ctrl-C in the fork server that is started meanwhile, and so in all its forks from their first moment."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # its first start, within the fork server's, would lift the block
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _engine_importable() -> Iterator[None]:
    """Lets the fork server find this package from any working directory: it preloads before it learns `sys.path`."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(PROJECT_ROOT), *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _do_nothing() -> None:
    """What the warm-up worker runs."""
