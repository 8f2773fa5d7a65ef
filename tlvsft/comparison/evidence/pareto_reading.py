"""Reads all runs of a comparison's data, and finds those on the front."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlvsft.comparison.evidence.cost import total_flops
from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.evidence.pareto import COSTS, MOST_RUNS, CostName, ParetoEvidence, PlacedRun, quality_of
from tlvsft.comparison.outcomes import Outcome
from tlvsft.config import SIDES
from tlvsft.errors import TlvsftError
from tlvsft.evaluation.pareto import Point, pareto_front
from tlvsft.events import Descended, RunFinished

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord
    from tlvsft.runs.results import FinishedRun
    from tlvsft.runs.store import Store


def read_pareto(observed: Observed) -> ParetoEvidence | None:
    """Places all runs of this comparison's data and task that everybody sees who sees the comparison."""
    from tlvsft.runs.results import finished_runs

    config, owner = observed.config, observed.comparison.owner
    found = finished_runs(observed.store, config.dataset, config.task, owner=owner, limit=MOST_RUNS)
    runs = {run.run_id: placed for run in [*_own(observed), *found] if (placed := _place(observed, run)) is not None}
    if not {run.side for run in runs.values()}.issuperset(SIDES):
        return None
    of_sweeps = sum(run.comparison_id is None for run in found)
    predicts_words = config.task == "language_modeling"
    ordered = sorted(runs.values(), key=lambda run: run.side is None)
    return ParetoEvidence(
        names=dict(observed.names),
        labels=config.labels,
        predicts_words=predicts_words,
        runs=tuple(ordered),
        fronts={name: _front(ordered, name, predicts_words=predicts_words) for name in COSTS},
        is_tie=_is_tie(observed),
        is_cut=max(of_sweeps, len(found) - of_sweeps) >= MOST_RUNS,
    )


def _is_tie(observed: Observed) -> bool | None:
    """What the verdict's own test says of two single runs; `None` where it isn't about these, or can't be made."""
    from tlvsft.comparison.verdict import correct_answers, pick_winner
    from tlvsft.evaluation.statistics import mcnemar

    config = observed.config
    if config.seeds > 1 or config.task == "language_modeling":
        return None
    try:
        left, right = (correct_answers(observed.store, observed.comparison, side)[0] for side in SIDES)
    except TlvsftError:
        return None
    return pick_winner(mcnemar(left, right)) == "tie"


def pareto_version(store: Store, comparison: ComparisonRecord) -> tuple[float, ...]:
    """Another one when the runs that are placed beside a comparison's are others."""
    from tlvsft.runs.results import results_version

    config = comparison.config
    return results_version(store, config.dataset, config.task, owner=comparison.owner)


def _front(runs: Sequence[PlacedRun], name: CostName, *, predicts_words: bool) -> tuple[str, ...]:
    known = [(run, cost) for run in runs if run.competes and (cost := run.cost(name)) is not None]
    points = [Point(cost, quality_of(run.score, predicts_words=predicts_words)) for run, cost in known]
    return tuple(known[place][0].run_id for place in pareto_front(points))


def _own(observed: Observed) -> list[FinishedRun]:
    """This comparison's runs, which may be too old to be among the newest."""
    from tlvsft.runs.results import as_finished

    found = []
    for run in observed.runs.values():
        finish, descended = run.last(RunFinished), run.last(Descended)
        if finish is not None:
            lineage = descended.lineage if descended else ()
            record = run.record
            found.append(
                as_finished(
                    record.config,
                    finish,
                    run_id=record.id,
                    comparison_id=record.comparison_id,
                    side=record.side,
                    lineage=lineage,
                )
            )
    return found


def _place(observed: Observed, run: FinishedRun) -> PlacedRun | None:
    from tlvsft.evaluation.intervals import wilson_interval

    finish, config = run.finish, run.config
    score = finish.perplexity if config.task == "language_modeling" else finish.test_accuracy
    if score is None or not math.isfinite(score):
        return None
    outcome = Outcome(finish=finish, lineage=run.lineage)
    examples = None if finish.test_accuracy is None else run.examples
    return PlacedRun(
        run_id=run.run_id,
        comparison_id=run.comparison_id,
        side=run.side if run.comparison_id == observed.comparison.id else None,
        method=config.variant.method,
        backbone=config.backbone,
        labels=config.labels,
        seed=config.seed,
        train_s=outcome.total_train_s,
        train_flops=total_flops(outcome),
        score=score,
        ci95=wilson_interval(round(score * examples), examples) if examples else None,
        competes=(config.labels, config.label_noise) == (observed.config.labels, observed.config.label_noise),
    )
