from __future__ import annotations

from benchmarks.speed_benchmark.machine import describe_machine, describe_moment, read_cpu

CPU_INFO = (
    "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu avx2 amx_bf16\n\nprocessor\t: 1\nmodel name\t: Other\n"
)


def test_the_processor_and_what_it_can_do() -> None:
    assert read_cpu(CPU_INFO) == ("Some CPU", ["avx2", "amx_bf16"])
    assert read_cpu("") == ("", [])


def test_this_machine_is_described_alike_each_time() -> None:
    assert describe_machine() == describe_machine()
    assert describe_machine()["cores"] >= 1
    assert describe_moment()["date"].endswith("+00:00")
