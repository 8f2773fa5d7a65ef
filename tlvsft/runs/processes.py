"""Is that process still the one we knew? A process is its number *and* its start: numbers are used again.

And how many cores there are, really: a container's quota counts, not the machine under it.
"""

from __future__ import annotations

import faulthandler
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_CPU_QUOTA_V1 = tuple(Path("/sys/fs/cgroup/cpu") / name for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process for all time: its number and when it started (in the platform's own notation; `None`: it hadn't)."""

    pid: int
    start: str | None

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity:
        """The process that has this number now."""
        return cls(pid, process_start(pid))

    @classmethod
    def own(cls) -> ProcessIdentity:
        """The calling process."""
        return cls.of(os.getpid())

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self.start is not None and process_start(self.pid) == self.start


def process_start(pid: int) -> str | None:
    """When process `pid` started, as an opaque text; `None` when there is no such process (or only its corpse)."""
    if sys.platform == "linux":
        return _linux_start(pid)
    if sys.platform == "win32":
        return _windows_start(pid)
    return _posix_start(pid)


def available_cores() -> int:
    """Cores that this process may use: its affinity, and a container's quota (control groups)."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(cores, _quota_in_cores() or cores))


def redirect_output(log_file: Path) -> None:
    """Sends all that this process prints from now on, and a crash's last words, to a file."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    faulthandler.enable(file=sys.stderr)


def _quota_in_cores() -> int | None:
    # Source: kernel.org, control group v2 (cpu.max: "quota period" or "max period") and v1 (-1 is no quota).
    files = (_CPU_QUOTA,) if _CPU_QUOTA.exists() else _CPU_QUOTA_V1
    try:
        quota, period = " ".join(file.read_text(encoding="ascii") for file in files).split()
        return max(0, math.ceil(int(quota) / int(period))) or None
    except (OSError, ValueError):  # no control group, or "max"
        return None


def _linux_start(pid: int) -> str | None:
    # Source: man 5 proc_pid_stat: after the name in parentheses come the state (field 3) and the start (field 22).
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] in {"Z", "X"}:
        return None
    return f"{_BOOT_ID.read_text(encoding='ascii').strip()}:{fields[19]}" if _BOOT_ID.exists() else fields[19]


def _posix_start(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603  the argument is a number
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607  where it lies differs between systems
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    state, _, start = answer.stdout.strip().partition(" ")
    return start.strip() if state and not state.startswith("Z") else None


def _windows_start(pid: int) -> str | None:
    import ctypes

    # Source: learn.microsoft.com, OpenProcess (0x1000: PROCESS_QUERY_LIMITED_INFORMATION), GetProcessTimes.
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(0x1000, False, pid))  # noqa: FBT003  positional in C
    if not handle:
        return None
    created, ended, in_kernel, in_user = (ctypes.c_ulonglong() for _ in range(4))
    times = (ctypes.byref(time) for time in (created, ended, in_kernel, in_user))
    known = kernel.GetProcessTimes(handle, *times)
    kernel.CloseHandle(handle)
    return str(created.value) if known and not ended.value else None
