"""t-SNE of a comparison's test examples: computed once, beside everything else, and kept with the comparison.

It takes seconds, so nobody waits for it: the page has a process of its own compute it, the command line computes it
before it writes. What a server that ended hasn't computed, the next one that is asked does.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlvsft.config import SIDES
from tlvsft.errors import StoreError, TlvsftError
from tlvsft.runs.artifacts import TSNE_FILE, load_observed, load_tsne, save_tsne
from tlvsft.runs.processes import redirect_output

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.runs.records import ComparisonRecord
    from tlvsft.runs.store import Store

BEFORE = "before"
LOG_FILE = "tsne.log"
_REPRESENTATIONS = "representations"
_ARRAYS = ("before", "after", "labels", "examples")
_DECIMALS = 2
_NICENESS = 10
"""Runs that train go first."""
_FIELDS = frozenset({"perplexity", "iterations", "seed", "divergence", "places"})


@dataclass(frozen=True, eq=False, kw_only=True)
class Features:
    """What the head reads of the same test examples: before, and after each side's training.

    Attributes:
        panels: By `before`, `left`, `right`; each `(examples, features)`, float16, on one scale.
        labels: Their classes, `(examples,)`.
        examples: Their places in the test split, `(examples,)`.
    """

    panels: dict[str, np.ndarray]
    labels: np.ndarray
    examples: np.ndarray


def load_representations(store: Store, comparison: ComparisonRecord, seed: int) -> Features:
    """What the runs of one seed kept.

    Raises:
        InvalidInput: One of them kept nothing.
        StoreError: A file is damaged, or the two don't belong together.
    """
    import numpy as np

    left, right = (
        load_observed(store.run_folder(comparison.run(side, seed).id), _REPRESENTATIONS, _ARRAYS) for side in SIDES
    )
    panels = {BEFORE: left["before"], "left": left["after"], "right": right["after"]}
    if not all(np.isfinite(array).all() for array in panels.values()):
        raise StoreError("The representations have values that aren't numbers: train again.")
    shapes = {array.shape for array in panels.values()}
    same = np.array_equal(left["examples"], right["examples"])
    if not same or len(shapes) != 1 or len(left["labels"]) != len(left["before"]) or len(left["labels"]) < 2:
        raise StoreError("The representations of the two sides don't belong together: train again.")
    return Features(panels=panels, labels=left["labels"], examples=left["examples"])


def read_tsne(store: Store, comparison_id: str) -> dict[str, Any] | None:
    """What was computed before; `None` where nothing was, or the file is no good."""
    try:
        facts = load_tsne(store.comparison_folder(comparison_id))
    except TlvsftError:
        return None
    return facts if isinstance(facts, dict) and facts.keys() == _FIELDS else None


def has_tsne(store: Store, comparison_id: str) -> bool:
    """Whether it was computed; a look at which files there are."""
    return (store.comparison_folder(comparison_id) / TSNE_FILE).exists()


def wants_tsne(store: Store, comparison: ComparisonRecord) -> bool:
    """Whether t-SNE can be computed and wasn't; a look at which files there are."""
    if not comparison.is_finished or comparison.config.task == "language_modeling":
        return False
    if has_tsne(store, comparison.id):
        return False
    runs = [comparison.run(side, comparison.config.seed) for side in SIDES]
    return all((store.run_folder(run.id) / f"{_REPRESENTATIONS}.npz").exists() for run in runs)


def compute_tsne(store: Store, comparison_id: str) -> None:
    """Computes it, if it can be and wasn't, and keeps it; some seconds.

    Raises:
        InvalidInput: There is no such comparison (any more).
        StoreError: Files can't be read or written.
    """
    comparison = store.comparison(comparison_id)
    if not wants_tsne(store, comparison):
        return
    from tlvsft.evaluation.projection import ITERATIONS, TSNE_SEED, fit_tsne

    embedded = fit_tsne(load_representations(store, comparison, comparison.config.seed).panels)
    if embedded is None:
        return
    store.comparison(comparison_id)  # who was deleted meanwhile gets no folder again
    places = {
        name: [[round(float(x), _DECIMALS), round(float(y), _DECIMALS)] for x, y in array]
        for name, array in embedded.places.items()
    }
    facts = {
        "perplexity": embedded.perplexity,
        "iterations": ITERATIONS,
        "seed": TSNE_SEED,
        "divergence": round(embedded.divergence, 4),
        "places": places,
    }
    save_tsne(store.comparison_folder(comparison_id), facts)


def complete_evidence(store: Store, comparison_id: str) -> None:
    """Computes it before something is written in which it should stand; where that doesn't work, it is left out."""
    with contextlib.suppress(TlvsftError):
        compute_tsne(store, comparison_id)


def compute_as_process(home: Path, comparison_id: str) -> None:
    """Entry of a process that computes one comparison's; what goes wrong is in `tsne.log`."""
    from tlvsft.runs.store import Store

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    redirect_output(home / LOG_FILE)
    store = Store(home)
    compute_tsne(store, comparison_id)
    store.close()
