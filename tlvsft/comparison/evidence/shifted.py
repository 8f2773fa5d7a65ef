"""Out of distribution: how both sides do on test examples of another kind, beside how they do on the ordinary ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlvsft.catalog.shifts import MET_IN_PRETRAINING
from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.evidence.shift_reading import KindAnswers, read_group_answers, read_shift_answers
from tlvsft.comparison.evidence.shift_words import write_shift_sentence
from tlvsft.config import SIDES, Side

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.evaluation.statistics import PairedDifference

AVERAGE = "average"
"""The name of all shifts together, where there are several: what the sentence is about, so that one test decides."""
_NO_KINDS = (
    "Nothing was tested out of distribution: these texts come without kinds of which one could stand beside the others."
)
_OLD = "These runs are from before this was measured: train again to see it."


@dataclass(frozen=True, kw_only=True)
class SideScore:
    """One side on one kind of examples.

    Attributes:
        accuracy: Mean over seeds, 0–1.
        each: Of each seed.
        change: By how much it is above that on the ordinary ones, with an interval; `None` for these themselves.
    """

    accuracy: float
    each: tuple[float, ...]
    change: PairedDifference | None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Both sides on one kind of examples.

    Attributes:
        name: `ordinary`, a key of `tlvsft.catalog.shifts.SHIFTS`, the name of a group, or `average`.
        words: What is special about it.
        examples: How many there are.
        sides: How each side does.
        lead: The right side's accuracy minus the left's.
        holds: The right side's change minus the left's: positive where the right side holds up better; `None` for the
            ordinary ones.
        picture: The first example of this kind, as a data URI, where it is an image.
    """

    name: str
    words: str
    examples: int
    sides: Mapping[Side, SideScore]
    lead: PairedDifference
    holds: PairedDifference | None = None
    picture: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data; the picture stays out."""
        return {
            "name": self.name,
            "words": self.words,
            "examples": self.examples,
            **{side: _side_json(self.sides[side]) for side in SIDES},
            "lead": _difference_json(self.lead),
            "holds": _difference_json(self.holds),
        }


@dataclass(frozen=True, kw_only=True)
class ShiftedEvidence:
    """What was tested out of distribution.

    Attributes:
        names: What the sides are called inside a sentence.
        methods: Their methods' names.
        seeds: How many runs each side has.
        kinds: The ordinary examples first; with several shifts, all of them together last. Empty where nothing was.
        same_examples: Whether the shifted examples are the ordinary ones, changed; else they are others.
        parts: Groups that the ordinary examples consist of, where they are several.
        met: Shifts that the backbone has met in its pretraining.
        missing: Why there is nothing.
    """

    names: Mapping[Side, str]
    methods: Mapping[Side, str]
    seeds: int
    kinds: tuple[Kind, ...] = ()
    same_examples: bool = True
    parts: tuple[Kind, ...] = ()
    met: tuple[str, ...] = ()
    missing: str = ""

    @property
    def sentence(self) -> str:
        """Who holds up better, and whether the order of the sides is the same."""
        return write_shift_sentence(self) if self.kinds else self.missing

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "seeds": self.seeds,
            "same_examples": self.same_examples,
            "met_in_pretraining": list(self.met),
            "kinds": [kind.to_dict() for kind in self.kinds],
            "parts": [kind.to_dict() for kind in self.parts],
        }


def read_shifted(observed: Observed) -> ShiftedEvidence | None:
    """Puts together what the runs were asked out of distribution; `None` where nothing is classified.

    Raises:
        TlvsftError: The answers of a run were pruned, or are damaged.
    """
    if observed.config.task == "language_modeling":
        return None
    found = read_shift_answers(observed) or read_group_answers(observed)
    methods = {side: observed.config.variant(side).method for side in SIDES}
    seeds = observed.config.seeds
    if found is None:
        texts = any(example.text is not None for example in observed.store.examples(observed.comparison.id)[:1])
        return ShiftedEvidence(
            names=dict(observed.names), methods=methods, seeds=seeds, missing=_NO_KINDS if texts else _OLD
        )
    ordinary, *shifted = found.kinds
    if len(shifted) > 1:
        shifted.append(_average(shifted))
    return ShiftedEvidence(
        names=dict(observed.names),
        methods=methods,
        seeds=seeds,
        kinds=(
            _score_ordinary(ordinary),
            *[_score(ordinary, kind, same_examples=found.same_examples) for kind in shifted],
        ),
        same_examples=found.same_examples,
        parts=tuple(_score_ordinary(part) for part in found.parts) if len(found.parts) > 1 else (),
        met=_met_in_pretraining(observed, [kind.name for kind in shifted]),
    )


def _met_in_pretraining(observed: Observed, names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in MET_IN_PRETRAINING.get(observed.config.backbone, ()) if name in names)


def _average(shifted: list[KindAnswers]) -> KindAnswers:
    """All shifts together: each example counts with the share of its shifts that were answered rightly."""
    import numpy as np

    correct = {side: np.mean([kind.correct[side] for kind in shifted], axis=0) for side in SIDES}
    return KindAnswers(name=AVERAGE, words=f"mean of the {len(shifted)}", correct=correct)


def _score_ordinary(ordinary: KindAnswers) -> Kind:
    from tlvsft.evaluation.drops import compare_answers

    return _describe(ordinary, changes={}, lead=compare_answers(ordinary.correct["left"], ordinary.correct["right"]))


def _score(ordinary: KindAnswers, kind: KindAnswers, *, same_examples: bool) -> Kind:
    import numpy as np

    from tlvsft.evaluation.drops import compare_answers, compare_scores, drop_scores, group_drop_scores

    make_scores = drop_scores if same_examples else group_drop_scores
    scores = {side: make_scores(ordinary.correct[side], kind.correct[side]) for side in SIDES}
    largest = 1.0 if same_examples else (ordinary.examples + kind.examples) / min(ordinary.examples, kind.examples)
    compare = compare_answers if kind.name != AVERAGE else compare_scores
    exact = same_examples and kind.name != AVERAGE
    changes = {
        side: compare_answers(ordinary.correct[side], kind.correct[side])
        if exact
        else compare_scores(np.zeros_like(scores[side]), scores[side], largest=largest)
        for side in SIDES
    }
    return _describe(
        kind,
        changes=changes,
        lead=compare(kind.correct["left"], kind.correct["right"]),
        holds=compare_scores(scores["left"], scores["right"], largest=largest),
    )


def _describe(
    kind: KindAnswers,
    *,
    changes: Mapping[Side, PairedDifference],
    lead: PairedDifference,
    holds: PairedDifference | None = None,
) -> Kind:
    return Kind(
        name=kind.name,
        words=kind.words,
        examples=kind.examples,
        sides={side: _side_score(kind.correct[side], changes.get(side)) for side in SIDES},
        lead=lead,
        holds=holds,
        picture=kind.picture,
    )


def _side_score(correct: np.ndarray, change: PairedDifference | None) -> SideScore:
    each = tuple(float(run) for run in correct.mean(axis=1))
    return SideScore(accuracy=sum(each) / len(each), each=each, change=change)


def _side_json(score: SideScore) -> dict[str, Any]:
    return {"accuracy": score.accuracy, "each": list(score.each), "change": _difference_json(score.change)}


def _difference_json(found: PairedDifference | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"difference": found.difference, "ci95": list(found.ci95), "p_value": found.p_value}
