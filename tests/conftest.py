"""What all tests share: one torch thread, float32 on the CPU, no network, no chatter, and where the real data lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TLVSFT_DEVICE", "cpu")  # what a test expects doesn't depend on the machine's arithmetic
os.environ.setdefault("TLVSFT_PRECISION", "float32")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forbid-skips", action="store_true", help="a skipped test fails (continuous integration)")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("--forbid-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and --forbid-skips was given: {report.longrepr}"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The project's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """`../shared`, the real data beside the checkout; its absence is a failure, never a skip."""
    if not SHARED.is_dir():
        pytest.fail(f"{SHARED} is missing: tests marked 'shared' need it (a bare pytest leaves them out).")
    return SHARED


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps each test's store, caches and runs away from the user's."""
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path / "home"))
