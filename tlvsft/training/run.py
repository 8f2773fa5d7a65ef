"""One run, from a config to a trained and tested model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import torch

from tlvsft.backbones import FLOAT32_ON_CPU, Arithmetic, fingerprint_statistics
from tlvsft.config import RunConfig
from tlvsft.errors import RunError
from tlvsft.events import Event, RunFinished, RunStopped
from tlvsft.training.activation_files import ActivationFiles
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.loop import fit
from tlvsft.training.memory import is_out_of_memory, peak_memory_bytes
from tlvsft.training.movement import Movement
from tlvsft.training.objectives import TestResult
from tlvsft.training.observing import Observation, Observer, observe
from tlvsft.training.optimizer import build_optimizer
from tlvsft.training.phases import Phase
from tlvsft.training.preparation import Preparation, prepare
from tlvsft.training.progress import Progress
from tlvsft.training.proving import Proof, is_intact
from tlvsft.training.randomness import derive_seed
from tlvsft.training.results import Snapshot, TrainedRun, find_changed_tensors
from tlvsft.training.similarity import Similarities
from tlvsft.training.starting import Start
from tlvsft.training.stopping import ShouldStop, StopRequested, never
from tlvsft.training.storing import store_prefix
from tlvsft.training.thawing import Thawing

if TYPE_CHECKING:
    from tlvsft.datasets import LabelledData, TextData


def train(
    config: RunConfig,
    *,
    on_event: Callable[[Event], None],
    should_stop: ShouldStop = never,
    on_checkpoint: Callable[[Snapshot], None] | None = None,
    start: Start | None = None,
    data: LabelledData | TextData | None = None,
    parameters: Hyperparameters | None = None,
    stores_prefix: bool = True,
    arithmetic: Arithmetic | None = None,
    observers: Sequence[Observer] = (),
    compares_representations: bool = False,
) -> TrainedRun:
    """Trains one variant, validates it on the way, tests it once at the end.

    Everything random is drawn from `config.seed`: the same seed on the same machine with the same number of threads
    gives the same curve, bit for bit. Not thread-safe: it seeds torch's global generator (and restores it).

    Args:
        config: What to train, on what.
        on_event: Hears what happens, from `RunStarted` to `RunFinished` or `RunStopped`; see `tlvsft.events`.
        should_stop: Asked at every step and between evaluation batches.
        on_checkpoint: Is given the model as it is at each evaluation, where anybody wants it.
        start: What an earlier run left, to start from it; else the run starts from the pretrained backbone.
        data: The data, where it is loaded already; by default what `config.dataset` names.
        parameters: How to train; by default as `tlvsft.training.defaults` says.
        stores_prefix: Whether to compute frozen blocks once where that pays, and to keep what they give for other runs.
        arithmetic: Device and precision; by default `tlvsft.backbones.choose_arithmetic` finds the machine's best.
        observers: Measure the trained model after its test; `tlvsft.training.observing` has them.
        compares_representations: Whether each evaluation also tells how much the blocks still resemble the pretrained
            ones; while that is measured, the run's clock stands still.

    Raises:
        InvalidInput: The config can't be run.
        NonFiniteLoss: The loss became NaN or infinite.
        RunError: Memory ran out.
    """
    started, start_memory_bytes = perf_counter(), peak_memory_bytes()
    files = ActivationFiles() if stores_prefix else None
    run = prepare(config, data, parameters, start, files=files, arithmetic=arithmetic)
    similarities = Similarities(run, should_stop) if compares_representations else None

    def on_validated() -> None:
        if on_checkpoint is not None:
            on_checkpoint(Snapshot(**_describe(run, progress)))
        if similarities is not None:
            similarities.tell(progress)

    progress = Progress(
        train_examples=run.objective.train_examples, on_event=on_event, on_validated=on_validated, started=started
    )
    on_event(run.started_event())
    result: TestResult | None = None
    observed = Observation()
    outcome: RunFinished | RunStopped
    try:
        with _seeded(config.seed), _memory_explained():
            finished, result = _train_and_test(run, progress, should_stop)
            observed = observe(run, result, observers, should_stop)
        outcome = _with_observed(finished, observed, progress, start_memory_bytes=start_memory_bytes)
    except StopRequested:
        result, observed = None, Observation()
        progress.read_losses()
        outcome = RunStopped(step=progress.step, elapsed_s=progress.elapsed_s)
    for event in (*observed.events, outcome):
        on_event(event)
    return TrainedRun(
        **_describe(run, progress),
        outcome=outcome,
        predictions=result.predictions if result else None,
        text_losses=result.text_losses if result else None,
        test_examples=run.objective.test_examples,
        arrays=observed.arrays,
    )


def _with_observed(
    finished: RunFinished, observed: Observation, progress: Progress, *, start_memory_bytes: int
) -> RunFinished:
    """The end of a run with what observers found, and the time that it took to find."""
    observed_s = observed.figures["observed_s"] + progress.clock.paused_s
    return replace(finished, start_memory_bytes=start_memory_bytes, **{**observed.figures, "observed_s": observed_s})


def _train_and_test(run: Preparation, progress: Progress, should_stop: ShouldStop) -> tuple[RunFinished, TestResult]:
    if run.model.arithmetic != FLOAT32_ON_CPU:
        progress.noted(f"Computed in {run.model.arithmetic}: another machine gives slightly different numbers.")
    for note in (*run.objective.notes, *run.objective.encode(should_stop)):
        progress.noted(note)
    progress.sample_drawn(run.objective.sample)
    proof, statistics = Proof(run), fingerprint_statistics(run.frozen)
    _adapt(run, progress, should_stop)
    proved, now = proof.conclude(), fingerprint_statistics(run.frozen)
    progress.frozen_proved(proved)
    drifted = sum(before != after for before, after in zip(statistics, now, strict=True))
    if run.adapters is not None:
        run.adapters.merge()
    for note in run.objective.encode_test(should_stop):
        progress.noted(note)
    result = run.objective.test(should_stop)
    finished = RunFinished(
        steps=progress.step,
        frozen_intact=is_intact(proved),
        elapsed_s=progress.elapsed_s,
        train_s=progress.train_s,
        examples_per_s=progress.examples / progress.train_s if progress.step else None,
        peak_memory_bytes=peak_memory_bytes(),
        reused_s=run.objective.cache.reused_s,
        prefix_blocks=progress.prefix_blocks,
        prefix_speedup=progress.prefix_speedup,
        frozen_norms=len(statistics),
        drifted_norms=drifted,
        **result.figures,
    )
    return finished, result


def _adapt(run: Preparation, progress: Progress, should_stop: ShouldStop) -> None:
    """Lets the head see the training examples, then trains what the method trains."""
    store_prefix(run, progress, run.phases[0] if run.phases else None, should_stop)
    started = perf_counter()
    run.objective.begin(should_stop)
    if run.plan is None or run.parameters is None:
        progress.train_s += perf_counter() - started
        Movement(run, progress).tell()
        progress.validated(run.objective.validate(should_stop))
        return
    blocks = run.backbone.blocks
    optimizer = build_optimizer(run.model, blocks, run.parameters)

    def on_phase(phase: Phase) -> None:
        progress.blocks_changed(run.ladder(phase.frozen))
        store_prefix(run, progress, phase, should_stop)

    thawing = Thawing(
        run.model,
        blocks,
        run.phases,
        parameters=run.parameters,
        optimizer=optimizer,
        on_phase=on_phase,
    )
    fit(
        run.objective,
        run.plan,
        optimizer=optimizer,
        thawing=thawing,
        movement=Movement(run, progress),
        progress=progress,
        should_stop=should_stop,
    )


def _describe(run: Preparation, progress: Progress) -> dict[str, Any]:
    """The fields of a `Snapshot`."""
    return {
        "step": progress.step,
        "class_names": run.objective.class_names,
        "changed_tensors": find_changed_tensors(run.state(), run.backbone.pretrained_state),
        "backbone_fingerprint": run.backbone.fingerprint,
    }


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seeds what draws from torch's global generator, dropout that is, and restores the generator afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "dropout"))
        yield


@contextmanager
def _memory_explained() -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise RunError(
            "Out of memory: close other programs, freeze more blocks, or choose a smaller backbone or shorter inputs."
        ) from error
