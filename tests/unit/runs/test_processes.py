from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conditions import wait_until
from tlvsft.runs import processes
from tlvsft.runs.processes import ProcessIdentity, available_cores, process_start


def test_this_process_is_alive() -> None:
    assert ProcessIdentity.own().is_alive()
    assert process_start(os.getpid()) == process_start(os.getpid())


def test_an_ended_process_is_dead_even_before_it_is_buried() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = ProcessIdentity.of(process.pid)
    assert identity.is_alive()
    process.kill()
    wait_until(lambda: not identity.is_alive())
    process.communicate()
    assert not identity.is_alive()
    assert process_start(process.pid) is None


def test_another_process_with_the_same_number_is_not_the_one() -> None:
    assert not ProcessIdentity(os.getpid(), "an earlier start").is_alive()
    assert not ProcessIdentity(os.getpid(), None).is_alive()


def test_the_portable_way_agrees_on_who_is_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = processes._posix_start(process.pid)
    assert start
    assert processes._posix_start(process.pid) == start
    process.kill()
    process.communicate()
    assert processes._posix_start(process.pid) is None


@pytest.mark.parametrize(
    ("quota", "cores"), [("100000 100000", 1), ("max 100000", None), ("50000 100000", 1), ("", None)]
)
def test_a_containers_quota_counts(
    quota: str, cores: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_CPU_QUOTA", tmp_path / "none")
    monkeypatch.setattr(processes, "_CPU_QUOTA_V1", (tmp_path / "none",))
    unlimited = available_cores()
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(processes, "_CPU_QUOTA", tmp_path / "cpu.max")
    assert available_cores() == (cores or unlimited)


@pytest.mark.parametrize(("quota", "cores"), [("100000\n", 1), ("-1\n", None)])
def test_an_older_containers_quota_counts(
    quota: str, cores: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_CPU_QUOTA", tmp_path / "none")
    files = tmp_path / "quota", tmp_path / "period"
    monkeypatch.setattr(processes, "_CPU_QUOTA_V1", files)
    unlimited = available_cores()
    for file, content in zip(files, (quota, "100000\n"), strict=True):
        file.write_text(content)
    assert available_cores() == (cores or unlimited)
