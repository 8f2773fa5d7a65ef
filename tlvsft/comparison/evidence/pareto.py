"""Cost against accuracy, over all runs of a dataset: which of them nobody should prefer another one to.

Only runs with as many labels as this comparison's compete for the front: labels cost somebody's time, which no axis
shows. The others are drawn, and are on no front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import percent, perplexity, short_seconds
from tlvsft.comparison.naming import capitalise, lower_first, shown_name
from tlvsft.comparison.statements import SAME_TIME
from tlvsft.config import SIDES, Side

MOST_RUNS = 200
"""So many of comparisons, and so many of sweeps, the newest ones, are read."""
CostName = Literal["train_s", "train_flops"]
COSTS: tuple[CostName, ...] = ("train_s", "train_flops")


@dataclass(frozen=True, kw_only=True)
class PlacedRun:
    """One run on its axes.

    Attributes:
        comparison_id: `None` where a sweep trained it.
        side: Which side of this comparison it is; `None` for any other run.
        train_s: Seconds of training, those of the runs that it started from included.
        train_flops: Operations of training, likewise; `None` where they weren't counted.
        score: Test accuracy (0–1), or perplexity.
        ci95: Of an accuracy, Wilson's.
        competes: Whether it had as many labels as this comparison's runs, and as many of them wrong.
    """

    run_id: str
    comparison_id: str | None
    side: Side | None
    method: str
    backbone: str
    labels: int | None
    seed: int
    train_s: float
    train_flops: int | None
    score: float
    ci95: tuple[float, float] | None
    competes: bool

    def cost(self, name: CostName) -> float | None:
        """One of its costs."""
        return self.train_s if name == "train_s" else self.train_flops


@dataclass(frozen=True, kw_only=True)
class ParetoEvidence:
    """All runs of a dataset, and those on the front.

    Attributes:
        names: What the sides are called inside a sentence.
        labels: How many both sides had; `None` is all of them.
        predicts_words: Whether scores are perplexities, of which less is better.
        runs: This comparison's first.
        fronts: For each cost, the ids of the runs on its front, the cheapest first.
        is_cut: Whether there are more runs than were read.
        is_tie: Of one seed, whether the test of the verdict can't tell the two sides apart; `None` of several.
    """

    names: Mapping[Side, str]
    labels: int | None
    predicts_words: bool
    runs: tuple[PlacedRun, ...]
    fronts: Mapping[CostName, tuple[str, ...]]
    is_cut: bool
    is_tie: bool | None = None

    @property
    def competing(self) -> list[PlacedRun]:
        """The runs with as many labels."""
        return [run for run in self.runs if run.competes]

    def on_front(self, name: CostName) -> list[PlacedRun]:
        """The runs on a front, the cheapest first."""
        known = {run.run_id: run for run in self.runs}
        return [known[run_id] for run_id in self.fronts[name]]

    @property
    def backbone(self) -> str:
        """The one that this comparison's runs have."""
        return self.runs[0].backbone

    def write(self, score: float) -> str:
        """A score in words."""
        return perplexity(score) if self.predicts_words else percent(score)

    @property
    def sentence(self) -> str:
        """How many runs are on the front, where both sides are, and how sure that is."""
        things = "texts" if self.predicts_words else "labels"
        given = f"all {things}" if self.labels is None else f"{self.labels:,} {things}"
        measure = "perplexity" if self.predicts_words else "accuracy"
        front = len(self.fronts["train_s"])
        counted = f"Of {len(self.competing):,} runs with {given}, {front:,} {_are(front)}"
        why = "no other was better or faster" if front == 1 else "whatever was better took longer"
        parts = [
            f"{counted} on the front of training time and {measure}: {why}.",
            *[self._place(side) for side in SIDES],
            self._by_flops(),
            self._chance(),
        ]
        return " ".join(part for part in parts if part)

    @property
    def note(self) -> str:
        """What is drawn beside the runs that compete, and what isn't."""
        things = "texts" if self.predicts_words else "labels"
        parts = []
        if others := len(self.runs) - len(self.competing):
            parts.append(
                f"{others:,} runs with other {things} are drawn faint and on no front, for {things} cost, too."
            )
        elif all(run.side for run in self.runs):
            parts.append("Whatever else is trained on this data will stand here, too.")
        if self.is_cut:
            parts.append(f"Only the newest {MOST_RUNS} runs of comparisons, and as many of sweeps, were read.")
        return " ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "measure": "perplexity" if self.predicts_words else "accuracy",
            "labels": self.labels,
            "is_cut": self.is_cut,
            "fronts": {name: list(front) for name, front in self.fronts.items()},
            "runs": [_describe(run) for run in self.runs],
        }

    def _place(self, side: Side) -> str:
        """Whether a side is on the front of time, and if not, which run is before it."""
        mine = [run for run in self.runs if run.side == side]
        there = [run for run in mine if run.run_id in self.fronts["train_s"]]
        name = capitalise(self.names[side])
        if len(there) == len(mine):
            return f"{name} is on it{self._luck(there)}."
        if there:
            return f"{name} is on it with {len(there)} of {len(mine)} seeds."
        best = max(mine, key=self._quality)
        return f"{name} isn't: {self._explain(best, self._ahead_of(best))}."

    def _luck(self, there: Sequence[PlacedRun]) -> str:
        """Whether it is there for a lead that chance could have made: a longer training counts for nothing then."""
        front = self.on_front("train_s")
        before = [front[place - 1] for place, run in enumerate(front) if place and run in there]
        leads = [run for run in there if run is not front[0]]
        overlapping = all(self._may_be_chance(run, other) for run, other in zip(leads, before, strict=True))
        return ", by a lead that may be chance" if before and overlapping else ""

    def _may_be_chance(self, run: PlacedRun, other: PlacedRun) -> bool:
        """Whether two runs may be equally good: of this comparison's own the verdict's test knows best."""
        if self.is_tie is not None and {run.side, other.side} == set(SIDES):
            return self.is_tie
        return _interval_has_zero(run, other)

    def _ahead_of(self, run: PlacedRun) -> PlacedRun:
        """The best run on the front that costs no more."""
        return [other for other in self.on_front("train_s") if other.train_s <= run.train_s][-1]

    def _explain(self, run: PlacedRun, other: PlacedRun) -> str:
        faster = other.train_s / run.train_s < SAME_TIME[0] if run.train_s else False
        time = (
            f"took {short_seconds(other.train_s)} instead of {short_seconds(run.train_s)}"
            if faster
            else "took about as long"
        )
        scores = f"{self.write(other.score)} instead of {self.write(run.score)}"
        if other.score == run.score:
            return f"{self._name(other)} {time} and reached the same"
        chance = ", which may be chance" if self._may_be_chance(run, other) else ""
        return f"{self._name(other)} {time} and reached {scores}{chance}"

    def _name(self, run: PlacedRun) -> str:
        if run.side is not None:
            several = sum(other.side == run.side for other in self.runs) > 1
            return self.names[run.side] + (f" with seed {run.seed}" if several else "")
        elsewhere = "" if run.backbone == self.backbone else f" on {shown_name(run.backbone)}"
        return f"{lower_first(get_method(run.method).title)}{elsewhere} in another run"

    def _by_flops(self) -> str:
        front = self.on_front("train_flops")
        if not front:
            return ""
        sides = {run.side for run in front} - {None}
        among = [self.names[side] for side in SIDES if side in sides]
        if len(front) == 1 and among:
            return f"Counted in FLOPs, only {among[0]} is on it."
        who = "both" if len(among) == len(SIDES) else among[0] if among else "neither of these two"
        return f"Counted in FLOPs, {len(front):,} {_are(len(front))} on it, {who} among them."

    def _chance(self) -> str:
        if self.predicts_words:
            return "Near misses may be chance: no interval is known for a perplexity."
        near = [
            run
            for run in self.competing
            if run.run_id not in self.fronts["train_s"] and self._may_be_chance(run, self._ahead_of(run))
        ]
        if not near:
            return ""
        return f"{len(near):,} more {_are(len(near))} behind by no more than may be chance."

    def _quality(self, run: PlacedRun) -> float:
        return quality_of(run.score, predicts_words=self.predicts_words)


def quality_of(score: float, *, predicts_words: bool) -> float:
    """A score of which more is better."""
    return -score if predicts_words else score


def _interval_has_zero(run: PlacedRun, other: PlacedRun) -> bool:
    """Whether the 95 % interval of the difference of two accuracies takes in none.

    It treats the test examples as different ones. They are the same for both, which makes it wider than it need be.
    """
    from tlvsft.evaluation.intervals import difference_interval

    if run.ci95 is None or other.ci95 is None:
        return False
    low, high = difference_interval((run.score, run.ci95), (other.score, other.ci95))
    return low <= 0 <= high


def _describe(run: PlacedRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "comparison_id": run.comparison_id,
        "side": run.side,
        "method": run.method,
        "backbone": run.backbone,
        "labels": run.labels,
        "seed": run.seed,
        "train_s": run.train_s,
        "train_flops": run.train_flops,
        "score": run.score,
        "ci95": None if run.ci95 is None else list(run.ci95),
        "competes": run.competes,
    }


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
