"""Where a phase of a run begins: what its frozen blocks give is stored, if that pays, and the world hears of it."""

from __future__ import annotations

from tlvsft.training.phases import Phase
from tlvsft.training.prefix_cache import StoredInputs
from tlvsft.training.preparation import Preparation
from tlvsft.training.progress import Progress
from tlvsft.training.stopping import ShouldStop


def store_prefix(run: Preparation, progress: Progress, phase: Phase | None, should_stop: ShouldStop) -> None:
    """Computes the frozen blocks once for the training examples of a phase that reads them several times.

    Args:
        run: In the phase: its blocks are frozen.
        progress: Tells how far it is, and counts what it took.
        phase: `None` for a method that takes no steps.
        should_stop: Asked between two batches.

    Raises:
        StopRequested: `should_stop` said so.
    """
    cache, model = run.objective.cache, run.model
    if run.stores_prefix(phase):
        cache.enter()
    else:
        cache.leave()
    prefix = model.prefix
    known = len(cache.notes)
    inputs = run.objective.enter_phase(
        should_stop, on_computed=lambda done: progress.prefix_computing(prefix, examples=done)
    )
    for note in cache.notes[known:]:
        progress.noted(note)
    if prefix is not None and isinstance(inputs, StoredInputs):
        run.stored.add(run.frozen_in(phase))
        progress.prefix_stored(
            prefix, computed_s=inputs.computed_s, reused=inputs.reused, size_bytes=inputs.values.nbytes
        )
