"""What did it cost? Time, memory, operations and trained parameters of both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from tlvsft.comparison.evidence.observed import Observed, ObservedRun
from tlvsft.comparison.figures import operations, short_seconds, size
from tlvsft.comparison.naming import capitalise
from tlvsft.comparison.outcomes import Outcome
from tlvsft.comparison.statements import SAME_TIME, describe_ratio
from tlvsft.config import SIDES, Side
from tlvsft.events import Descended, RunFinished, RunStarted


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What one side's runs cost.

    Attributes:
        mean: Over the seeds.
        spread: Their standard deviation; `None` of a single one.
        values: In the order of the seeds.
    """

    mean: float
    spread: float | None
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A kind of cost.

    Attributes:
        title: As a table has it.
        write: A value in words.
        read: From a run's outcome and its start; `None` where it wasn't measured.
    """

    title: str
    write: Callable[[float], str]
    read: Callable[[Outcome, RunStarted], float | None]


def total_flops(outcome: Outcome) -> int | None:
    """Operations of training, those of the runs that it started from included; `None` where one isn't known."""
    return _with_earlier(outcome.finish.train_flops, outcome)


def _with_earlier(flops: int | None, outcome: Outcome) -> int | None:
    parts = [flops, *[ancestor.train_flops for ancestor in outcome.lineage]]
    return None if None in parts else sum(part for part in parts if part is not None)


def _own_memory(outcome: Outcome, _started: RunStarted) -> float | None:
    start = outcome.finish.start_memory_bytes
    return outcome.finish.peak_memory_bytes - start if start else None


MEASURES: dict[str, Measure] = {
    "trained_parameters": Measure(
        title="Trained parameters",
        write=lambda value: f"{value:,.0f}",
        read=lambda _, started: started.trainable_parameters,
    ),
    "train_flops": Measure(title="FLOPs of training", write=operations, read=lambda outcome, _: total_flops(outcome)),
    "uncached_flops": Measure(
        title="… had frozen blocks been computed at every step",
        write=operations,
        read=lambda outcome, _: _with_earlier(outcome.finish.uncached_flops, outcome),
    ),
    "train_s": Measure(title="Time of training", write=short_seconds, read=lambda outcome, _: outcome.total_train_s),
    "total_s": Measure(
        title="… with data, validation and test", write=short_seconds, read=lambda outcome, _: outcome.total_elapsed_s
    ),
    "peak_memory_bytes": Measure(
        title="Peak memory", write=size, read=lambda outcome, _: outcome.finish.peak_memory_bytes or None
    ),
    "own_memory_bytes": Measure(title="… beyond the libraries", write=size, read=_own_memory),
}
"""What is measured, by the names of the JSON, in the order in which it is shown."""


@dataclass(frozen=True, kw_only=True)
class CostEvidence:
    """What both sides cost.

    Attributes:
        names: What the sides are called inside a sentence.
        amounts: By the names of `MEASURES`; what wasn't measured of a side's runs isn't there.
        seeds: How many.
        includes_earlier: Whether any of them started from an earlier run, whose time and operations are in theirs.
    """

    names: Mapping[Side, str]
    amounts: Mapping[str, Mapping[Side, Amount]]
    seeds: int
    includes_earlier: bool = False

    def ratio(self, measure: str) -> float | None:
        """Right divided by left; `None` where either isn't known, or the left one is nothing."""
        amounts = self.amounts[measure]
        left, right = amounts.get("left"), amounts.get("right")
        return None if left is None or right is None or not left.mean else right.mean / left.mean

    @property
    def sentence(self) -> str:
        """What the cheaper side took, what the other one took beside it, and what the cache saved."""
        first, second = self._order()
        parts = [f"{capitalise(self.names[first])} {self._describe(first)}."]
        if beside := self._beside(first, second):
            parts.append(f"{capitalise(self.names[second])} beside it: {beside}.")
        parts += [self._saved(side) for side in SIDES]
        if self.includes_earlier:
            parts.append("Earlier training that they start from is included.")
        if self.seeds > 1:
            parts.append(f"These are means over {self.seeds} seeds{self._chance()}.")
        return " ".join(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "seeds": self.seeds,
            "measures": {
                name: {side: asdict(amount) | {"values": list(amount.values)} for side, amount in amounts.items()}
                for name, amounts in self.amounts.items()
            },
        }

    def _order(self) -> tuple[Side, Side]:
        """The side that trained less, and the other one."""
        means = {side: self.amounts["trained_parameters"][side].mean for side in SIDES}
        return ("right", "left") if means["right"] < means["left"] else ("left", "right")

    def _describe(self, side: Side) -> str:
        known = {name: amounts[side].mean for name, amounts in self.amounts.items() if side in amounts}
        trained = known["trained_parameters"]
        words = f"trained {f'{trained:,.0f}' if trained else 'no'} parameters in {short_seconds(known['train_s'])}"
        flops, memory = known.get("train_flops"), known.get("peak_memory_bytes")
        computed = "" if flops is None else f", computed {operations(flops)}"
        return words + computed + ("" if memory is None else f", and held {size(memory)} of memory at most")

    def _beside(self, first: Side, second: Side) -> str:
        """How often the one side's costs go into the other's."""
        compared = []
        for measure, (what, about_same) in _BESIDE.items():
            amounts = self.amounts[measure]
            if first in amounts and second in amounts and amounts[first].mean:
                ratio = amounts[second].mean / amounts[first].mean
                same = SAME_TIME[0] <= ratio <= SAME_TIME[1]
                compared.append(about_same if same else describe_ratio(ratio, what))
        return ", ".join(compared)

    def _saved(self, side: Side) -> str:
        """What it saved a side that frozen blocks were computed once; nothing where that is hardly anything."""
        amounts = self.amounts["uncached_flops"], self.amounts["train_flops"]
        if any(side not in known for known in amounts):
            return ""
        whole, computed = (known[side].mean for known in amounts)
        share = 1 - computed / whole if whole else 0.0
        if share < 1 - SAME_TIME[0]:
            return ""
        return f"Computing frozen blocks once saved {self.names[side]} {100 * share:.0f} % of the FLOPs."

    def _chance(self) -> str:
        """Whether the seeds' times of training lie apart."""
        left, right = (self.amounts["train_s"][side].values for side in SIDES)
        apart = max(left) < min(right) or max(right) < min(left)
        return "" if apart else ", whose times overlap: the difference in time may be chance"


_BESIDE = {
    "trained_parameters": ("parameters", "as many parameters"),
    "train_s": ("training time", "about the same training time"),
    "train_flops": ("FLOPs", "about as many FLOPs"),
    "peak_memory_bytes": ("memory", "about as much memory"),
}
"""The measures that the sentence compares: what they are called there, and what it says where they are level."""


def read_cost(observed: Observed) -> CostEvidence | None:
    """Adds up what the runs of both sides told of their cost."""
    told = {side: [_told(run) for run in observed.side(side)] for side in SIDES}
    if any(None in runs for runs in told.values()):
        return None
    amounts = {
        name: {
            side: amount
            for side in SIDES
            if (amount := _amount([measure.read(*run) for run in told[side] if run is not None])) is not None
        }
        for name, measure in MEASURES.items()
    }
    return CostEvidence(
        names=dict(observed.names),
        amounts=amounts,
        seeds=observed.config.seeds,
        includes_earlier=any(run is not None and run[0].lineage for runs in told.values() for run in runs),
    )


def _told(run: ObservedRun) -> tuple[Outcome, RunStarted] | None:
    started, finish, descended = run.last(RunStarted), run.last(RunFinished), run.last(Descended)
    if started is None or finish is None:
        return None
    return Outcome(finish=finish, lineage=descended.lineage if descended else ()), started


def _amount(values: Sequence[float | None]) -> Amount | None:
    known = tuple(value for value in values if value is not None)
    if not known or len(known) < len(values):
        return None
    return Amount(mean=fmean(known), spread=stdev(known) if len(known) > 1 else None, values=known)
