"""Where examples lie for a backbone: two axes to look at, and a number from all axes, which a picture can't show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

TSNE_SEED = 0
PERPLEXITY = 30.0
"""About how many neighbours count for each example. Source: van der Maaten & Hinton 2008, JMLR 9: 5 to 50."""
ITERATIONS = 1_000
_LEAST_TSNE = 8
"""With fewer points there is nothing that t-SNE could arrange."""

Features = Mapping[str, np.ndarray]
"""By name, the same examples in different representations of one width, each `(examples, features)`."""
Places = dict[str, np.ndarray]
"""By the same names, `(examples, 2)`."""


@dataclass(frozen=True, eq=False)
class Principal:
    """Places on the two axes along which the examples of all representations together vary most.

    Attributes:
        shares: How much of their variance each of the two axes keeps, 0–1.
    """

    places: Places
    shares: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Embedded:
    """Places that t-SNE found.

    Attributes:
        perplexity: As it was used.
        divergence: What was left between the neighbourhoods in the two spaces, in nats (Kullback-Leibler).
    """

    places: Places
    perplexity: float
    divergence: float


def fit_pca(features: Features) -> Principal:
    """Principal components of all representations together, each counted once where several are the same.

    The sign of an axis, which is free, is such that its largest weight is positive.

    Source: Pearson 1901; Jolliffe 2002, Principal Component Analysis.
    """
    with one_thread():
        names, joined = _join(features)
        centred = joined - joined.mean(axis=0)
        variances, axes = np.linalg.eigh(centred.T @ centred)  # ascending
        two = axes[:, [-1, -2]] if axes.shape[1] > 1 else np.hstack([axes, np.zeros_like(axes)])
        two = two * np.where(two[np.abs(two).argmax(axis=0), np.arange(2)] < 0, -1.0, 1.0)
        total = max(float(variances.sum()), np.finfo(float).tiny)
        first, second = (max(0.0, float(share)) / total for share in [*variances[::-1], 0.0][:2])
        return Principal(_split(features, names, centred @ two), (first, second))


def fit_tsne(features: Features) -> Embedded | None:
    """t-SNE of all representations together, started from their principal components; `None` for too few points.

    Always the same on the same machine, whatever else it does: it runs in one thread.

    Source: van der Maaten & Hinton 2008, JMLR 9, 2579-2605; started from PCA, as Kobak & Linderman 2021, Nature
        Biotechnology 39, 156-157, advise.
    """
    from sklearn.manifold import TSNE

    names, joined = _join(features)
    if len(joined) < _LEAST_TSNE:
        return None
    perplexity = min(PERPLEXITY, (len(joined) - 1) / 3)
    model = TSNE(perplexity=perplexity, init="pca", learning_rate="auto", max_iter=ITERATIONS, random_state=TSNE_SEED)
    with one_thread():
        places = model.fit_transform(joined.astype(np.float32))
    return Embedded(_split(features, names, places), perplexity, float(model.kl_divergence_))


def nearest_is_alike(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether each example's nearest other one (Euclidean, over all features) is of its own class: `(examples,)` bool.

    Args:
        features: Shape `(examples, features)`, at least two examples.
        labels: Their classes, `(examples,)`.

    Source: Cover & Hart 1967, IEEE Transactions on Information Theory 13, 21-27, leave-one-out.
    """
    squared = _squared_distances(features)
    np.fill_diagonal(squared, np.inf)
    alike: np.ndarray = labels[squared.argmin(axis=1)] == labels
    return alike


def silhouettes(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much nearer each example lies to its own class than to the nearest other one, `(examples,)`.

    The difference of the two mean distances (Euclidean, over all features) as a share of the larger: 1 is far apart,
    0 in between, below 0 nearer to another class. An example that is alone in its class has 0, as all have where there
    is only one class.

    Args:
        features: Shape `(examples, features)`.
        labels: Their classes, `(examples,)`.

    Source: Rousseeuw 1987, Journal of Computational and Applied Mathematics 20, 53-65.
    """
    distances = np.sqrt(_squared_distances(features))
    np.fill_diagonal(distances, 0.0)
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        return np.zeros(len(labels))
    member = np.eye(len(classes))[numbers]  # (examples, classes)
    sizes, rows = member.sum(axis=0), np.arange(len(labels))
    with one_thread():
        sums = distances @ member
    own = sums[rows, numbers] / np.maximum(sizes[numbers] - 1, 1)
    others = sums / sizes
    others[rows, numbers] = np.inf
    nearest = others.min(axis=1)
    larger = np.maximum(own, nearest)
    found = np.divide(nearest - own, larger, out=np.zeros(len(labels)), where=larger > 0)
    return np.asarray(np.where(sizes[numbers] > 1, found, 0.0))


def _squared_distances(features: np.ndarray) -> np.ndarray:
    """Between all examples, `(examples, examples)`, never below 0."""
    exact = features.astype(np.float64)
    exact = exact - exact.mean(axis=0)  # far from the origin differences would be lost
    lengths = np.square(exact).sum(axis=1)
    with one_thread():
        squared: np.ndarray = lengths[:, None] + lengths[None, :] - 2 * exact @ exact.T
    return np.asarray(np.maximum(squared, 0.0))


@contextmanager
def one_thread() -> Iterator[None]:
    """Keeps numpy and scikit-learn to one thread: several wait for each other wherever a run is using the cores."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def _join(features: Features) -> tuple[dict[str, str], np.ndarray]:
    """For each name that under which its values stand, and the different ones end to end, float64."""
    stands: dict[str, str] = {}
    for name, values in features.items():
        same = (known for known in stands.values() if np.array_equal(features[known], values))
        stands[name] = next(same, name)
    kept = dict.fromkeys(stands.values())
    return stands, np.concatenate([features[name] for name in kept]).astype(np.float64)


def _split(features: Features, stands: Mapping[str, str], joined: np.ndarray) -> Places:
    kept = list(dict.fromkeys(stands.values()))
    parts = np.split(joined, np.cumsum([len(features[name]) for name in kept])[:-1])
    places = dict(zip(kept, parts, strict=True))
    return {name: places[stands[name]] for name in features}
