"""What a sweep will take before it starts: which of its runs are known already, and how long the others take here."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tlvsft.runs.cell_keys import cell_key
from tlvsft.runs.cell_records import CellRecord
from tlvsft.runs.cells import Cells
from tlvsft.runs.cores import CorePlan
from tlvsft.runs.processes import available_cores
from tlvsft.sweeps import SweepCell, SweepConfig
from tlvsft.sweeps.fingerprints import fingerprint_backbone, fingerprint_dataset
from tlvsft.sweeps.remaining import remaining_s
from tlvsft.ui.sweep_panel import Estimate

if TYPE_CHECKING:
    from tlvsft.config import DatasetConfig
    from tlvsft.runs.store import Store

_KEPT = 64


def estimate(store: Store, config: SweepConfig) -> Estimate:
    """How many runs a sweep has, how many of them have finished in whatever sweep, how long the others will take.

    Raises:
        InvalidInput: Data or backbone can't be read any more.
        StoreError: The store can't be read.
    """
    threads = CorePlan.for_cores(available_cores()).threads
    prints = _dataset_print(config.dataset), _backbone_print(config.backbone)
    known = Cells(store.database)
    cells = [
        (cell, known.find(cell_key(cell.run, threads=threads, fingerprints=prints)) or _waiting(cell))
        for cell in config.cells()
    ]
    finished = sum(record.state == "finished" for _, record in cells)
    return Estimate(total=len(cells), known=finished, seconds=remaining_s(cells))


def _waiting(cell: SweepCell) -> CellRecord:
    """A run that nobody has asked for yet."""
    return CellRecord(key="", config=cell.run, state="queued", result={})


@lru_cache(maxsize=_KEPT)
def _dataset_print(config: DatasetConfig) -> str:
    """Hashed once, not on each keystroke: what comes with the app stays as it is, own data have names of their own."""
    return fingerprint_dataset(config)


@lru_cache(maxsize=_KEPT)
def _backbone_print(name: str) -> str:
    return fingerprint_backbone(name)
