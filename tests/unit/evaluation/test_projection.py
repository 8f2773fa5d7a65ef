"""Where examples lie: PCA and t-SNE fitted to all together, and nearest neighbours in the whole space."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import silhouette_samples
from sklearn.neighbors import KNeighborsClassifier

from tlvsft.evaluation.projection import fit_pca, fit_tsne, nearest_is_alike, silhouettes

RNG = np.random.default_rng(3)
LABELS = np.arange(40) % 4


def clusters(spread: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 6))[LABELS] * 3 + spread * rng.normal(size=(40, 6))


def test_pca_is_that_of_all_together() -> None:
    features = {"before": clusters(1.0), "left": clusters(0.5, 1), "right": clusters(0.2, 2)}
    found = fit_pca(features)
    reference = PCA(n_components=2).fit(np.concatenate(list(features.values())))
    np.testing.assert_allclose(found.shares, reference.explained_variance_ratio_, rtol=1e-9)
    for name, values in features.items():
        theirs = reference.transform(values)
        np.testing.assert_allclose(np.abs(found.places[name]), np.abs(theirs), atol=1e-9)


def test_a_line_by_hand() -> None:
    """Points on the diagonal: one axis keeps everything, and places are distances along it."""
    line = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    found = fit_pca({"before": line})
    assert found.shares == pytest.approx((1.0, 0.0), abs=1e-12)
    np.testing.assert_allclose(found.places["before"][:, 0], [-np.sqrt(2), 0, np.sqrt(2)], atol=1e-12)
    np.testing.assert_allclose(found.places["before"][:, 1], 0, atol=1e-12)


def test_what_stayed_the_same_counts_once_and_lies_where_it_lay() -> None:
    before, right = clusters(1.0), clusters(0.2, 2)
    both, alone = fit_pca({"before": before, "left": before.copy(), "right": right}), fit_pca({"a": before, "b": right})
    np.testing.assert_array_equal(both.places["before"], both.places["left"])
    np.testing.assert_array_equal(both.places["right"], alone.places["b"])
    embedded = fit_tsne({"before": before, "left": before.copy(), "right": right})
    assert embedded is not None
    np.testing.assert_array_equal(embedded.places["before"], embedded.places["left"])


def test_features_that_say_nothing_do_no_harm() -> None:
    assert fit_pca({"before": np.ones((5, 3))}).shares == (0.0, 0.0)
    single = fit_pca({"before": np.arange(5.0)[:, None]})
    assert single.places["before"].shape == (5, 2)
    assert single.shares == pytest.approx((1.0, 0.0))


def test_tsne_keeps_neighbours_and_is_always_the_same() -> None:
    features = {"before": clusters(1.0), "right": clusters(0.3, 2)}
    first, second = fit_tsne(features), fit_tsne(features)
    assert first is not None
    assert second is not None
    assert first.perplexity == pytest.approx(79 / 3)
    joined = np.concatenate(list(features.values()))
    assert trustworthiness(joined, np.concatenate(list(first.places.values())), n_neighbors=5) > 0.9
    for name in features:
        np.testing.assert_array_equal(first.places[name], second.places[name])
    assert 0 < first.divergence < 2
    assert fit_tsne({"before": clusters(1.0)[:7]}) is None


def test_nearest_neighbours_by_hand() -> None:
    features = np.array([[0.0], [1.0], [2.5], [10.0], [11.0]])
    assert nearest_is_alike(features, np.array([0, 0, 0, 1, 0])).tolist() == [True, True, True, False, False]
    assert nearest_is_alike(features + 1e4, np.array([0, 1, 1, 1, 1])).tolist() == [False, False, True, True, True]


def test_nearest_neighbours_are_scikit_learns() -> None:
    features, labels = RNG.normal(size=(60, 5)), RNG.integers(3, size=60)
    rows = np.arange(60)
    theirs = [
        KNeighborsClassifier(1).fit(features[rows != row], labels[rows != row]).predict(features[[row]])[0]
        for row in rows
    ]
    np.testing.assert_array_equal(nearest_is_alike(features, labels), np.array(theirs) == labels)


def test_silhouettes_by_hand() -> None:
    """Own distance 1, other 4.5 and 3.5 on the left; 3 stands alone in its class."""
    features, labels = np.array([[0.0], [1.0], [4.0], [5.0], [40.0]]), np.array([0, 0, 1, 1, 3])
    expected = [3.5 / 4.5, 2.5 / 3.5, 2.5 / 3.5, 3.5 / 4.5, 0.0]
    np.testing.assert_allclose(silhouettes(features, labels), expected, rtol=1e-12)
    np.testing.assert_allclose(silhouettes(features + 1e5, labels), expected, rtol=1e-6)
    assert silhouettes(features, np.zeros(5)).tolist() == [0.0] * 5
    assert silhouettes(np.ones((4, 2)), np.array([0, 0, 1, 1])).tolist() == [0.0] * 4


def test_silhouettes_are_scikit_learns() -> None:
    features, labels = RNG.normal(size=(60, 5)), RNG.integers(4, size=60)
    labels[0] = 9  # alone
    np.testing.assert_allclose(silhouettes(features, labels), silhouette_samples(features, labels), atol=1e-12)
