"""Where the test examples lie for the backbone, before and after: on two axes, and in a number from the whole space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.evidence.observed import Observed
from tlvsft.comparison.figures import percent, signed
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
Interval = Callable[["np.ndarray", "np.ndarray"], tuple[float, float]]
_DECIMALS = 3
_RESAMPLES = 10_000


@dataclass(frozen=True, kw_only=True)
class Change:
    """A number after a side's training, beside the same of the pretrained backbone; means over seeds.

    Attributes:
        value: After it.
        difference: From the pretrained backbone's.
        ci95: The 95 % interval of the difference.
    """

    value: float
    difference: float
    ci95: tuple[float, float]

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval takes in no difference."""
        return self.ci95[0] <= 0 <= self.ci95[1]


@dataclass(frozen=True, kw_only=True)
class Apartness:
    """How far apart the classes lie after a side's training, measured in all features.

    Attributes:
        silhouette: Mean over the examples, −1 to 1.
        nearest_is_alike: For which share of them the nearest other one is of their class, 0–1.
        is_same: Whether every representation is exactly what it was.
        is_control: Whether the side started from random weights.
    """

    silhouette: Change
    nearest_is_alike: Change
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
        silhouette: Of the pretrained backbone.
        nearest_is_alike: The same; see `Apartness`.
        sides: After each side's training.
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
    silhouette: float
    nearest_is_alike: float
    sides: Mapping[Side, Apartness]
    pca: Places
    kept: tuple[float, float]
    tsne: Tsne | None

    @property
    def sentence(self) -> str:
        """How far apart the classes lie, before and after, and whether a difference may be chance."""
        over = f", means over {self.seeds} seeds" if self.seeds > 1 else ""
        first = (
            f"Before training, the classes of {len(self.labels):,} test examples have a silhouette of "
            f"{_number(self.silhouette)} (0 is mixed, 1 far apart{over})"
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
            "before": {"silhouette": self.silhouette, "nearest_is_alike": self.nearest_is_alike},
            "sides": {side: _as_dict(found) for side, found in self.sides.items()},
            "pca": {"kept": list(self.kept), "places": _as_lists(self.pca)},
            "tsne": None if self.tsne is None else asdict(self.tsne) | {"places": _as_lists(self.tsne.places)},
        }

    def _describe(self, side: Side) -> str:
        found, name = self.sides[side], capitalise(self.names[side])
        if found.is_same:
            return f"{name}: all lie where they lay."
        change, share = found.silhouette, percent(found.nearest_is_alike.value)
        low, high = (_signed(value) for value in change.ci95)
        chance = ", which may be chance" if change.may_be_chance else ""
        gain = f"{_signed(change.difference)}, 95 % interval {low} to {high}{chance}"
        alike = f"the nearest neighbour is of the same class for {share}, before for {percent(self.nearest_is_alike)}"
        return f"{name}: {_number(change.value)} ({gain}); {alike}."


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
    before, sides = _measure(observed, list(kept.values()))
    return ProjectionEvidence(
        names=dict(observed.names),
        class_names=started.class_names,
        labels=tuple(first.labels.tolist()),
        examples=tuple(first.examples.tolist()),
        seed=config.seed,
        seeds=config.seeds,
        silhouette=before[0],
        nearest_is_alike=before[1],
        sides=sides,
        pca={name: _as_pairs(places) for name, places in principal.places.items()},
        kept=principal.shares,
        tsne=_read_tsne(observed, len(first.labels)),
    )


def _measure(observed: Observed, kept: Sequence[Features]) -> tuple[tuple[float, float], dict[Side, Apartness]]:
    """Silhouette and nearest neighbours before, and both after each side's training."""
    import numpy as np

    from tlvsft.evaluation.projection import nearest_is_alike, silhouettes

    apart, alike = (
        {panel: np.stack([measure(one.panels[panel], one.labels) for one in kept]) for panel in PANELS}
        for measure in (silhouettes, nearest_is_alike)
    )  # each (seeds, examples)
    sides: dict[Side, Apartness] = {}
    for side in SIDES:
        sides[side] = Apartness(
            silhouette=_change(apart["before"], apart[side], _interval_of_means),
            nearest_is_alike=_change(alike["before"], alike[side], _interval_of_shares),
            is_same=all(np.array_equal(one.panels[BEFORE], one.panels[side]) for one in kept),
            is_control=not get_method(observed.config.variant(side).method).pretrained,
        )
    return (float(apart["before"].mean()), float(alike["before"].mean())), sides


def _change(before: np.ndarray, after: np.ndarray, interval: Interval) -> Change:
    """What a number of each seed and example, `(seeds, examples)`, has become."""
    difference = float(after.mean()) - float(before.mean())
    ci95 = (0.0, 0.0) if (before == after).all() else interval(before, after)
    return Change(value=float(after.mean()), difference=difference, ci95=ci95)


def _interval_of_shares(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    from tlvsft.evaluation.statistics import mcnemar, two_way_bootstrap

    return (mcnemar(before[0], after[0]) if len(before) == 1 else two_way_bootstrap(before, after)).ci95


def _interval_of_means(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    import numpy as np

    from tlvsft.evaluation.statistics import central_interval, redraw_both_ways, resample_mean

    if len(before) > 1:
        return central_interval(redraw_both_ways(before, after, resamples=_RESAMPLES, seed=0))
    return central_interval(resample_mean(after[0] - before[0], _RESAMPLES, np.random.default_rng(0)))


def _read_tsne(observed: Observed, examples: int) -> Tsne | None:
    """What was computed before; `None` where nothing was, or what is there is damaged."""
    facts = read_tsne(observed.store, observed.comparison.id)
    if facts is None:
        return None
    try:
        places = {panel: [(float(x), float(y)) for x, y in facts["places"][panel]] for panel in PANELS}
    except (KeyError, TypeError, ValueError):
        return None
    if any(len(found) != examples for found in places.values()):
        return None
    return Tsne(**(facts | {"places": places}))


def _as_pairs(places: np.ndarray) -> list[tuple[float, float]]:
    return [(round(float(x), _DECIMALS), round(float(y), _DECIMALS)) for x, y in places]


def _as_lists(places: Places) -> dict[str, list[list[float]]]:
    return {name: [[x, y] for x, y in pairs] for name, pairs in places.items()}


def _as_dict(found: Apartness) -> dict[str, Any]:
    """With the intervals as JSON has them."""
    described = asdict(found)
    for name in ("silhouette", "nearest_is_alike"):
        described[name]["ci95"] = list(described[name]["ci95"])
    return described


def _number(value: float) -> str:
    return f"{round(value, 2) or 0.0:.2f}".replace("-", "−")


def _signed(value: float) -> str:
    return signed(value, decimals=3)
