"""Language modelling comparisons in a real store, and runs that start from others, without training anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tlvsft.config import ComparisonConfig, DatasetConfig, Side, VariantConfig
from tlvsft.events import (
    Ancestor,
    BlocksChanged,
    BlockStatus,
    Descended,
    Evaluated,
    Event,
    RunFinished,
    RunStarted,
    StepTaken,
)
from tlvsft.runs.artifacts import save_text_losses
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

BEFORE, SOURCE_BEFORE = 141.6, 111.0
SOURCE_AFTER: dict[Side, float | None] = {"left": 162.0, "right": 215.0}
TOKENS = np.tile([20, 60, 100], 40)  # (120,)
FROZEN = (
    BlockStatus(name="embedding", parameters=50, state="frozen"),
    BlockStatus(name="0", parameters=30, state="frozen"),
    BlockStatus(name="head", parameters=20, state="trains", head="kept"),
)
THAWED = (FROZEN[0], BlockStatus(name="0", parameters=30, state="trains"), FROZEN[2])
LANGUAGE_CONFIG = ComparisonConfig(
    backbone="wiki-gpt",
    dataset=DatasetConfig(name="book-reviews"),
    left=VariantConfig(method="partial"),
    task="language_modeling",
)
DESCENDANT_CONFIG = ComparisonConfig(
    backbone="wiki-gpt",
    dataset=DatasetConfig(name="book-reviews"),
    left=VariantConfig(method="full"),
    right=VariantConfig(method="full", start="abcdefghijklmnop-left"),
)
ADAPTED = Ancestor(
    run_id="abcdefghijklmnop-left-0",
    comparison_id="abcdefghijklmnop",
    side="left",
    seed=0,
    task="language_modeling",
    method="partial",
    dataset="book-reviews",
    steps=100,
    elapsed_s=38.0,
    train_s=30.0,
    perplexity_before=BEFORE,
    perplexity=71.9,
    source_perplexity_before=SOURCE_BEFORE,
    source_perplexity_after=162.0,
)


def record_language_runs(
    store: Store,
    config: ComparisonConfig,
    perplexities: Mapping[tuple[Side, int], float],
    *,
    source: Mapping[Side, float | None] = SOURCE_AFTER,
) -> str:
    """Adds a comparison whose runs came out with these perplexities on the test texts, and returns its id."""
    comparison_id = store.add_comparison(config, owner=None)
    finish_language_runs(store, comparison_id, perplexities, source=source)
    return comparison_id


def finish_language_runs(
    store: Store,
    comparison_id: str,
    perplexities: Mapping[tuple[Side, int], float],
    *,
    source: Mapping[Side, float | None] = SOURCE_AFTER,
) -> None:
    """Ends runs of language modelling as a worker would; those without a perplexity wait."""
    for number, run in enumerate(store.comparison(comparison_id).runs):
        if (run.side, run.seed) not in perplexities:
            continue
        perplexity = perplexities[run.side, run.seed]
        noise = np.random.default_rng(number).normal(size=len(TOKENS)) * 0.02
        losses = (np.log(perplexity) + noise - (noise @ TOKENS) / TOKENS.sum()) * TOKENS
        store.begin_run(run.id, ProcessIdentity.own())
        store.append_events(run.id, language_events())
        save_text_losses(store.run_folder(run.id), losses=losses, tokens=TOKENS)
        finish = RunFinished(
            steps=2,
            frozen_intact=True,
            perplexity_before=BEFORE,
            perplexity=perplexity,
            source_perplexity_before=SOURCE_BEFORE,
            source_perplexity_after=source[run.side],
            elapsed_s=30.0 if run.side == "left" else 39.0,
            train_s=20.0 if run.side == "left" else 26.0,
            examples_per_s=40.0,
            peak_memory_bytes=1_000_000,
        )
        store.end_run(run.id, "finished", event=finish)


def language_events() -> list[Event]:
    """What a run of language modelling says before it ends."""
    return [
        RunStarted(
            trainable_parameters=50,
            total_parameters=100,
            blocks=FROZEN,
            total_steps=2,
            epochs=1,
            train_examples=20,
            class_names=(),
        ),
        StepTaken(step=1, epoch=0.5, elapsed_s=0.5, train_loss=5.0, examples=10),
        BlocksChanged(step=1, blocks=THAWED),
        StepTaken(step=2, epoch=1.0, elapsed_s=0.9, train_loss=4.5, examples=20),
        Evaluated(step=2, epoch=1.0, elapsed_s=1.0, val_loss=4.4, val_accuracy=None, examples=20, val_perplexity=81.45),
    ]


def add_descendant(store: Store, config: ComparisonConfig, side: Side, lineage: Sequence[Ancestor] = (ADAPTED,)) -> str:
    """Adds a comparison of which one side's runs have a lineage, and returns its id; its runs wait."""
    comparison_id = store.add_comparison(config, owner=None)
    for run in store.comparison(comparison_id).runs:
        if run.side == side:
            store.append_event(run.id, Descended(lineage=tuple(lineage)))
    return comparison_id
