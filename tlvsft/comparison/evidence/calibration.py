"""Can its confidence be trusted? Reliability curve and calibration error of each side, from the stored test answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.figures import percent, signed
from tlvsft.comparison.naming import capitalise
from tlvsft.comparison.verdict import pick_winner
from tlvsft.config import SIDES, Side

if TYPE_CHECKING:
    from tlvsft.evaluation.calibration import Answers, Calibration
    from tlvsft.evaluation.statistics import PairedDifference


@dataclass(frozen=True, kw_only=True)
class CalibrationEvidence:
    """How well confidence and accuracy agree.

    Attributes:
        names: What the sides are called inside a sentence.
        seeds: How many runs each side has.
        examples: How many test examples each run answered.
        sides: What was measured.
        difference: The right side's error minus the left's.
    """

    names: Mapping[Side, str]
    seeds: int
    examples: int
    sides: Mapping[Side, Calibration]
    difference: PairedDifference

    @property
    def sentence(self) -> str:
        """What each side's confidence is worth, and whose can be trusted more."""
        several = (
            f"This is about these {2 * self.seeds} trained models, not about other seeds." if self.seeds > 1 else ""
        )
        return " ".join(filter(None, [*(self._describe(side) for side in SIDES), self._compare(), several]))

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "seeds": self.seeds,
            "examples": self.examples,
            **{side: _as_json(self.sides[side]) for side in SIDES},
            "difference": _as_json(self.difference),
        }

    def _describe(self, side: Side) -> str:
        found = self.sides[side]
        sure = f"{capitalise(self.names[side])} is {percent(found.confidence)} sure on average and"
        return f"{sure} right on {percent(found.accuracy)}: {_describe_error(found)}."

    def _compare(self) -> str:
        """Errors that chance explains on both sides aren't compared: there is nothing to choose."""
        if all(self.sides[side].is_calibrated and not self.sides[side].leans for side in SIDES):
            return "Both can be taken at their word, as far as this many test examples can tell."
        better = pick_winner(self.difference, better="lower")
        low, high = (100 * end for end in self.difference.ci95)
        if low == high == 0:
            return "Their errors are the same."
        if better == "tie":
            return (
                "Whose confidence can be trusted more is too close to call (difference of the errors "
                f"{signed(100 * self.difference.difference)} points, 95 % interval {signed(low)} to {signed(high)})."
            )
        least, most = sorted((abs(low), abs(high)))
        return (
            f"The confidence of {self.names[better]} can be trusted more: its error is "
            f"{abs(100 * self.difference.difference):.1f} points smaller (95 % interval {least:.1f} to {most:.1f})."
        )


def read_calibration(observed: Observed) -> CalibrationEvidence | None:
    """Measures the answers of all runs, also of old ones; `None` where nothing is classified.

    Raises:
        TlvsftError: The answers of a run were pruned, or are damaged.
    """
    from tlvsft.evaluation.calibration import compare_calibration, measure_calibration

    if observed.config.task == "language_modeling":
        return None
    answers = {side: _read_answers(observed, side) for side in SIDES}
    return CalibrationEvidence(
        names=dict(observed.names),
        seeds=len(answers["left"][0]),
        examples=answers["left"][0].shape[1],
        sides={side: measure_calibration(*answers[side]) for side in SIDES},
        difference=compare_calibration(answers["left"], answers["right"]),
    )


def _read_answers(observed: Observed, side: Side) -> Answers:
    """Confidences and which answers are right, `(seeds, examples)` each."""
    import numpy as np

    from tlvsft.evaluation.calibration import read_confidences

    stored = [observed.store.predictions(run.record.id) for run in observed.side(side)]
    read = [read_confidences(run.probabilities, run.labels) for run in stored]
    return np.stack([confidences for confidences, _ in read]), np.stack([correct for _, correct in read])


def _describe_error(found: Calibration) -> str:
    chance = f"up to {percent(found.chance_most)} in 19 of 20 draws"
    if found.is_calibrated and not found.leans:
        return f"a calibration error of {percent(found.error)} is not more than chance would show ({chance})"
    leans = f"it is {'over' if found.overconfidence > 0 else 'under'}confident"
    if found.is_calibrated:
        by, (low, high) = abs(found.overconfidence), sorted(abs(end) for end in found.overconfidence_ci95)
        return (
            f"{leans} by {100 * by:.1f} points (95 % interval {100 * low:.1f} to {100 * high:.1f}), though its "
            f"calibration error, {percent(found.error)}, is not more than chance would show ({chance})"
        )
    low, high = (100 * end for end in found.ci95)
    error = (
        f"its calibration error, {percent(found.error)} (95 % interval {low:.1f} to {high:.1f} %), is more than chance "
        f"would show ({chance})"
    )
    return f"{leans}, and {error}" if found.leans else error


def _as_json(found: Calibration | PairedDifference) -> dict[str, Any]:
    """Its fields."""
    return asdict(found)
