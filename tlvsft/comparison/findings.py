"""What the evidence for a claim is made from, and what it is made into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean
from typing import Literal

from tlvsft.catalog.methods import Method
from tlvsft.comparison.claims import EXTENT, kind_of
from tlvsft.comparison.naming import capitalise
from tlvsft.comparison.statements import Winner
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import BlockMovement, BlockStatus, Evaluated, RunFinished


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sentence of evidence.

    Attributes:
        claim: Whether it bears a claim out or speaks against it; `None` for a plain fact.
    """

    text: str
    claim: Literal["held", "failed"] | None = None


@dataclass(frozen=True, kw_only=True)
class SideEvidence:
    """What is known of one side.

    Attributes:
        name: What it is called inside a sentence.
        blocks: Its ladder as it is by now; empty before it has begun.
        moves: What became of its blocks so far; empty where that wasn't measured.
        evaluation: The latest validation.
        finishes: The ends of its runs, one per seed; empty until all have finished.
        steps: Updates taken, by the run that `moves` is about.
    """

    name: str
    method: Method
    blocks: tuple[BlockStatus, ...] = ()
    moves: tuple[BlockMovement, ...] = ()
    evaluation: Evaluated | None = None
    finishes: tuple[RunFinished, ...] = ()
    steps: int = 0

    @property
    def title(self) -> str:
        """Its name as the beginning of a sentence."""
        return capitalise(self.name)

    @property
    def extent(self) -> int:
        """How much of the model its method trains, in order."""
        return EXTENT[kind_of(self.method)]

    def mean(self, read: Callable[[RunFinished], float | None]) -> float | None:
        """The mean over its seeds; `None` where it isn't known."""
        values = self.known(read)
        return fmean(values) if values else None

    def perplexity(self, read: Callable[[RunFinished], float | None]) -> float | None:
        """The same of a perplexity, whose mean is geometric, as in the verdict."""
        values = self.known(read)
        return geometric_mean(values) if values else None

    def known(self, read: Callable[[RunFinished], float | None]) -> list[float]:
        """The values of the seeds of which it is known."""
        return [value for finish in self.finishes if (value := read(finish)) is not None]


@dataclass(frozen=True, kw_only=True)
class LabelScore:
    """How the same comparison came out with some number of labels.

    Attributes:
        labels: How many; `None` is all of them.
        scores: Test accuracy (0–1), or perplexity.
        winner: Whom the verdict favours, where it was asked.
    """

    labels: int | None
    scores: Mapping[Side, float]
    winner: Winner | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A comparison as far as it has come: what evidence is computed from.

    Attributes:
        class_count: How many classes there are, where that is known.
        label_scores: This comparison and others of the same kind, one for each number of labels; the fewest first.
        winner: Whom the verdict favours, where there is one.
    """

    config: ComparisonConfig
    sides: Mapping[Side, SideEvidence]
    class_count: int | None = None
    label_scores: Sequence[LabelScore] = ()
    winner: Winner | None = None

    @property
    def both(self) -> tuple[SideEvidence, SideEvidence]:
        """Left and right."""
        return self.sides["left"], self.sides["right"]

    @property
    def predicts_words(self) -> bool:
        """Whether both learn words rather than classes."""
        return self.config.task == "language_modeling"

    @property
    def is_finished(self) -> bool:
        """Whether both sides were tested."""
        return all(side.finishes for side in self.both)

    def by_extent(self) -> tuple[Side, Side] | None:
        """The side that trains less, and the one that trains more; `None` where no claim tells them apart."""
        less, more = sorted(SIDES, key=lambda side: self.sides[side].extent)
        return None if self.sides[less].extent == self.sides[more].extent else (less, more)

    def by_extent_of_pretrained(self) -> tuple[Side, Side] | None:
        """The same, where both reuse what was pretrained: claims about its use say nothing of the controls."""
        return self.by_extent() if all(side.method.pretrained for side in self.both) else None
