"""From the cells of a sweep to the points of its figure: pure functions of stored results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import TYPE_CHECKING, Any

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.sweeps import PARTIAL
from tlvsft.runs.cell_records import CellRecord
from tlvsft.sweeps.config import SweepCell, SweepConfig
from tlvsft.sweeps.results import ControlLine, Curve, Forgetting, ForgettingMeasure, Point

if TYPE_CHECKING:
    import numpy as np

_AFTER: dict[ForgettingMeasure, str] = {
    "source_perplexity": "source_perplexity_after",
    "source_agreement": "source_agreement",
}
"""The field of `RunFinished` with each measure of what was forgotten; those that a run doesn't have aren't shown."""
_BEFORE = "source_perplexity_before"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Which test examples the runs of one place got right.

    Attributes:
        seeds: Of the runs, ascending.
        packed: For each seed eight examples to a byte, as `numpy.packbits` has it.
        examples: How many test examples there are.
    """

    seeds: tuple[int, ...]
    packed: tuple[bytes, ...]
    examples: int

    def correct(self, seeds: Iterable[int] | None = None) -> np.ndarray:
        """`(seeds, examples)` bool, of all its seeds or of some of them."""
        import numpy as np

        wanted = self.seeds if seeds is None else tuple(seeds)
        rows = [self.packed[self.seeds.index(seed)] for seed in wanted]
        bits = [np.unpackbits(np.frombuffer(row, dtype=np.uint8), count=self.examples) for row in rows]
        return np.stack(bits).astype(bool)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A point of the figure, and the answers that it rests on."""

    point: Point
    answers: Answers


Figure = dict[str, dict[int | None, Measured]]
"""For each method what was measured at each place of the axis; `None` is the place of a control line."""


def measure(config: SweepConfig, cells: Sequence[tuple[SweepCell, CellRecord]]) -> Figure:
    """The points of all places at which at least one seed has finished, from left to right."""
    gathered: dict[tuple[str, int | None], list[tuple[SweepCell, CellRecord]]] = {}
    for cell, record in cells:
        if record.state == "finished" and record.examples:
            gathered.setdefault((cell.method, place_of(config, cell)), []).append((cell, record))
    figure: Figure = {}
    for (method, x), found in sorted(gathered.items(), key=lambda item: -1 if item[0][1] is None else item[0][1]):
        figure.setdefault(method, {})[x] = _measure_place(config, x, found)
    return figure


def place_of(config: SweepConfig, cell: SweepCell) -> int | None:
    """Where a cell stands on the x axis; `None` for a control line."""
    if config.kind == "depth":
        return cell.depth
    return config.train_size if cell.labels is None else cell.labels


def curves_of(config: SweepConfig, figure: Figure) -> tuple[Curve, ...]:
    """The curves, in the order in which they were asked for."""
    methods = config.methods if config.kind == "labels" else (PARTIAL,)
    return tuple(
        Curve(
            method=method,
            title=get_method(method).title,
            points=tuple(found.point for found in figure[method].values()),
        )
        for method in methods
        if method in figure
    )


def controls_of(config: SweepConfig, figure: Figure) -> tuple[ControlLine, ...]:
    """The level lines of a depth sweep."""
    if config.kind == "labels":
        return ()
    return tuple(
        ControlLine(method=method, title=get_method(method).title, point=figure[method][None].point)
        for method in config.methods
        if method in figure
    )


def _measure_place(config: SweepConfig, x: int | None, found: list[tuple[SweepCell, CellRecord]]) -> Measured:
    by_seed = sorted(found, key=lambda pair: pair[0].seed)
    results = [record.result for _, record in by_seed]
    answers = Answers(
        seeds=tuple(cell.seed for cell, _ in by_seed),
        packed=tuple(record.correct for _, record in by_seed),
        examples=by_seed[0][1].examples,
    )
    labels = by_seed[0][0].labels
    accuracies = tuple(float(result["test_accuracy"]) for result in results)
    point = Point(
        x=x,
        labels=config.train_size if labels is None else labels,
        accuracy=fmean(accuracies),
        ci95=_interval(answers.packed, answers.examples),
        by_seed=accuracies,
        seeds=len(by_seed),
        cost_s=fmean(result["elapsed_s"] + result["reused_s"] for result in results),
        peak_memory_bytes=fmean(result["peak_memory_bytes"] for result in results),
        forgetting=_forgetting(results),
    )
    return Measured(point=point, answers=answers)


def _forgetting(results: Sequence[Any]) -> Forgetting | None:
    for measure_name, field in _AFTER.items():
        measured = [result for result in results if result.get(field) is not None]
        if not measured:
            continue
        before = [result[_BEFORE] for result in measured if result.get(_BEFORE) is not None]
        return Forgetting(
            measure=measure_name,
            before=fmean(before) if before and measure_name == "source_perplexity" else None,
            after=fmean(result[field] for result in measured),
            seeds=len(measured),
        )
    return None


@lru_cache(maxsize=4096)
def _interval(packed: tuple[bytes, ...], examples: int) -> tuple[float, float]:
    """The interval of a place: its answers never change, and a figure is read again with every cell that finishes."""
    from tlvsft.evaluation.intervals import accuracy_interval

    return accuracy_interval(Answers(seeds=tuple(range(len(packed))), packed=packed, examples=examples).correct())
