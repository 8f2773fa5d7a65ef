"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
"""What decides how fast float32 and bfloat16 are."""
_CPU_INFO = Path("/proc/cpuinfo")


def describe_machine() -> dict[str, Any]:
    """Processor, cores and versions: what has to be the same for numbers to stand in one table."""
    name, flags = read_cpu(_CPU_INFO.read_text(encoding="utf-8") if _CPU_INFO.exists() else "")
    return {
        "cpu": name or platform.processor() or platform.machine(),
        "flags": flags,
        "cores": available_cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{library: version(library) for library in ("torch", "transformers")},
    }


def describe_moment() -> dict[str, Any]:
    """When it is, and how busy the machine was in the last minute."""
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return {"date": datetime.now(UTC).isoformat(timespec="seconds"), "load_average": load}


def read_cpu(text: str) -> tuple[str, list[str]]:
    """The processor's name and its flags of interest, from what Linux tells of it."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    known = set(fields.get("flags", "").split())
    return fields.get("model name", ""), [flag for flag in FLAGS if flag in known]


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
