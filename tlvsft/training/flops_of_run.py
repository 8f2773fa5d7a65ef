"""What a run's training computed, counted after its test: to count every step would slow the run down."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction

import numpy as np
import torch

from tlvsft.events import Noted
from tlvsft.tasks import EncodedInputs
from tlvsft.tasks.masking import NOT_PREDICTED
from tlvsft.training.flop_bench import TARGETS, Bench, Curve
from tlvsft.training.objectives import TestResult
from tlvsft.training.observing import Observation
from tlvsft.training.phases import Phase
from tlvsft.training.plan import Indices
from tlvsft.training.prefix_cache import COMPUTED_TOGETHER, EXAMPLES_TRIED
from tlvsft.training.preparation import Preparation
from tlvsft.training.reading import EVALUATION_BATCH, batches_by_length
from tlvsft.training.stopping import ShouldStop, check_stop, never

Work = Counter[int]
"""How many examples are padded to which length."""
NOTHING = Curve(())
NOT_COUNTED = "The operations of this run couldn't be counted: its cost is told in seconds and bytes alone."


@dataclass(frozen=True, kw_only=True)
class RunFlops:
    """Floating-point operations of a run's training, as `tlvsft.events.RunFinished` has them."""

    train_flops: int
    uncached_flops: int


def observe_flops(run: Preparation, _result: TestResult, should_stop: ShouldStop) -> Observation:
    """Counts a run's training; see `tlvsft.training.observing`. A run is good, too, where that can't be done."""
    try:
        counted = count_run_flops(run, should_stop)
    except (MemoryError, RuntimeError):  # too little memory for it, or a model of the Hub that can't be copied
        return Observation(events=(Noted(message=NOT_COUNTED),))
    return Observation(figures=asdict(counted))


def count_run_flops(run: Preparation, should_stop: ShouldStop = never) -> RunFlops:
    """Counts what was computed in training: phase by phase, over the batches that the run had.

    Raises:
        StopRequested: `should_stop` said so.
    """
    devices = range(torch.cuda.device_count()) if run.model.arithmetic.device == "cuda" else []
    with torch.random.fork_rng(devices=devices):  # dropout draws
        return _count(run, should_stop)


def _count(run: Preparation, should_stop: ShouldStop) -> RunFlops:
    bench, inputs = Bench(run), run.objective.training_inputs
    words = _count_words(inputs, should_stop)
    trained = uncached = Fraction(0)
    for phase, batches in _phases_with_batches(run):
        check_stop(should_stop)
        is_stored = run.frozen_in(phase) in run.stored
        bench.enter(phase, stored=is_stored)
        work = _padded(batches, inputs.lengths)
        computed = Fraction(0)
        if batches:
            step = bench.step_cost()
            computed += _sum(step.example, work) + step.word * sum(int(words[indices].sum()) for indices in batches)
        if phase is None or phase.start == 0:
            first = _padded(_batches_read_first(run, should_stop), inputs.lengths)
            work += first
            computed += 0 if bench.stores_all or not first else _sum(bench.reading_cost(), first)
        trained += computed
        uncached += computed
        if is_stored:
            saving = _Saving(bench, inputs.lengths)
            trained += saving.spent(should_stop)
            uncached += saving.saved(work)
    return RunFlops(train_flops=round(trained), uncached_flops=round(uncached))


def _phases_with_batches(run: Preparation) -> Iterator[tuple[Phase | None, Sequence[Indices]]]:
    """Each phase with its batches; of a method without steps nothing but its end."""
    if run.plan is None:
        yield None, ()
        return
    batches = list(run.plan.batches(run.objective.lengths))
    ends = [*[phase.start for phase in run.phases[1:]], run.plan.total_steps]
    for phase, end in zip(run.phases, ends, strict=True):
        yield phase, batches[phase.start : end]


def _batches_read_first(run: Preparation, should_stop: ShouldStop) -> Iterator[Indices]:
    """The training examples that the head sees before the first step."""
    lengths, at_most = run.objective.lengths, run.objective.read_first
    if at_most:
        yield from batches_by_length(lengths, should_stop, every=math.ceil(len(lengths) / at_most))


class _Saving:
    """What storing the outputs of frozen blocks costs in a phase, and what it saves."""

    def __init__(self, bench: Bench, lengths: Indices) -> None:
        self._lengths = lengths
        self._stores_all = bench.stores_all
        self._prefix = bench.prefix_cost()
        self._whole = self._prefix if self._stores_all else bench.reading_cost(uses_stored=False)
        self._rest = NOTHING if self._stores_all else bench.reading_cost()

    def spent(self, should_stop: ShouldStop) -> Fraction:
        """All training examples once, and the few with which the cache sees whether the model can go on from them."""
        together = batches_by_length(self._lengths, should_stop, size=COMPUTED_TOGETHER)
        spent = _sum(self._prefix, _padded(together, self._lengths))
        tried = _padded([np.arange(min(EXAMPLES_TRIED, len(self._lengths)))], self._lengths)
        if self._stores_all:
            return spent + _sum(self._prefix, tried)
        return spent + 2 * _sum(self._prefix, tried) + _sum(self._whole, tried) + _sum(self._rest, tried)

    def saved(self, work: Work) -> Fraction:
        """What reading these would have cost more; an embedding below the stored outputs is computed all the same."""
        return _sum(self._whole, work) - _sum(self._rest, work)


def _padded(batches: Sequence[Indices] | Iterator[Indices], lengths: Indices) -> Work:
    work: Work = Counter()
    for indices in batches:
        work[int(lengths[indices].max())] += len(indices)
    return work


def _sum(curve: Curve, work: Work) -> Fraction:
    return sum((count * curve.at(length) for length, count in work.items()), Fraction(0))


def _count_words(inputs: EncodedInputs, should_stop: ShouldStop) -> Indices:
    """How many words each training example predicts, shape `(examples,)`; none for classes."""
    words = np.zeros(len(inputs.lengths), dtype=np.int64)
    if TARGETS not in inputs.batch(np.arange(1)):
        return words
    for indices in batches_by_length(inputs.lengths, should_stop, size=EVALUATION_BATCH):
        words[indices] = (inputs.batch(indices)[TARGETS] != NOT_PREDICTED).sum(dim=1).numpy()
    return words
