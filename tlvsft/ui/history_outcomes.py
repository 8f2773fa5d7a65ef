"""How comparisons ended, in a few words, for their list: read once, since what is over stays as it is."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, geometric_mean

from tlvsft.comparison import Winner
from tlvsft.comparison.figures import percent, perplexity
from tlvsft.config import SIDES, Side
from tlvsft.runs.records import ComparisonRecord, RunState
from tlvsft.runs.searching import STATE_WORDS
from tlvsft.ui.services import Services
from tlvsft.ui.texts import predicts_words
from tlvsft.ui.verdicts import read_verdict

VERDICTS_WITHIN_S = 0.3
"""So long an answer may take to weigh results that weren't weighed before; the page asks again for the others."""
_VERDICTS_KEPT = 1_000


@dataclass(frozen=True, kw_only=True)
class ListedOutcome:
    """How a comparison ended, or how far it is.

    Attributes:
        scores: What both tests found, e.g. `91.1 % vs 94.4 %`; empty before the end.
        winner: Whom the verdict favours; `None` where there is no verdict, or none yet.
    """

    state: RunState
    scores: str = ""
    winner: Winner | None = None

    @property
    def words(self) -> str:
        """The scores; of what has none, its state."""
        return self.scores or STATE_WORDS[self.state]


@dataclass(kw_only=True)
class Outcomes:
    """Reads outcomes. Safe to use from several threads."""

    services: Services
    _winners: OrderedDict[str, Winner] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, records: Sequence[ComparisonRecord]) -> tuple[list[ListedOutcome], bool]:
        """One for each comparison, and whether verdicts are missing that will be there when asked again."""
        give_up = time.monotonic() + VERDICTS_WITHIN_S
        listed, is_complete = [], True
        for record in records:
            if not record.is_finished:
                listed.append(ListedOutcome(state=record.state))
                continue
            known = self._winners.get(record.id)
            if known is None and time.monotonic() < give_up:
                known = self._weigh(record)
            elif known is None:
                is_complete = False
            listed.append(ListedOutcome(state=record.state, scores=self._scores(record), winner=known))
        return listed, is_complete

    def _weigh(self, record: ComparisonRecord) -> Winner | None:
        verdict = read_verdict(self.services.store, record)
        if verdict is None:
            return None
        with self._lock:
            self._winners[record.id] = verdict.winner
            if len(self._winners) > _VERDICTS_KEPT:
                self._winners.popitem(last=False)
        return verdict.winner

    def _scores(self, record: ComparisonRecord) -> str:
        scores = " vs ".join(self._score(record, side) for side in SIDES)
        return f"perplexity {scores}" if predicts_words(record.config) else scores

    def _score(self, record: ComparisonRecord, side: Side) -> str:
        """What one side's tests found, on average over the seeds."""
        finishes = [self.services.feed.progress(run.id).finish for run in record.runs if run.side == side]
        accuracies = [end.test_accuracy for end in finishes if end is not None and end.test_accuracy is not None]
        if accuracies:
            return percent(fmean(accuracies))
        perplexities = [end.perplexity for end in finishes if end is not None and end.perplexity is not None]
        return perplexity(geometric_mean(perplexities)) if perplexities else "–"
