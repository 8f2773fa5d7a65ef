"""What training a bundled backbone takes, measured once on a reference machine and kept beside its weights.

`python benchmarks/costs.py` writes the files. Seconds are those of one core that does nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.config import EMBEDDING_BLOCK, Task

COSTS_FILE = "costs.json"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a run takes.

    Attributes:
        step_s: One update, of a full batch; what is stored of frozen blocks isn't computed in it.
        evaluation_s: One validation, likewise.
        prefix_s: To compute the frozen blocks at the input once, for one example.
        prefix_bytes: To keep what they give, for one example.
        fixed_s: Everything else, once: loading, encoding, the validation examples' frozen blocks, the test.
        peak_bytes: Peak memory of its process.
    """

    step_s: float
    evaluation_s: float
    prefix_s: float
    prefix_bytes: float
    fixed_s: float
    peak_bytes: float


@dataclass(frozen=True, kw_only=True)
class CostTable:
    """What runs of one backbone take on one dataset, by which blocks are frozen.

    Attributes:
        data: Name of the data; datasets that read the same inputs share a table.
        examples: Training examples that each measured run had, `examples_per_row` of them for each row asked for.
        validation_examples: Examples that each validation reads.
        depths: The run whose first `k` blocks are frozen, for each `k` from 0 to all.
        single: For each numbered block the step of the run in which it alone is frozen.
        adapted: The run with adapters beside all layers; `None` where there are none.
    """

    data: str
    task: Task
    batch_size: int
    examples: int
    examples_per_row: float
    validation_examples: int
    depths: tuple[Cost, ...]
    single: Mapping[str, float]
    adapted: Cost | None = None

    def cost(self, block_names: Collection[str], frozen: Collection[str]) -> Cost:
        """What a run with these frozen blocks takes.

        Frozen blocks at the input come from the measured depths. Each one above a block that trains spares what it
        spared when it alone was frozen: the gradients of its own weights, and their update.
        """
        names = list(block_names)
        depth = next((index for index, name in enumerate(names) if name not in frozen), len(names))
        found = self.depths[depth]
        spared = sum(
            max(0.0, self.depths[0].step_s - self.single[name])
            for name in names[depth:]
            if name in frozen and name != EMBEDDING_BLOCK
        )
        cheapest = self.depths[-1].step_s
        return Cost(**{**asdict(found), "step_s": max(cheapest, found.step_s - spared)})


@dataclass(frozen=True, kw_only=True)
class BackboneCosts:
    """All tables of one backbone.

    Attributes:
        machine: What they were measured on, e.g. the processor's name.
        tables: One per kind of data and task.
    """

    machine: str
    tables: tuple[CostTable, ...]

    def to_dict(self) -> dict[str, Any]:
        """The tables as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BackboneCosts:
        """The inverse of `to_dict`."""
        return cls(machine=data["machine"], tables=tuple(_table(table) for table in data["tables"]))


@cache
def bundled_costs(backbone: str) -> BackboneCosts | None:
    """The tables beside a bundled backbone's weights; `None` where there are none."""
    if backbone not in BACKBONES:
        return None
    path = BACKBONES[backbone].path / COSTS_FILE
    return BackboneCosts.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _table(data: Mapping[str, Any]) -> CostTable:
    adapted = data["adapted"]
    return CostTable(
        **{
            **data,
            "depths": tuple(Cost(**cost) for cost in data["depths"]),
            "adapted": None if adapted is None else Cost(**adapted),
        }
    )
