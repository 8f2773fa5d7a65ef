"""What testing out of distribution found, in words: who holds up better, and whether the sides keep their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlvsft.comparison.figures import percent, signed
from tlvsft.comparison.naming import capitalise
from tlvsft.comparison.statements import Winner
from tlvsft.comparison.verdict import pick_winner
from tlvsft.config import SIDES, Side

if TYPE_CHECKING:
    from tlvsft.comparison.evidence.shifted import Kind, ShiftedEvidence
    from tlvsft.evaluation.statistics import PairedDifference

_KEEPS_FEATURES = frozenset({"linear_probe", "lp_ft", "nearest_centroid"})
"""Methods whose pretrained features Kumar et al. 2022 found less distorted than those of full fine-tuning."""


def write_shift_sentence(evidence: ShiftedEvidence) -> str:
    """The accuracies, who holds up better, who is ahead where, and whom it is about."""
    ordinary, shifted = evidence.kinds[0], evidence.kinds[-1]
    about = "the methods on this task" if evidence.seeds > 1 else "these two trained models"
    parts = (
        _describe_accuracies(evidence, ordinary, shifted),
        _describe_holding(evidence, shifted),
        _describe_order(evidence, ordinary, shifted),
        f"This is about {about}.",
    )
    return " ".join(parts)


def _describe_accuracies(evidence: ShiftedEvidence, ordinary: Kind, shifted: Kind) -> str:
    (usual, other), (second_usual, second_other) = (
        [percent(kind.sides[side].accuracy) for kind in (ordinary, shifted)] for side in SIDES
    )
    left, right = capitalise(evidence.names["left"]), evidence.names["right"]
    if not evidence.same_examples:
        things, others = f"examples ({ordinary.words})", f"{shifted.examples:,} {shifted.name} ones"
    else:
        several = f" ({shifted.words})" if len(evidence.kinds) > 2 else ""
        things, others = "images", f"the same ones {_join(_shift_names(evidence))}{several}"
    return (
        f"{left} gets {usual} of {ordinary.examples:,} ordinary test {things} right and {other} of {others}; {right} "
        f"{second_usual} and {second_other}."
    )


def _shift_names(evidence: ShiftedEvidence) -> list[str]:
    shifts = evidence.kinds[1:-1] if len(evidence.kinds) > 2 else evidence.kinds[1:]
    return [kind.name for kind in shifts]


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _describe_holding(evidence: ShiftedEvidence, shifted: Kind) -> str:
    """Which side's accuracy changes for the better, and by how much more."""
    found = shifted.holds
    if found is None:
        return ""
    better = pick_winner(found)
    if better == "tie":
        changes = _describe_changes(evidence.names["left"], evidence.names["right"], shifted, "left")
        return f"Which holds up better is too close to call: {changes} ({_interval(found, flip=False)})."
    changes = _describe_changes("it", evidence.names[_other(better)], shifted, better)
    return (
        f"{capitalise(evidence.names[better])} holds up better: {changes} ({_interval(found, flip=better == 'left')})."
    )


def _describe_changes(name: str, other_name: str, shifted: Kind, side: Side) -> str:
    """What becomes of one side's accuracy, and of the other's."""
    points, others = (_points(shifted, subject) for subject in (side, _other(side)))
    if points < 0 and others < 0:
        return f"{name} loses {-points:.1f} points, {other_name} {-others:.1f}"
    return f"{name} changes by {signed(points)} points, {other_name} by {signed(others)}"


def _points(shifted: Kind, side: Side) -> float:
    change = shifted.sides[side].change
    return 0.0 if change is None else 100 * change.difference


def _other(side: Side) -> Side:
    return "left" if side == "right" else "right"


def _describe_order(evidence: ShiftedEvidence, ordinary: Kind, shifted: Kind) -> str:
    """LP-FT's point: whether the side that is ahead in distribution is ahead out of it."""
    inside, outside = pick_winner(ordinary.lead), pick_winner(shifted.lead)
    ahead: Winner = inside if inside != "tie" else outside
    if ahead == "tie":
        return "Neither is ahead beyond chance, on the ordinary ones or on these."
    name = capitalise(evidence.names[ahead])
    ends = f"({_interval(shifted.lead, flip=ahead == 'left')})"
    if inside == outside:
        return f"{name} is ahead on both."
    if inside == "tie":
        return f"On the ordinary ones neither is ahead beyond chance; {evidence.names[ahead]} is ahead on these {ends}."
    if outside == "tie":
        return f"{name} is ahead on the ordinary ones; on these who is ahead can't be told apart from chance {ends}."
    return f"{name} is ahead on the ordinary ones and behind on these {ends}{_recall_paper(evidence, ahead)}."


def _recall_paper(evidence: ShiftedEvidence, ahead: Side) -> str:
    if evidence.methods[ahead] == "full" and evidence.methods[_other(ahead)] in _KEEPS_FEATURES:
        return ": what Kumar and others (2022) found of fine-tuning, which can distort pretrained features"
    return ""


def _interval(found: PairedDifference, *, flip: bool) -> str:
    """A difference in points, seen from the right side, or turned round."""
    sign = -1 if flip else 1
    low, high = sorted(100 * sign * end for end in found.ci95)
    difference = 100 * sign * found.difference
    return f"difference {signed(difference)} points, 95 % interval {signed(low)} to {signed(high)}"
