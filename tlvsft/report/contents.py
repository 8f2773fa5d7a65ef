"""What a report is written from: a comparison, read from the store once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from tlvsft.catalog.methods import get_method
from tlvsft.comparison import (
    PairedPrediction,
    Shown,
    SideEvidence,
    Verdict,
    decide_verdict,
    paired_predictions,
    paired_runs,
    side_names,
)
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.errors import TlvsftError
from tlvsft.events import (
    Ancestor,
    BlocksChanged,
    BlocksMoved,
    BlockStatus,
    Descended,
    Evaluated,
    Event,
    Noted,
    RunFinished,
    RunStarted,
    StepTaken,
)

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of the curves.

    Attributes:
        train_loss: Mean over the batches since the point before; `None` where there were none.
        score: Validation accuracy (0–1), or perplexity.
    """

    step: int
    train_loss: float | None
    val_loss: float
    score: float | None


@dataclass(kw_only=True)
class RunStory:
    """What a run has told.

    Attributes:
        points: One for each validation.
        blocks: The ladder as it was last.
        moved: How far its blocks have come, where that was measured.
        steps: Updates taken.
    """

    record: RunRecord
    started: RunStarted | None = None
    finish: RunFinished | None = None
    moved: BlocksMoved | None = None
    evaluation: Evaluated | None = None
    points: list[Point] = field(default_factory=list)
    blocks: tuple[BlockStatus, ...] = ()
    lineage: tuple[Ancestor, ...] = ()
    notes: list[str] = field(default_factory=list)
    steps: int = 0
    _losses: list[float] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Notes an event."""
        match event:
            case Descended():
                self.lineage = event.lineage
            case RunStarted():
                self.started, self.blocks = event, event.blocks
            case BlocksChanged():
                self.blocks = event.blocks
            case BlocksMoved():
                self.moved = event
            case StepTaken():
                self.steps = event.step
                self._losses.append(event.train_loss)
            case _:
                self._take_result(event)

    def _take_result(self, event: Event) -> None:
        match event:
            case Evaluated():
                loss = fmean(self._losses) if self._losses else None
                score = event.val_perplexity if event.val_accuracy is None else event.val_accuracy
                self.points.append(Point(step=event.step, train_loss=loss, val_loss=event.val_loss, score=score))
                self.evaluation, self._losses = event, []
            case RunFinished():
                self.finish = event
            case Noted():
                self.notes.append(event.message)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How both sides' answers on the whole test split meet (first seed): numbers of examples."""

    both: int
    only_left: int
    only_right: int
    neither: int

    @property
    def examples(self) -> int:
        """All of them."""
        return self.both + self.only_left + self.only_right + self.neither


@dataclass(frozen=True, kw_only=True, eq=False)
class Story:
    """A comparison that is over.

    Attributes:
        runs: By side and seed.
        names: What the sides are called inside a sentence.
        verdict: `None` where a run hasn't finished.
        why_no_verdict: Then the reason, for whoever reads.
        predictions: Test examples that are kept in display form, with both sides' answers (first seed).
    """

    comparison: ComparisonRecord
    runs: Mapping[tuple[Side, int], RunStory]
    names: Mapping[Side, str]
    verdict: Verdict | None
    why_no_verdict: str
    class_names: tuple[str, ...] = ()
    predictions: Sequence[PairedPrediction] = ()
    agreement: Agreement | None = None

    @property
    def config(self) -> ComparisonConfig:
        """What was compared."""
        return self.comparison.config

    @property
    def predicts_words(self) -> bool:
        """Whether both sides learnt words rather than classes."""
        return self.config.task == "language_modeling"

    def side(self, side: Side) -> list[RunStory]:
        """One side's runs, in the order of the seeds."""
        return [self.runs[side, seed] for seed in self.config.all_seeds()]

    def finishes(self, side: Side) -> list[RunFinished]:
        """The ends of one side's runs that have finished."""
        return [run.finish for run in self.side(side) if run.finish is not None]

    def notes(self) -> list[str]:
        """What the runs wanted the user to know, each once."""
        return list(dict.fromkeys(note for run in self.runs.values() for note in run.notes))

    def shown(self) -> Shown:
        """What the table of differences is computed from: this comparison alone."""
        return Shown(
            config=self.config,
            sides={side: self._evidence(side) for side in SIDES},
            class_count=len(self.class_names) or None,
            winner=None if self.verdict is None else self.verdict.winner,
        )

    def _evidence(self, side: Side) -> SideEvidence:
        first = self.runs[side, self.config.seed]
        return SideEvidence(
            name=self.names[side],
            method=get_method(self.config.variant(side).method),
            blocks=first.blocks,
            moves=first.moved.movements if first.moved else (),
            evaluation=first.evaluation,
            finishes=tuple(self.finishes(side)) if self.comparison.is_finished else (),
            steps=first.moved.step if first.moved else 0,
        )


def read_story(store: Store, comparison_id: str) -> Story:
    """Reads a comparison with everything that its report says.

    Raises:
        InvalidInput: There is no such comparison.
    """
    comparison = store.comparison(comparison_id)
    runs = {(run.side, run.seed): _read_run(store, run) for run in comparison.runs}
    seed = comparison.config.seed
    names = side_names(comparison.config, {side: runs[side, seed].lineage for side in SIDES})
    verdict, why_not = _read_verdict(store, comparison)
    answers = _read_answers(store, comparison)
    started = next((run.started for run in runs.values() if run.started), None)
    return Story(
        comparison=comparison,
        runs=runs,
        names=names,
        verdict=verdict,
        why_no_verdict=why_not,
        class_names=() if started is None else started.class_names,
        predictions=answers,
        agreement=_read_agreement(store, comparison) if answers else None,
    )


def _read_run(store: Store, record: RunRecord) -> RunStory:
    story = RunStory(record=record)
    for _, event in store.events(record.id):
        story.take(event)
    return story


def _read_verdict(store: Store, comparison: ComparisonRecord) -> tuple[Verdict | None, str]:
    if not comparison.is_finished:
        states = sorted({run.state for run in comparison.runs if run.state != "finished"})
        ended = f"a run was {' and another '.join(states)}" if states else "not all runs have finished"
        return None, f"There is no verdict: {ended} before both sides had been tested."
    try:
        return decide_verdict(store, comparison.id), ""
    except TlvsftError as error:
        return None, f"There is no verdict: {error}"


def _read_answers(store: Store, comparison: ComparisonRecord) -> list[PairedPrediction]:
    """Nothing where there are no classes, or where not both runs of the first seed were tested."""
    try:
        return paired_predictions(store, comparison.id, comparison.config.seed)
    except TlvsftError:
        return []


def _read_agreement(store: Store, comparison: ComparisonRecord) -> Agreement:
    left, right = (
        stored.probabilities.argmax(axis=1) == stored.labels
        for stored in (store.predictions(run.id) for run in paired_runs(comparison, comparison.config.seed))
    )
    return Agreement(
        both=int((left & right).sum()),
        only_left=int((left & ~right).sum()),
        only_right=int((~left & right).sum()),
        neither=int((~left & ~right).sum()),
    )
