"""What the comparison on the screen has shown so far, read for the table of differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.own import find_dataset
from tlvsft.comparison import LabelScore, Shown, SideEvidence, Winner, side_names
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import Feed, RunProgress
from tlvsft.ui.live_panels import current_runs
from tlvsft.ui.services import Services
from tlvsft.ui.verdicts import read_verdict

LOOKED_BACK = 100
"""Among so many of the visitor's newest comparisons others like it are looked for."""


def gather_evidence(
    services: Services,
    comparison: ComparisonRecord,
    progress: Mapping[str, RunProgress],
    *,
    others: Sequence[ComparisonRecord],
) -> Shown:
    """What the six rows are computed from.

    Args:
        services: Know how other comparisons ended.
        comparison: The one on the screen.
        progress: Where its runs stand.
        others: What this visitor may see, newest first.
    """
    config, sides = comparison.config, current_runs(comparison, progress)
    started = sides["left"].progress.started or sides["right"].progress.started
    data = find_dataset(config.dataset.name)
    counted = len(started.class_names) if started else len(data.classes) if data else 0
    lineages = {side: sides[side].progress.lineage for side in SIDES}
    names = side_names(config, lineages)
    return Shown(
        config=config,
        sides={side: _side_evidence(comparison, side, names[side], sides[side].progress, progress) for side in SIDES},
        class_count=counted or None,
        label_scores=_label_scores(services, comparison, others),
        winner=_winner(services, comparison),
    )


def _side_evidence(
    comparison: ComparisonRecord, side: Side, name: str, current: RunProgress, progress: Mapping[str, RunProgress]
) -> SideEvidence:
    ends = [progress[run.id].finish for run in comparison.runs if run.side == side]
    moved = current.moved
    return SideEvidence(
        name=name,
        method=get_method(comparison.config.variant(side).method),
        blocks=current.blocks,
        moves=moved.movements if moved else (),
        evaluation=current.evaluation,
        finishes=tuple(end for end in ends if end is not None) if comparison.is_finished else (),
        steps=moved.step if moved else 0,
    )


def _label_scores(
    services: Services, comparison: ComparisonRecord, others: Sequence[ComparisonRecord]
) -> tuple[LabelScore, ...]:
    """One entry for each number of labels with which the same was compared: this comparison's, then the newest.

    They begin with the fewest, and only that one is asked for its verdict, which takes a while.
    """
    alike: dict[int | None, ComparisonRecord] = {}
    for record in (comparison, *others):
        if record.is_finished and _apart_from_labels(record.config) == _apart_from_labels(comparison.config):
            alike.setdefault(record.config.labels, record)
    ordered = sorted(alike.items(), key=lambda item: (item[0] is None, item[0] or 0))
    found: list[LabelScore] = []
    for labels, record in ordered:
        scores = {side: score for side in SIDES if (score := _mean_score(services.feed, record, side)) is not None}
        if len(scores) == len(SIDES):
            winner = None if found else _winner(services, record)
            found.append(LabelScore(labels=labels, scores=scores, winner=winner))
    return tuple(found)


def _winner(services: Services, comparison: ComparisonRecord) -> Winner | None:
    """Whom the verdict favours; nobody is known without one."""
    verdict = read_verdict(services.store, comparison)
    return None if verdict is None else verdict.winner


def _apart_from_labels(config: ComparisonConfig) -> ComparisonConfig:
    """What two comparisons have in common that differ in nothing but labels and seeds (and the story told of them)."""
    return replace(config, labels=None, seed=0, seeds=1, preset=None)


def _mean_score(feed: Feed, record: ComparisonRecord, side: Side) -> float | None:
    finishes = [feed.progress(run.id).finish for run in record.runs if run.side == side]
    scores = [end.perplexity if end.test_accuracy is None else end.test_accuracy for end in finishes if end is not None]
    known = [score for score in scores if score is not None]
    return fmean(known) if known else None
