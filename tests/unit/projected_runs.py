"""Finished comparisons whose runs kept representations: three clusters, tighter after the right side's training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.unit.evidence_runs import finish_observed
from tlvsft.config import ComparisonConfig, Side
from tlvsft.events import RunStarted
from tlvsft.runs.store import Store

CLASSES = ("<b>cat</b>", "dog", "eel")
EXAMPLES = 30
LABELS = np.arange(EXAMPLES) % len(CLASSES)
Arrays = dict[str, np.ndarray]


def lie(spread: float, seed: int) -> np.ndarray:
    """Three clusters, the looser the larger `spread` is."""
    rng = np.random.default_rng(seed)
    corners = np.eye(3, 5)[LABELS]
    return np.asarray((2 * corners + spread * rng.normal(size=(EXAMPLES, 5))).astype(np.float16))


def kept(side: Side, seed: int, **changes: np.ndarray) -> Arrays:
    """The left side stays as it was, the right side's clusters are tighter."""
    before = lie(1.2, 0)
    after = before if side == "left" else lie(0.3, seed + 1)
    return {"before": before, "after": after, "labels": LABELS, "examples": np.arange(EXAMPLES) * 2} | changes


def finish_projected(
    store: Store,
    config: ComparisonConfig,
    keep: Callable[[Side, int], Arrays] = kept,
    classes: tuple[str, ...] = CLASSES,
) -> str:
    """Adds a comparison whose runs kept what `keep` gives for each side and seed, and returns its id."""
    started = RunStarted(
        trainable_parameters=1,
        total_parameters=2,
        blocks=(),
        total_steps=2,
        epochs=1,
        train_examples=3,
        class_names=classes,
    )
    return finish_observed(
        store,
        config,
        events=lambda _side, _seed: [started],
        arrays=lambda side, seed: {"representations": keep(side, seed)},
    )
