"""One measurement, one process: a job goes to a fresh worker as JSON, its result comes back as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.command_line import say
from tlvsft.errors import RunError
from tlvsft.quiet import LIBRARY_SETTINGS

ROOT = Path(__file__).resolve().parents[2]
THREADS = 2
"""For every contestant: the machine that the targets are about has two cores."""
_SHOWN_ERROR_LINES = 3

Result = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is to do.

    Attributes:
        kind: A name in `worker.KINDS`.
        options: Arguments of what is measured, ready for JSON.
        threads: For torch.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    threads: int = THREADS


def run_job(name: str, job: Job) -> Result:
    """Does a job in a fresh process with an empty home of its own, and says on stderr what it came to.

    Raises:
        RunError: The process failed.
    """
    with tempfile.TemporaryDirectory(prefix="tlvsft-speed-") as home:
        finished = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed_benchmark.worker"],
            input=json.dumps(asdict(job)),
            capture_output=True,
            text=True,
            cwd=home,
            env=worker_environment(Path(home)),
            check=False,
        )
    if finished.returncode != 0:
        reason = " · ".join(finished.stderr.strip().splitlines()[-_SHOWN_ERROR_LINES:])
        raise RunError(f"{name} ended with status {finished.returncode}: {reason}")
    result: Result = json.loads(finished.stdout)
    say(f"  {name}: {result['seconds']:.2f} s")
    return result


def worker_environment(home: Path) -> dict[str, str]:
    """This process's environment, with an empty home, the libraries silent and offline, and no accelerator.

    Threads are set by torch alone: a limit that is inherited from outside would hold for some contestants only.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    path = os.pathsep.join([str(ROOT), *filter(None, [inherited.get("PYTHONPATH")])])
    fixed = {"TLVSFT_HOME": str(home / "home"), "HF_HOME": str(home / "hub"), "HF_HUB_OFFLINE": "1", "PYTHONPATH": path}
    return {**inherited, **LIBRARY_SETTINGS, **fixed, "CUDA_VISIBLE_DEVICES": ""}
