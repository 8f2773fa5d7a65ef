"""How much memory a run took, and what to say when there was not enough."""

from __future__ import annotations

import sys

import torch

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
"""macOS counts in bytes, Linux in kibibytes. Source: getrusage(2)."""


def peak_memory_bytes() -> int:
    """Peak resident memory of this process so far; 0 where the platform doesn't tell."""
    if resource is None:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_BYTES


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out; torch raises a plain `RuntimeError` on the CPU."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)
