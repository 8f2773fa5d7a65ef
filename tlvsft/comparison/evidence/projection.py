"""Where the test examples lie for the backbone, before and after: on two axes, and in a number from the whole space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.figures import percent
from tlvsft.comparison.naming import capitalise
from tlvsft.comparison.projecting import BEFORE, Features, load_representations, read_tsne
from tlvsft.config import SIDES, Side
from tlvsft.errors import StoreError
from tlvsft.events import RunStarted

if TYPE_CHECKING:
    import numpy as np

Panel = Literal["before", "left", "right"]
PANELS: tuple[Panel, ...] = ("before", "left", "right")
Places = Mapping[str, Sequence[tuple[float, float]]]
"""For each panel where its examples lie."""
_DECIMALS = 3


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """How many examples lie nearest to another one of their class, after a side's training; means over seeds.

    Attributes:
        share: 0–1.
        difference: From the pretrained backbone's share.
        ci95: The 95 % interval of the difference.
        is_same: Whether every representation is exactly what it was.
        is_control: Whether the side started from random weights.
    """

    share: float
    difference: float
    ci95: tuple[float, float]
    is_same: bool
    is_control: bool


@dataclass(frozen=True, kw_only=True)
class Tsne:
    """What t-SNE made of all panels together; `docs/evidence.md` says what its parameters mean."""

    perplexity: float
    iterations: int
    seed: int
    divergence: float
    places: Places


@dataclass(frozen=True, kw_only=True)
class ProjectionEvidence:
    """Where the same test examples lie in each panel: for the pretrained backbone, and after each side's training.

    Attributes:
        names: What the sides are called inside a sentence.
        class_names: By their numbers.
        labels: The class of each example.
        examples: Their places in the test split.
        seed: Of which seed the places are.
        seeds: How many the shares are means over.
        before: The share that lies nearest to its own class for the pretrained backbone.
        neighbours: The same after each side's training.
        pca: Places on the two principal axes of all panels together.
        kept: How much of the variance each of these axes keeps.
        tsne: `None` until it has been computed.
    """

    names: Mapping[Side, str]
    class_names: tuple[str, ...]
    labels: tuple[int, ...]
    examples: tuple[int, ...]
    seed: int
    seeds: int
    before: float
    neighbours: Mapping[Side, Neighbours]
    pca: Places
    kept: tuple[float, float]
    tsne: Tsne | None

    @property
    def sentence(self) -> str:
        """How many lie nearest to their own class, before and after, and whether that may be chance."""
        over = f" (means over {self.seeds} seeds)" if self.seeds > 1 else ""
        first = (
            f"Before training, {percent(self.before)} of {len(self.labels):,} test examples lie nearest to another one "
            f"of their class{over}"
        )
        return f"{first}. {' '.join(self._describe(side) for side in SIDES)}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "seed": self.seed,
            "seeds": self.seeds,
            "class_names": list(self.class_names),
            "labels": list(self.labels),
            "examples": list(self.examples),
            "nearest_is_alike": {
                "before": self.before,
                **{side: asdict(found) | {"ci95": list(found.ci95)} for side, found in self.neighbours.items()},
            },
            "pca": {"kept": list(self.kept), "places": _as_lists(self.pca)},
            "tsne": None if self.tsne is None else asdict(self.tsne) | {"places": _as_lists(self.tsne.places)},
        }

    def _describe(self, side: Side) -> str:
        found, name = self.neighbours[side], capitalise(self.names[side])
        if found.is_same:
            return f"{name}: all lie where they lay."
        low, high = (_points(value) for value in found.ci95)
        chance = ", which may be chance" if found.ci95[0] <= 0 <= found.ci95[1] else ""
        gain = f"{_points(found.difference)} points, 95 % interval {low} to {high}{chance}"
        return f"{name}: {percent(found.share)} ({gain})."


def read_projection(observed: Observed) -> ProjectionEvidence | None:
    """Projects the representations that the runs kept; `None` where they kept none.

    Raises:
        InvalidInput: Not every run kept its representations.
        StoreError: A file is damaged, or the files don't belong together.
    """
    config = observed.config
    if config.task == "language_modeling":
        return None
    started = observed.runs["left", config.seed].last(RunStarted)
    if started is None:
        return None
    from tlvsft.evaluation.projection import fit_pca

    kept = {seed: load_representations(observed.store, observed.comparison, seed) for seed in config.all_seeds()}
    first = kept[config.seed]
    if int(first.labels.max()) >= len(started.class_names):
        raise StoreError("The representations have classes that the run doesn't know: train again.")
    principal = fit_pca(first.panels)
    before, neighbours = _count_neighbours(observed, list(kept.values()))
    return ProjectionEvidence(
        names=dict(observed.names),
        class_names=started.class_names,
        labels=tuple(first.labels.tolist()),
        examples=tuple(first.examples.tolist()),
        seed=config.seed,
        seeds=config.seeds,
        before=before,
        neighbours=neighbours,
        pca={name: _as_pairs(places) for name, places in principal.places.items()},
        kept=principal.shares,
        tsne=_read_tsne(observed, len(first.labels)),
    )


def _count_neighbours(observed: Observed, kept: Sequence[Features]) -> tuple[float, dict[Side, Neighbours]]:
    import numpy as np

    from tlvsft.evaluation.projection import nearest_is_alike

    alike: dict[str, np.ndarray] = {
        panel: np.stack([nearest_is_alike(features.panels[panel], features.labels) for features in kept])
        for panel in PANELS
    }  # each (seeds, examples)
    neighbours: dict[Side, Neighbours] = {}
    for side in SIDES:
        difference, ci95 = _compare(alike[BEFORE], alike[side])
        neighbours[side] = Neighbours(
            share=float(alike[side].mean()),
            difference=difference,
            ci95=ci95,
            is_same=all(np.array_equal(features.panels[BEFORE], features.panels[side]) for features in kept),
            is_control=not get_method(observed.config.variant(side).method).pretrained,
        )
    return float(alike[BEFORE].mean()), neighbours


def _compare(before: np.ndarray, after: np.ndarray) -> tuple[float, tuple[float, float]]:
    """The difference of two shares on the same examples, `(seeds, examples)` bool each, and its interval."""
    from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap

    found = mcnemar(before[0], after[0]) if len(before) == 1 else two_way_bootstrap(before, after)
    return found.difference, found.ci95


def _read_tsne(observed: Observed, examples: int) -> Tsne | None:
    facts = read_tsne(observed.store, observed.comparison.id)
    if facts is None or any(len(facts["places"][panel]) != examples for panel in PANELS):
        return None
    places = {panel: [(float(x), float(y)) for x, y in facts["places"][panel]] for panel in PANELS}
    return Tsne(**(facts | {"places": places}))


def _as_pairs(places: np.ndarray) -> list[tuple[float, float]]:
    return [(round(float(x), _DECIMALS), round(float(y), _DECIMALS)) for x, y in places]


def _as_lists(places: Places) -> dict[str, list[list[float]]]:
    return {name: [[x, y] for x, y in pairs] for name, pairs in places.items()}


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
