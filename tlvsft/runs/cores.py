"""How the cores are shared out between comparisons and between the runs of each."""

from __future__ import annotations

from dataclasses import dataclass

SIDES_AT_ONCE = 2
MOST_THREADS = 4
"""More threads than this don't speed models of this size up; the cores serve another comparison better."""


@dataclass(frozen=True)
class CorePlan:
    """How the cores are shared out.

    Attributes:
        comparisons: How many run at once.
        threads: Cores for each of a comparison's two workers.
    """

    comparisons: int
    threads: int

    @classmethod
    def for_cores(cls, cores: int) -> CorePlan:
        """Half a comparison's cores for each side; as many comparisons as then fit, at least one."""
        threads = max(1, min(MOST_THREADS, cores // SIDES_AT_ONCE))
        return cls(comparisons=max(1, cores // (SIDES_AT_ONCE * threads)), threads=threads)

    @property
    def runs(self) -> int:
        """How many runs that is at once, and so how many cells of sweeps while no comparison runs."""
        return SIDES_AT_ONCE * self.comparisons
