"""Who won, by how much, how surely and at what cost: in numbers and in one or two sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean, geometric_mean
from typing import TYPE_CHECKING, Literal

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.decisions import (
    DECISIONS,
    MCNEMAR,
    PERMUTATION,
    SIGNIFICANCE,
    TWO_WAY_BOOTSTRAP,
    TWO_WAY_BOOTSTRAP_OF_TEXTS,
)
from tlvsft.comparison.figures import percent, perplexity
from tlvsft.comparison.naming import side_names
from tlvsft.comparison.outcomes import Outcome, read_outcome
from tlvsft.comparison.perplexity_statements import TextScore, Untouched, write_perplexity_statement
from tlvsft.comparison.predictions import paired_runs
from tlvsft.comparison.statements import (
    Evidence,
    Score,
    Winner,
    warn_of_guessing,
    write_detour_statement,
    write_statement,
    write_twin_statement,
)
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import Ancestor

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.evaluation.statistics import PairedDifference
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store

_Outcomes = Mapping[Side, tuple[Outcome, ...]]
"""For each side, one outcome per seed."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a finished comparison says.

    Attributes:
        difference: For classification, test accuracy of the right side minus that of the left. For language modelling,
            by what fraction the right side's perplexity on the test texts is above the left's: negative, the right
            side is better.
        ci95: Its 95 % interval. One seed: about these two trained models (which examples were drawn). Several: about
            the methods (which seeds, label subsets and examples were drawn).
        p_value: Of no difference. One seed: exact McNemar, or a paired permutation test over texts. Several: from a
            two-way bootstrap.
        statement: The verdict in words.
        method: The name of the test, a key of `decisions.DECISIONS`.
        seeds: Runs of each side.
        examples: Test examples, or test texts.
        cost_ratio: Training time of the right side as a multiple of the left's, both as means over seeds, with that of
            the runs that they started from; `None` where the left side's took none that could be measured.
    """

    winner: Winner
    difference: float
    ci95: tuple[float, float]
    p_value: float
    statement: str
    method: str
    seeds: int
    examples: int
    cost_ratio: float | None

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the test comes from."""
        return DECISIONS[self.method].sources


def decide_verdict(store: Store, comparison_id: str) -> Verdict | None:
    """Weighs a comparison's test results; `None` until every one of its runs has finished.

    Raises:
        InvalidInput: There is no such comparison.
    """
    comparison = store.comparison(comparison_id)
    if not comparison.is_finished:
        return None
    outcomes = {side: tuple(read_outcome(store, run.id) for run in _runs(comparison, side)) for side in SIDES}
    weigh = _weigh_texts if comparison.config.task == "language_modeling" else _weigh_answers
    return weigh(store, comparison, outcomes)


def pick_winner(found: PairedDifference, *, better: Literal["higher", "lower"] = "higher") -> Winner:
    """The side that the evidence favours, if it does so beyond reasonable doubt."""
    low, high = found.ci95
    if found.p_value >= SIGNIFICANCE or low <= 0 <= high:
        return "tie"
    return "right" if (found.difference > 0) == (better == "higher") else "left"


def correct_answers(store: Store, comparison: ComparisonRecord, side: Side) -> np.ndarray:
    """Which test examples one side got right: `(seeds, examples)` bool, rows in the order of the seeds."""
    import numpy as np

    stored = [store.predictions(run.id) for run in _runs(comparison, side)]
    return np.stack([answers.probabilities.argmax(axis=1) == answers.labels for answers in stored])


def _weigh_answers(store: Store, comparison: ComparisonRecord, outcomes: _Outcomes) -> Verdict:
    import numpy as np

    from tlvsft.evaluation.intervals import accuracy_interval
    from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap

    config = comparison.config
    correct = {side: correct_answers(store, comparison, side) for side in SIDES}
    seeds, examples = correct["left"].shape
    if seeds == 1:
        decision, found = MCNEMAR, mcnemar(correct["left"][0], correct["right"][0])
    else:
        decision, found = TWO_WAY_BOOTSTRAP, two_way_bootstrap(correct["left"], correct["right"])
    names = side_names(config, _lineages(outcomes))
    left, right = (
        Score(
            name=names[side],
            popular_name=_popular_name(config, side),
            accuracy=float(correct[side].mean()),
            train_s=_train_s(outcomes, side),
            lineage=outcomes[side][0].lineage,
        )
        for side in SIDES
    )
    winner = pick_winner(found)
    write = write_detour_statement if _is_detour(config, left, right) else write_statement
    share = _most_frequent(store, comparison)
    no_better = [names[side] for side in SIDES if accuracy_interval(correct[side])[0] <= share]
    evidence = Evidence(
        found=found, decision=decision, seeds=seeds, examples=examples, caution=warn_of_guessing(no_better, share)
    )
    statement = write(winner, evidence, left=left, right=right)
    if config.left == config.right and np.array_equal(correct["left"], correct["right"]):
        reached = f"gets {percent(left.accuracy)} of {evidence.tested} right"
        statement = write_twin_statement(evidence, reached, left_s=left.train_s, right_s=right.train_s)
    return _verdict(winner, evidence, statement, outcomes)


def _most_frequent(store: Store, comparison: ComparisonRecord) -> float:
    """The share of the test examples that are of their most frequent class."""
    import numpy as np

    labels = store.predictions(_runs(comparison, "left")[0].id).labels
    return float(np.bincount(labels).max() / len(labels))


def _weigh_texts(store: Store, comparison: ComparisonRecord, outcomes: _Outcomes) -> Verdict:
    import numpy as np

    from tlvsft.evaluation.perplexities import compare_perplexities

    stored = {side: [store.text_losses(run.id) for run in _runs(comparison, side)] for side in SIDES}
    tokens = stored["left"][0].tokens
    losses = {side: np.stack([texts.losses for texts in stored[side]]) for side in SIDES}  # (seeds, texts)
    seeds = len(losses["left"])
    evidence = Evidence(
        found=compare_perplexities(losses["left"], losses["right"], tokens),
        decision=PERMUTATION if seeds == 1 else TWO_WAY_BOOTSTRAP_OF_TEXTS,
        seeds=seeds,
        examples=len(tokens),
    )
    names = side_names(comparison.config, _lineages(outcomes))
    left, right = (
        TextScore(
            name=names[side],
            popular_name=_popular_name(comparison.config, side),
            perplexity=float(np.exp(losses[side].sum(axis=1).mean() / tokens.sum())),
            source_perplexity=_mean_perplexity([outcome.finish.source_perplexity_after for outcome in outcomes[side]]),
            train_s=_train_s(outcomes, side),
            lineage=outcomes[side][0].lineage,
        )
        for side in SIDES
    )
    first = outcomes["left"][0].finish
    winner = pick_winner(evidence.found, better="lower")
    statement = write_perplexity_statement(
        winner,
        evidence,
        left=left,
        right=right,
        untouched=Untouched(perplexity=first.perplexity_before, source_perplexity=first.source_perplexity_before),
    )
    if comparison.config.left == comparison.config.right and np.array_equal(losses["left"], losses["right"]):
        reached = f"has perplexity {perplexity(left.perplexity)} on {evidence.tested}"
        statement = write_twin_statement(evidence, reached, left_s=left.train_s, right_s=right.train_s)
    return _verdict(winner, evidence, statement, outcomes)


def _verdict(winner: Winner, evidence: Evidence, statement: str, outcomes: _Outcomes) -> Verdict:
    found = evidence.found
    low, high = found.ci95
    left_s, right_s = (_train_s(outcomes, side) for side in SIDES)
    return Verdict(
        winner=winner,
        difference=float(found.difference),
        ci95=(float(low), float(high)),
        p_value=float(found.p_value),
        statement=statement,
        method=evidence.decision.name,
        seeds=evidence.seeds,
        examples=evidence.examples,
        cost_ratio=right_s / left_s if left_s > 0 else None,
    )


def _train_s(outcomes: _Outcomes, side: Side) -> float:
    return fmean(outcome.total_train_s for outcome in outcomes[side])


def _popular_name(config: ComparisonConfig, side: Side) -> str:
    return get_method(config.variant(side).method).popular_name


def _runs(comparison: ComparisonRecord, side: Side) -> list[RunRecord]:
    """One side's runs, in the order of the seeds."""
    return [paired_runs(comparison, seed)[SIDES.index(side)] for seed in comparison.config.all_seeds()]


def _lineages(outcomes: _Outcomes) -> dict[Side, tuple[Ancestor, ...]]:
    return {side: outcomes[side][0].lineage for side in SIDES}


def _is_detour(config: ComparisonConfig, left: Score, right: Score) -> bool:
    """Whether the sides differ in nothing but that one of them went on from an earlier run."""
    return bool(left.lineage) != bool(right.lineage) and (
        replace(config.left, start=None) == replace(config.right, start=None)
    )


def _mean_perplexity(perplexities: list[float | None]) -> float | None:
    """Over seeds: geometric, as perplexities are ratios; `None` where it wasn't measured."""
    known = [perplexity for perplexity in perplexities if perplexity is not None]
    return geometric_mean(known) if known else None
