"""Where numbers are computed, and in which precision: chosen once per run, for what the machine is good at.

`TLVSFT_DEVICE` and `TLVSFT_PRECISION` overrule the choice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

from tlvsft.errors import InvalidInput

DEVICE_VARIABLE, PRECISION_VARIABLE = "TLVSFT_DEVICE", "TLVSFT_PRECISION"
DEVICES = ("cpu", "cuda", "mps")
PRECISIONS = ("float32", "bfloat16")
_CPU_FACTS = Path("/proc/cpuinfo")
_NATIVE_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
"""CPUs without one of these compute bfloat16 by way of float32, and slower. Source: Linux, cpufeatures.h."""

DeviceName = Literal["cpu", "cuda", "mps"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    """A device and a precision.

    Attributes:
        device: Where models and batches are.
        precision: Of the backbone's matrix products; weights, losses and updates are float32 always.
    """

    device: DeviceName = "cpu"
    precision: Precision = "float32"

    def __str__(self) -> str:
        return f"{self.precision} on {self.device}"

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Within it, matrix products are computed in the precision; a fresh one for each use."""
        if self.precision == "float32":
            yield
            return
        with torch.autocast(self.device, dtype=torch.bfloat16):
            if self.device != "cpu":
                yield
                return
            with _AttentionInFloat32():
                yield


class _AttentionInFloat32(TorchFunctionMode):
    """Computes attention in float32, whatever autocast says.

    torch's fused attention for CPUs takes about twice as long in bfloat16 as in float32 at 128 tokens, and some twenty
    times as long at 16 (`benchmarks/attention.py`).
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if func is not scaled_dot_product_attention:
            return func(*args, **(kwargs or {}))
        exact = [_in_float32(value) for value in args]
        exact_by_name = {name: _in_float32(value) for name, value in (kwargs or {}).items()}
        with torch.autocast("cpu", enabled=False):
            return func(*exact, **exact_by_name)


def _in_float32(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


FLOAT32_ON_CPU = Arithmetic()


def choose_arithmetic() -> Arithmetic:
    """A GPU where there is one, and bfloat16 where the device computes it natively.

    Never to be called before a process forks: CUDA doesn't survive it.

    Raises:
        InvalidInput: A variable asks for what isn't known or isn't there.
    """
    device = _ask(DEVICE_VARIABLE, DEVICES) or _best_device()
    if device != "cpu" and not _is_there(device):
        raise InvalidInput(f"{DEVICE_VARIABLE} asks for {device!r}, which isn't there: leave it out.")
    precision = _ask(PRECISION_VARIABLE, PRECISIONS) or ("bfloat16" if _is_native(device) else "float32")
    return Arithmetic(device=device, precision=precision)  # type: ignore[arg-type]


def _ask(variable: str, known: tuple[str, ...]) -> str | None:
    asked = os.environ.get(variable) or None
    if asked is not None and asked not in known:
        raise InvalidInput(f"{variable} must be one of {', '.join(known)}, not {asked[:40]!r}.")
    return asked


def _best_device() -> str:
    return next((name for name in ("cuda", "mps") if _is_there(name)), "cpu")


def _is_there(device: str) -> bool:
    return torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()


def _is_native(device: str) -> bool:
    """Whether a device has instructions for bfloat16."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device == "cpu" and bool(_cpu_flags() & _NATIVE_FLAGS)


def _cpu_flags() -> frozenset[str]:
    """What the first core says of itself; nothing where the system doesn't tell."""
    try:
        lines = _CPU_FACTS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())
