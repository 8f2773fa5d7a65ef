"""The server dies, or is started again: nothing is lost, nothing is left behind, nobody else's runs are touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conditions import wait_until
from tlvsft.config import VariantConfig
from tlvsft.events import RunStopped
from tlvsft.runs.launcher import WorkerHandle
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import RunRecord
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store


@dataclass
class Server:
    process: subprocess.Popen[str]
    running: str
    waiting: str


class NoLauncher:
    """Of a server that nobody asks for anything."""

    def warm(self) -> None:
        return

    def launch(self, run_id: str, *, threads: int) -> WorkerHandle:
        raise AssertionError(f"{run_id} isn't this server's ({threads} threads).")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def server(store: Store, repository: Path) -> Iterator[Server]:
    """A server whose first comparison trains, endlessly, while the second waits."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.serving", str(store.home)],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        running, waiting = process.stdout.readline().split()
        runs = store.comparison(running).runs
        wait_until(lambda: all(store.events(run.id) for run in runs), timeout_s=120)
        yield Server(process, running, waiting)
    finally:
        process.kill()
        process.communicate()


def workers(store: Store, server: Server) -> list[ProcessIdentity]:
    return [ProcessIdentity.of(run.pid or 0) for run in store.comparison(server.running).runs]


def all_runs(store: Store, server: Server) -> list[RunRecord]:
    """As a list shows them."""
    return [run for record in store.comparisons(owner="browser") for run in record.runs]


def test_killing_the_server_interrupts_its_runs(store: Store, server: Server) -> None:
    processes = workers(store, server)
    server.process.kill()
    server.process.wait()
    wait_until(lambda: not any(process.is_alive() for process in processes), timeout_s=10)
    wait_until(lambda: all(run.state == "interrupted" for run in all_runs(store, server)))
    assert len(all_runs(store, server)) == 4
    for run in store.comparison(server.running).runs:
        events = [event for _, event in store.events(run.id)]
        assert isinstance(events[-1], RunStopped)
        assert events[-1].step > 0
        assert "Train again" in str(run.message)


def test_killing_everything_at_once_interrupts_too(store: Store, server: Server) -> None:
    """As when the power goes: nobody is left to write a last word, so silence and death must tell."""
    processes = workers(store, server)
    server.process.send_signal(signal.SIGSTOP)  # it must not see its workers die
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
    server.process.kill()
    server.process.wait()
    wait_until(lambda: not any(process.is_alive() for process in processes))
    assert {run.state for run in store.comparison(server.running).runs} == {"running"}
    wait_until(lambda: all(run.state == "interrupted" for run in all_runs(store, server)))
    assert isinstance(store.events(store.comparison(server.running).runs[0].id)[-1][1], RunStopped)


def test_another_servers_start_and_end_touch_nobodys_runs(store: Store, server: Server) -> None:
    scheduler = Scheduler(store, launcher=NoLauncher(), cores=2)
    scheduler.start()
    before = len(store.events(f"{server.running}-left-0"))
    wait_until(lambda: len(store.events(f"{server.running}-left-0")) > before + 20)
    assert scheduler.queue_place(server.waiting) == 1
    scheduler.close()
    assert [run.state for run in store.comparison(server.running).runs] == ["running", "running"]
    assert [run.state for run in store.comparison(server.waiting).runs] == ["queued", "queued"]
    assert all(process.is_alive() for process in workers(store, server))


def test_what_waits_for_another_servers_comparison_fails_when_that_server_dies(store: Store, server: Server) -> None:
    scheduler = Scheduler(store, launcher=NoLauncher(), cores=2)
    scheduler.start()
    config = store.comparison(server.running).config
    later = scheduler.submit(
        replace(config, right=VariantConfig(method="full", start=f"{server.running}-left")), owner="browser"
    )
    server.process.kill()
    server.process.wait()
    wait_until(lambda: store.comparison(later).is_over)
    for run in store.comparison(later).runs:
        assert (run.state, run.invalid_input) == ("failed", True)
        assert f"{server.running}-left-0, which this one starts from, is interrupted" in str(run.message)
    scheduler.close()
