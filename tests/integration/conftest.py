"""Schedulers whose workers are real processes around a training that only pretends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.fake_training import run_fake_worker
from tlvsft.runs.launcher import ProcessLauncher
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests of a module, with a warm fork server."""
    home = tmp_path_factory.mktemp("home")
    ProcessLauncher(home, target=run_fake_worker).warm()
    return home


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = Store(home)
    yield opened
    opened.close()


@pytest.fixture
def make_scheduler(store: Store) -> Iterator[Callable[..., Scheduler]]:
    made: list[Scheduler] = []

    def make(*, run_limit_s: float | None = None) -> Scheduler:
        launcher = ProcessLauncher(store.home, target=run_fake_worker)
        made.append(Scheduler(store, launcher=launcher, cores=2, run_limit_s=run_limit_s))
        made[-1].start()
        return made[-1]

    yield make
    for scheduler in made:
        scheduler.close()


@pytest.fixture
def scheduler(make_scheduler: Callable[..., Scheduler]) -> Scheduler:
    return make_scheduler()
