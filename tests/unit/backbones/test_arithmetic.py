"""The machine's best device and precision, unless the user asks for others."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tlvsft.backbones import FLOAT32_ON_CPU, Arithmetic, arithmetic, choose_arithmetic
from tlvsft.errors import InvalidInput


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a GPU, whose CPU is described in the file that is returned."""
    facts = tmp_path / "cpuinfo"
    facts.write_text("processor\t: 0\nflags\t\t: fpu avx2 fma\n\nprocessor\t: 1\nflags\t\t: avx512_bf16\n")
    monkeypatch.setattr(arithmetic, "_CPU_FACTS", facts)
    for variable in (arithmetic.DEVICE_VARIABLE, arithmetic.PRECISION_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return facts


def test_a_plain_cpu_computes_in_float32(machine: Path) -> None:
    assert choose_arithmetic() == FLOAT32_ON_CPU
    machine.unlink()
    assert choose_arithmetic() == FLOAT32_ON_CPU


@pytest.mark.parametrize("flag", ["avx512_bf16", "amx_bf16"])
def test_a_cpu_with_instructions_for_bfloat16_uses_them(machine: Path, flag: str) -> None:
    machine.write_text(f"flags\t\t: fpu avx2 {flag} fma\n")
    assert choose_arithmetic() == Arithmetic(precision="bfloat16")
    assert str(choose_arithmetic()) == "bfloat16 on cpu"


@pytest.mark.parametrize(("native", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_cuda_comes_first(monkeypatch: pytest.MonkeyPatch, native: bool, precision: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: native)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_arithmetic() == Arithmetic(device="cuda", precision=precision)  # type: ignore[arg-type]


def test_apples_gpu_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_arithmetic() == Arithmetic(device="mps")


def test_the_user_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv(arithmetic.DEVICE_VARIABLE, "cpu")
    monkeypatch.setenv(arithmetic.PRECISION_VARIABLE, "bfloat16")
    assert choose_arithmetic() == Arithmetic(precision="bfloat16")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (arithmetic.DEVICE_VARIABLE, "tpu", "must be one of cpu, cuda, mps, not 'tpu'"),
        (arithmetic.DEVICE_VARIABLE, "cuda", "asks for 'cuda', which isn't there"),
        (arithmetic.PRECISION_VARIABLE, "float16", "must be one of float32, bfloat16"),
    ],
)
def test_what_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput, match=message):
        choose_arithmetic()


@pytest.mark.parametrize("call", ["positional", "named"])
def test_attention_on_the_cpu_stays_in_float32(call: str) -> None:
    query, key, value = torch.randn(3, 2, 4, 8, 16).unbind()
    with Arithmetic(precision="bfloat16").autocast():
        product = query @ key.transpose(-1, -2)
        if call == "named":
            seen = torch.nn.functional.scaled_dot_product_attention(query=query, key=key, value=value)
        else:
            seen = torch.nn.functional.scaled_dot_product_attention(query.bfloat16(), key, value)
    assert (product.dtype, seen.dtype) == (torch.bfloat16, torch.float32)
