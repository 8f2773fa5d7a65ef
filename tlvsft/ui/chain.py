"""The three tasks as the store knows them: pretraining, adaptation, and the task that starts from the adapted model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.comparison import Verdict
from tlvsft.config import SIDES, Side, parse_run_reference
from tlvsft.errors import InvalidInput
from tlvsft.events import RunFinished
from tlvsft.runs.records import ComparisonRecord, RunRecord
from tlvsft.runs.store import Store
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.services import Services
from tlvsft.ui.setup import is_to_come
from tlvsft.ui.texts import predicts_words
from tlvsft.ui.verdicts import read_verdict
from tlvsft.ui.visitor import Visitor

COMPARISONS_SEARCHED = 30
TRAINING_FILE = "training.json"


@dataclass(frozen=True, kw_only=True)
class Chain:
    """An adaptation, and the comparison of which one variant starts from it.

    Attributes:
        adaptation: The comparison in which the language model was adapted.
        last: The comparison that starts from it.
        adapted: The side of `adaptation` that it starts from.
        detour: The side of `last` that starts there.
    """

    adaptation: ComparisonRecord
    last: ComparisonRecord
    adapted: Side
    detour: Side

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is on its way any more."""
        return self.adaptation.is_over and self.last.is_over

    @property
    def ids(self) -> tuple[str, str]:
        """Its comparisons, in their order."""
        return self.adaptation.id, self.last.id

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """The runs of both."""
        return self.adaptation.runs + self.last.runs


@dataclass(frozen=True, kw_only=True)
class ChainProgress:
    """A chain, and how far it is.

    Attributes:
        progress: Where each of its runs stands.
        verdict: What its last comparison says, once it is finished.
    """

    chain: Chain
    progress: Mapping[str, RunProgress]
    verdict: Verdict | None = None

    def side_progress(self, comparison: ComparisonRecord, side: Side) -> list[RunProgress]:
        """Where the runs of one side stand, seed after seed."""
        return [self.progress[run.id] for run in comparison.runs if run.side == side]

    def finishes(self, comparison: ComparisonRecord, side: Side) -> list[RunFinished]:
        """The last words of one side's finished runs."""
        return [progress.finish for progress in self.side_progress(comparison, side) if progress.finish is not None]

    @property
    def adaptation_s(self) -> float | None:
        """What adapting the variant that the last task starts from took, in seconds, averaged over seeds."""
        times = [finish.cost_s for finish in self.finishes(self.chain.adaptation, self.chain.adapted)]
        return fmean(times) if times else None


def find_chain(store: Store, visitor: Visitor) -> Chain | None:
    """The chain that the comparison on the screen belongs to, else the newest that this visitor may see."""
    recent = store.comparisons(owner=visitor.owner, limit=COMPARISONS_SEARCHED)
    viewed = [record for record in recent if record.id == visitor.viewing]
    newest = None
    for record in [*viewed, *recent]:
        chain = chain_of(store, record, visitor)
        if chain is not None and visitor.viewing in chain.ids:
            return chain
        newest = newest or chain
    return newest


def chain_of(store: Store, last: ComparisonRecord, visitor: Visitor) -> Chain | None:
    """The chain that ends with a comparison; `None` if neither of its variants starts from an adapted model."""
    if predicts_words(last.config):
        return None
    for side in SIDES:
        start = last.config.variant(side).start
        if start is None or is_to_come(start):
            continue
        named = parse_run_reference(start)
        try:
            adaptation = store.visible_comparison(named.comparison_id, viewer=visitor.owner)
        except InvalidInput:
            continue
        if predicts_words(adaptation.config):
            return Chain(adaptation=adaptation, last=last, adapted=named.side, detour=side)
    return None


def may_be_in_chain(comparison: ComparisonRecord | None) -> bool:
    """Whether a comparison could belong to a chain: seen from its config alone, without a look into the store."""
    if comparison is None:
        return False
    return predicts_words(comparison.config) or any(comparison.config.variant(side).start for side in SIDES)


def read_chain(services: Services, visitor: Visitor) -> ChainProgress | None:
    """The chain to be shown to a visitor, freshly read."""
    chain = find_chain(services.store, visitor)
    if chain is None:
        return None
    progress = {run.id: services.feed.progress(run.id) for run in chain.runs}
    return ChainProgress(chain=chain, progress=progress, verdict=read_verdict(services.store, chain.last))


@dataclass(frozen=True, kw_only=True)
class Pretraining:
    """How a bundled language model was made, from the file beside its weights.

    Attributes:
        tokens: Tokens that it was trained on, repeats included.
        perplexity: Per token of held-out text of its own kind.
        elapsed_s: How long that took, in seconds.
    """

    backbone: str
    tokens: int
    perplexity: float
    elapsed_s: float


@cache
def read_pretraining(backbone: str) -> Pretraining | None:
    """What is known of a backbone's pretraining; `None` if it isn't a bundled language model."""
    bundled = BACKBONES.get(backbone)
    if bundled is None:
        return None
    known = json.loads((bundled.path / TRAINING_FILE).read_text(encoding="utf-8"))
    if "perplexity" not in known["metrics"]:
        return None
    return Pretraining(
        backbone=backbone,
        tokens=known["examples_seen"],
        perplexity=known["metrics"]["perplexity"],
        elapsed_s=known["elapsed_s"],
    )
