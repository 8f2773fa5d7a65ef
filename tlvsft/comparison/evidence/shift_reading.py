"""Which answers both sides got right, by kind of test example: what was observed, or what the data's groups tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.catalog.shifts import ANSWERS_FILE, GROUP_SHIFTS, ORDINARY, SHIFTS
from tlvsft.comparison.evidence.observed import Observed, ObservedRun
from tlvsft.comparison.verdict import correct_answers
from tlvsft.config import SIDES, Side
from tlvsft.events import ShiftsTested
from tlvsft.runs.artifacts import load_observed

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class KindAnswers:
    """One kind of examples: which of them each run got right, `(seeds, examples)` bool, or the share of it, float64."""

    name: str
    words: str
    correct: Mapping[Side, np.ndarray]
    picture: str | None = None

    @property
    def examples(self) -> int:
        """How many."""
        return int(self.correct["left"].shape[1])


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundKinds:
    """The ordinary examples, then the shifted ones.

    Attributes:
        same_examples: Whether the shifted examples are the ordinary ones, changed; else they are others.
        parts: Groups that the ordinary examples consist of.
    """

    kinds: tuple[KindAnswers, ...]
    same_examples: bool
    parts: tuple[KindAnswers, ...] = ()


def read_shift_answers(observed: Observed) -> FoundKinds | None:
    """What the runs were asked on shifted images; `None` where not all of them were.

    Raises:
        TlvsftError: The answers were pruned, or are damaged.
    """
    import numpy as np

    told = [run.last(ShiftsTested) for side in SIDES for run in observed.side(side)]
    if not all(told):
        return None
    results = next(event.results for event in told if event is not None)
    names = [ORDINARY, *[result.name for result in results if result.name in SHIFTS]]
    count = results[0].examples
    answers = {side: [_read_bits(observed, run, names, count) for run in observed.side(side)] for side in SIDES}
    pictures = _read_pictures(observed, len(names))
    kinds = [
        KindAnswers(
            name=name,
            words=SHIFTS[name].describe(observed.config.dataset.name) if name in SHIFTS else "as they are",
            correct={side: np.stack([run[name] for run in answers[side]]) for side in SIDES},
            picture=picture,
        )
        for name, picture in zip(names, pictures, strict=True)
    ]
    return FoundKinds(kinds=tuple(kinds), same_examples=True)


def read_group_answers(observed: Observed) -> FoundKinds | None:
    """The test answers by the groups that the data tells; `None` where it tells none that stands beside the others.

    Raises:
        TlvsftError: The answers were pruned, or are damaged.
    """
    import numpy as np

    shift = GROUP_SHIFTS.get(observed.config.dataset.name)
    if shift is None:
        return None
    examples = [example for example in observed.store.examples(observed.comparison.id) if example.group is not None]
    groups = np.array([example.group for example in examples])
    others = sorted(set(groups.tolist()) - {shift.name})
    if not others or shift.name not in groups:
        return None
    places = np.array([example.index for example in examples])
    correct = {side: correct_answers(observed.store, observed.comparison, side)[:, places] for side in SIDES}

    def pick(name: str, words: str, chosen: np.ndarray) -> KindAnswers:
        return KindAnswers(name=name, words=words, correct={side: correct[side][:, chosen] for side in SIDES})

    in_group = groups == shift.name
    return FoundKinds(
        kinds=(pick(ORDINARY, " and ".join(others), ~in_group), pick(shift.name, shift.words, in_group)),
        same_examples=False,
        parts=tuple(pick(name, "", groups == name) for name in others),
    )


def _read_bits(observed: Observed, run: ObservedRun, names: list[str], count: int) -> dict[str, np.ndarray]:
    """By kind, which answers of a run were right: `(examples,)` bool."""
    import numpy as np

    packed = load_observed(observed.store.run_folder(run.record.id), ANSWERS_FILE, names)
    return {name: np.unpackbits(bits, count=count).astype(bool) for name, bits in packed.items()}


def _read_pictures(observed: Observed, count: int) -> list[str | None]:
    """The first example of each kind, as data URIs."""
    from PIL.Image import fromarray

    from tlvsft.datasets.showing import picture_uri

    folder = observed.store.run_folder(observed.side("left")[0].record.id)
    pictures = load_observed(folder, ANSWERS_FILE, ["pictures"])["pictures"]
    return [picture_uri(fromarray(pixels)) for pixels in pictures[:count]]
