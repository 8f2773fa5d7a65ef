"""A server without a page, as a program of its own that tests can kill: runs one comparison and keeps another waiting.

Usage: python -m tests.integration.serving HOME
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.integration.fake_training import run_fake_worker
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.runs import launcher
from tlvsft.runs.launcher import ProcessLauncher
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store


def main() -> None:
    launcher.PRELOADED = ("tests.integration.fake_training",)  # no engine is needed: start quickly
    store = Store(Path(sys.argv[1]))
    scheduler = Scheduler(store, launcher=ProcessLauncher(store.home, target=run_fake_worker), cores=2)
    scheduler.start()
    config = ComparisonConfig(backbone="x", dataset=DatasetConfig(name="d"), labels=100_000)
    sys.stdout.write(" ".join(scheduler.submit(config, owner="browser") for _ in range(2)) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
