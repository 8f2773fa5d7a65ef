from __future__ import annotations

import multiprocessing
import os
import signal
import threading

from tests.conditions import wait_until
from tlvsft.runs import launcher
from tlvsft.runs.launcher import ProcessHandle


def nap() -> None:
    threading.Event().wait(60)


def leave() -> None:
    os._exit(3)


def start(target: object) -> ProcessHandle:
    """Spawned, which needs no warm fork server."""
    process = multiprocessing.get_context("spawn").Process(target=target, daemon=True)  # type: ignore[arg-type]
    process.start()
    return ProcessHandle(process)


def test_a_killed_worker_is_gone_when_kill_returns() -> None:
    handle = start(nap)
    assert handle.alive()
    handle.kill()
    assert not handle.alive()
    assert handle.end_reason() == "by signal 9"


def test_an_exit_status_is_told() -> None:
    handle = start(leave)
    wait_until(lambda: not handle.alive())
    assert handle.end_reason() == "with status 3"


def test_starting_leaves_environment_and_signals_as_they_were() -> None:
    environment = dict(os.environ)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with launcher._interrupts_kept_away(), launcher._engine_importable():
        assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        assert os.environ["PYTHONPATH"].split(os.pathsep)[0] == str(launcher.PROJECT_ROOT)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == blocked
    assert dict(os.environ) == environment
