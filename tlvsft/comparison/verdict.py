"""Who won, by how much, how surely and at what cost: in numbers and in one or two sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.predictions import paired_runs
from tlvsft.config import SIDES, Side
from tlvsft.events import RunFinished

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.evaluation.statistics import PairedDifference
    from tlvsft.runs.records import ComparisonRecord
    from tlvsft.runs.store import Store

SIGNIFICANCE = 0.05
"""A winner needs a p-value below this and a 95 % interval that leaves zero out. Else: too close to call."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a finished comparison says.

    Attributes:
        difference: Test accuracy of the right side minus that of the left, a fraction.
        ci95: Its 95 % interval. One seed: about these two trained models (which examples were drawn). Several: about
            the methods (which seeds, label subsets and examples were drawn).
        p_value: Of no difference; exact McNemar for one seed, from a two-way bootstrap for several.
        statement: The verdict in words.
    """

    winner: Literal["left", "right", "tie"]
    difference: float
    ci95: tuple[float, float]
    p_value: float
    statement: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """One side's part of the evidence, averaged over seeds.

    Attributes:
        name: What the side is called inside a sentence.
        popular_name: What most people call its method.
        accuracy: Test accuracy, 0–1.
        elapsed_s: Worker start to end of test, in seconds.
    """

    name: str
    popular_name: str
    accuracy: float
    elapsed_s: float


def decide_verdict(store: Store, comparison_id: str) -> Verdict | None:
    """Weighs a comparison's test predictions; `None` until every one of its runs has finished.

    Raises:
        InvalidInput: There is no such comparison.
    """
    comparison = store.comparison(comparison_id)
    if not comparison.is_finished:
        return None
    from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap

    correct = {side: correct_answers(store, comparison, side) for side in SIDES}
    scores = {side: _score(store, comparison, side, correct[side]) for side in SIDES}
    seeds, examples = correct["left"].shape
    if seeds == 1:
        found = mcnemar(correct["left"][0], correct["right"][0])
    else:
        found = two_way_bootstrap(correct["left"], correct["right"])
    winner = pick_winner(found)
    return Verdict(
        winner=winner,
        difference=float(found.difference),
        ci95=(float(found.ci95[0]), float(found.ci95[1])),
        p_value=float(found.p_value),
        statement=write_statement(
            winner, found, left=scores["left"], right=scores["right"], seeds=seeds, examples=examples
        ),
    )


def correct_answers(store: Store, comparison: ComparisonRecord, side: Side) -> np.ndarray:
    """Which test examples one side got right: `(seeds, examples)` bool, rows in the order of the seeds."""
    import numpy as np

    rows = []
    for seed in comparison.config.all_seeds():
        stored = store.predictions(paired_runs(comparison, seed)[SIDES.index(side)].id)
        rows.append(stored.probabilities.argmax(axis=1) == stored.labels)
    return np.stack(rows)


def pick_winner(found: PairedDifference) -> Literal["left", "right", "tie"]:
    """The side that the evidence favours, if it does so beyond reasonable doubt."""
    low, high = found.ci95
    if found.p_value >= SIGNIFICANCE or low <= 0 <= high:
        return "tie"
    return "right" if found.difference > 0 else "left"


def write_statement(
    winner: Literal["left", "right", "tie"],
    found: PairedDifference,
    *,
    left: Score,
    right: Score,
    seeds: int,
    examples: int,
) -> str:
    """The verdict in words: who, by how much, how surely, at what cost, and about what it speaks."""
    tested = f"{examples:,} test examples" + (f", {seeds} seeds" if seeds > 1 else "")
    about = "the methods on this task" if seeds > 1 else "these two trained models"
    first, second = (left, right) if winner == "left" else (right, left)
    interval = _interval(found, flip=winner == "left")
    shares = f"{_percent(first.accuracy)} against {_percent(second.accuracy)}"
    cost = _cost(first, second)
    if winner == "tie":
        return (
            f"Too close to call: {right.name} gets {_percent(right.accuracy)} right, {left.name} "
            f"{_percent(left.accuracy)} ({tested}; difference {100 * found.difference:+.1f} points, {interval}). "
            f"{_capitalise(first.name)} took {cost}. This is about {about}."
        )
    upset = " Transfer learning does not win here." if second.popular_name == "Transfer learning" else ""
    return (
        f"{_capitalise(first.name)} is {abs(100 * found.difference):.1f} points better than {second.name} "
        f"({shares} right on {tested}; {interval}), at {cost}.{upset} This is about {about}."
    )


def _score(store: Store, comparison: ComparisonRecord, side: Side, correct: np.ndarray) -> Score:
    method = get_method(comparison.config.variant(side).method)
    same = comparison.config.left.method == comparison.config.right.method
    runs = [run for run in comparison.runs if run.side == side]
    times = [finish_of(store, run.id).elapsed_s for run in runs]
    return Score(
        name=_lower(method.title) + (f" ({side})" if same else ""),
        popular_name=method.popular_name,
        accuracy=float(correct.mean()),
        elapsed_s=sum(times) / len(times),
    )


def finish_of(store: Store, run_id: str) -> RunFinished:
    """The last word of a finished run."""
    return next(event for _, event in store.events(run_id) if isinstance(event, RunFinished))


def _interval(found: PairedDifference, *, flip: bool) -> str:
    low, high = (-found.ci95[1], -found.ci95[0]) if flip else found.ci95
    chance = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.2g}"
    return f"95 % interval {100 * low:+.1f} to {100 * high:+.1f}, {chance}"


def _cost(first: Score, second: Score) -> str:
    ratio = first.elapsed_s / second.elapsed_s if second.elapsed_s > 0 else 1.0
    if 0.95 <= ratio <= 1.05:
        return f"about the same time ({first.elapsed_s:.1f} s)"
    return f"{ratio:.2g}× the time ({first.elapsed_s:.1f} s against {second.elapsed_s:.1f} s)"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _capitalise(name: str) -> str:
    return name[0].upper() + name[1:]
