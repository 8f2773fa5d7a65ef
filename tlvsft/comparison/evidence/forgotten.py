"""What was forgotten of the source task: before and after, on each side, and whether one side forgot more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tlvsft.catalog.forgotten import GENERAL_FILE, HELDOUT_FILE, SOURCES, Measured
from tlvsft.catalog.methods import get_method
from tlvsft.comparison.evidence.forgotten_numbers import (
    Change,
    Gap,
    Weighed,
    weigh_accuracy,
    weigh_agreement,
    weigh_words,
)
from tlvsft.comparison.evidence.forgotten_words import describe_measure
from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side
from tlvsft.events import RunFinished

ForgotMore = Literal["left", "right", "tie"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One way of asking what is still known of the source task.

    Attributes:
        measured: What was measured.
        examples: On how many texts, images, drawings; 0 where runs didn't tell.
        unit: What these are called.
        changes: What became of each side; `None` where it wasn't measured.
        gap: How far the sides are apart; `None` where one of them wasn't measured, or single answers aren't kept.
    """

    measured: Measured
    examples: int
    unit: str
    changes: Mapping[Side, Change | None]
    gap: Gap | None

    @property
    def is_share(self) -> bool:
        """Whether values are shares (0–1, higher is better) rather than perplexities (lower is better)."""
        return self.measured in {"agreement", "heldout_accuracy"}

    @property
    def moved_alone(self) -> Side | None:
        """The side whose head disagrees with itself where the other's can't: no chance is in that."""
        left, right = self.changes["left"], self.changes["right"]
        if self.measured != "agreement" or left is None or right is None or left.unchanged == right.unchanged:
            return None
        side: Side = "right" if left.unchanged else "left"
        return side if max(left.after, right.after) > min(left.after, right.after) else None

    @property
    def forgot_more(self) -> ForgotMore | None:
        """The side that knows less of the source task, beyond chance; `None` where that isn't known."""
        if self.gap is None:
            return None
        if self.moved_alone is not None:
            return self.moved_alone
        if not self.gap.is_sure:
            return "tie"
        return "right" if (self.gap.difference < 0) == self.is_share else "left"

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        sides = {side: None if change is None else change.to_dict() for side, change in self.changes.items()}
        return {
            "measured": self.measured,
            "examples": self.examples,
            "unit": self.unit,
            "sides": sides,
            "difference": None if self.gap is None else self.gap.to_dict(),
            "forgot_more": self.forgot_more,
        }


@dataclass(frozen=True, kw_only=True)
class ForgottenEvidence:
    """All that was measured, and who had nothing to forget.

    Attributes:
        names: What the sides are called inside a sentence.
        seeds: How many seeds were compared.
        predicts_words: Whether words are what was learnt, too, so that a model is asked with its own head.
        controls: Sides that start from random weights.
    """

    names: Mapping[Side, str]
    seeds: int
    predicts_words: bool
    measures: tuple[Measure, ...]
    controls: tuple[Side, ...]

    @property
    def sentence(self) -> str:
        """Each measure in a sentence or two."""
        parts = [describe_measure(measure, self.names, seeds=self.seeds) for measure in self.measures]
        if self.controls:
            who = " and ".join(self.names[side] for side in self.controls)
            verb = "start" if len(self.controls) > 1 else "starts"
            parts.append(f"{capitalise(who)} {verb} from random weights: there is nothing to forget.")
        return " ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "seeds": self.seeds,
            "controls": list(self.controls),
            "measures": [measure.to_dict() for measure in self.measures],
        }


def read_forgotten(observed: Observed) -> ForgottenEvidence | None:
    """What the runs found; `None` where nothing was measured and no side had nothing to forget."""
    config = observed.config
    measures = [found for read in _READERS if (found := read(observed)) is not None]
    controls = _controls(observed)
    if not measures and not controls:
        return None
    return ForgottenEvidence(
        names=dict(observed.names),
        seeds=config.seeds,
        predicts_words=config.task == "language_modeling",
        measures=tuple(measures),
        controls=controls,
    )


def _read_general(observed: Observed) -> Measure | None:
    weighed = weigh_words(
        observed,
        GENERAL_FILE,
        lambda finish: (finish.source_perplexity_before, finish.source_perplexity_after),
    )
    return _measure(observed, "general_english", "texts", weighed, lambda finish: finish.source_texts)


def _read_agreement(observed: Observed) -> Measure | None:
    return _measure(
        observed, "agreement", "test images", weigh_agreement(observed), lambda finish: finish.source_examples
    )


def _read_heldout(observed: Observed) -> Measure | None:
    source = SOURCES.get(observed.config.backbone)
    if source is None:
        return None
    if source.measured == "heldout_perplexity":
        weighed = weigh_words(
            observed,
            HELDOUT_FILE,
            lambda finish: (finish.heldout_perplexity_before, finish.heldout_perplexity_after),
        )
    else:
        weighed = weigh_accuracy(observed)
    return _measure(observed, source.measured, source.unit, weighed, lambda finish: finish.heldout_examples)


def _controls(observed: Observed) -> tuple[Side, ...]:
    """Sides that start from random weights: what a language model of these makes of English was never known before."""
    return tuple(side for side in SIDES if not get_method(observed.config.variant(side).method).pretrained)


def _measure(
    observed: Observed,
    measured: Measured,
    unit: str,
    weighed: Weighed,
    count: Callable[[RunFinished], int],
) -> Measure | None:
    changes = {side: None if side in _controls(observed) else change for side, change in weighed[0].items()}
    gap = weighed[1] if all(changes.values()) else None
    if not any(changes.values()):
        return None
    examples = max(count(finish) for side in SIDES for finish in observed.finishes(side))
    return Measure(measured=measured, examples=examples, unit=unit, changes=changes, gap=gap)


_READERS: tuple[Callable[[Observed], Measure | None], ...] = (_read_general, _read_agreement, _read_heldout)
