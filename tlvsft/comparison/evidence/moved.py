"""What moved: how far each block's weights have come, and how much what it gives still resembles the pretrained one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.evidence.observed import Observed, ObservedRun
from tlvsft.comparison.movements import describe_moves
from tlvsft.comparison.similarities import describe_similarities
from tlvsft.config import SIDES, Side
from tlvsft.events import BlockMovement, BlocksMoved, RepresentationsCompared

Values = Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class OverSeeds:
    """A mean over seeds, with the lowest and the highest of them."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class MovedBlock:
    """One block at the end of a side's runs; `None` where nothing is defined or measured."""

    weight_change: OverSeeds | None
    cka: OverSeeds | None


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was measured after `step` updates of one run: a value for each block."""

    step: int
    elapsed_s: float
    values: Values


@dataclass(frozen=True, kw_only=True)
class SeedHistory:
    """The looks at one run, in their order."""

    seed: int
    weight_change: tuple[Look, ...]
    cka: tuple[Look, ...]


@dataclass(frozen=True, kw_only=True)
class MovedEvidence:
    """How far both sides have moved.

    Attributes:
        names: What the sides are called inside a sentence.
        seeds: How many were compared.
        controls: Sides that started from random weights.
        drifted: Sides of which BatchNorm statistics have changed.
        blocks: At the end, by name, from input to output, the head last.
        history: On the way.
    """

    names: Mapping[Side, str]
    seeds: int
    controls: tuple[Side, ...]
    drifted: tuple[Side, ...]
    blocks: Mapping[Side, Mapping[str, MovedBlock]]
    history: Mapping[Side, tuple[SeedHistory, ...]]

    @property
    def sentence(self) -> str:
        """Which block moved most on each side, and which gives something else than before."""
        moves = {
            side: [_as_movement(name, block, drifted=side in self.drifted) for name, block in self.blocks[side].items()]
            for side in SIDES
        }
        likeness = {side: {name: _mean(block.cka) for name, block in self.blocks[side].items()} for side in SIDES}
        said = [describe_moves(self.names, moves), describe_similarities(self.names, likeness, controls=self.controls)]
        means = f"All numbers are means over {self.seeds} seeds." if self.seeds > 1 else ""
        return " ".join(part for part in (*said, means) if part)

    @property
    def block_names(self) -> list[str]:
        """Of both sides, from input to output."""
        return list(dict.fromkeys(name for side in SIDES for name in self.blocks[side]))

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "seeds": self.seeds,
            "blocks": {
                side: [{"name": name, **asdict(block)} for name, block in self.blocks[side].items()] for side in SIDES
            },
            "history": {side: [asdict(seed) for seed in self.history[side]] for side in SIDES},
        }


def read_moved(observed: Observed) -> MovedEvidence | None:
    """Puts together what the runs told of their blocks; `None` where neither was measured on both sides."""
    history = {side: tuple(_read_history(run) for run in observed.side(side)) for side in SIDES}
    if not all(any(seed.weight_change for seed in history[side]) for side in SIDES):
        return None
    config = observed.config
    return MovedEvidence(
        names=dict(observed.names),
        seeds=config.seeds,
        controls=tuple(side for side in SIDES if not get_method(config.variant(side).method).pretrained),
        drifted=tuple(side for side in SIDES if any(_has_drifted(run) for run in observed.side(side))),
        blocks={side: _summarise(history[side]) for side in SIDES},
        history=history,
    )


def _read_history(run: ObservedRun) -> SeedHistory:
    moved = [
        Look(
            step=event.step,
            elapsed_s=event.elapsed_s,
            values={block.name: block.weight_change for block in event.movements},
        )
        for event in run.every(BlocksMoved)
    ]
    compared = [
        Look(step=event.step, elapsed_s=event.elapsed_s, values={block.name: block.cka for block in event.similarities})
        for event in run.every(RepresentationsCompared)
    ]
    return SeedHistory(seed=run.record.seed, weight_change=tuple(moved), cka=tuple(compared))


def _has_drifted(run: ObservedRun) -> bool:
    last = run.last(BlocksMoved)
    return last is not None and any(block.statistics_change for block in last.movements)


def _summarise(history: Sequence[SeedHistory]) -> dict[str, MovedBlock]:
    changes = [seed.weight_change[-1].values for seed in history if seed.weight_change]
    ckas = [seed.cka[-1].values for seed in history if seed.cka]
    names = dict.fromkeys(name for values in (*changes, *ckas) for name in values)
    return {name: MovedBlock(weight_change=_over_seeds(changes, name), cka=_over_seeds(ckas, name)) for name in names}


def _over_seeds(ends: Iterable[Values], name: str) -> OverSeeds | None:
    values = [value for end in ends if (value := end.get(name)) is not None]
    return OverSeeds(mean=fmean(values), low=min(values), high=max(values)) if values else None


def _mean(measured: OverSeeds | None) -> float | None:
    return None if measured is None else measured.mean


def _as_movement(name: str, block: MovedBlock, *, drifted: bool) -> BlockMovement:
    change = _mean(block.weight_change)
    return BlockMovement(name=name, weight_change=change, gradient_norm=0.0, statistics_change=float(drifted))
