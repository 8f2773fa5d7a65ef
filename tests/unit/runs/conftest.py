"""A launcher whose workers exist only on paper: the test plays them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tlvsft.config import ComparisonConfig, DatasetConfig


@dataclass
class PaperWorker:
    run_id: str
    threads: int
    is_alive: bool = True
    was_killed: bool = False

    def alive(self) -> bool:
        return self.is_alive

    def kill(self) -> None:
        self.is_alive = False
        self.was_killed = True

    def end_reason(self) -> str:
        return "by signal 9"


@dataclass
class PaperLauncher:
    workers: list[PaperWorker] = field(default_factory=list)
    warmed: bool = False
    error: OSError | None = None

    def warm(self) -> None:
        self.warmed = True

    def launch(self, run_id: str, *, threads: int) -> PaperWorker:
        if self.error is not None:
            raise self.error
        self.workers.append(PaperWorker(run_id, threads))
        return self.workers[-1]

    @property
    def launched(self) -> list[str]:
        return [worker.run_id for worker in self.workers]


@pytest.fixture
def launcher() -> PaperLauncher:
    return PaperLauncher()


@pytest.fixture
def config() -> ComparisonConfig:
    return ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), labels=50)


@pytest.fixture
def two_seeds() -> ComparisonConfig:
    return ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), labels=50, seeds=2)
