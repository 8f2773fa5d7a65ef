"""Linear CKA: hand-computed values, its invariances, the HSIC form, and why the debiased estimate is the one to use."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tlvsft.evaluation import similarity

RNG = np.random.default_rng(0)


def linear_cka(first: np.ndarray, second: np.ndarray, *, debiased: bool = True) -> float | None:
    return similarity.linear_cka(torch.from_numpy(first), torch.from_numpy(second), debiased=debiased)


def features(examples: int, width: int) -> np.ndarray:
    return RNG.normal(size=(examples, width))


def hsic(first: np.ndarray, second: np.ndarray) -> float:
    """Gretton et al. 2005: tr(K H L H) with linear kernels, up to a factor."""
    centre = np.eye(len(first)) - 1 / len(first)
    return float(np.trace(first @ first.T @ centre @ second @ second.T @ centre))


def unbiased_hsic(first: np.ndarray, second: np.ndarray) -> float:
    """Song et al. 2012, equation 5, as it is written there."""
    n = len(first)
    k, ell = first @ first.T, second @ second.T
    np.fill_diagonal(k, 0)
    np.fill_diagonal(ell, 0)
    ones = np.ones(n)
    middle = (ones @ k @ ones) * (ones @ ell @ ones) / ((n - 1) * (n - 2))
    return float((np.trace(k @ ell) + middle - 2 / (n - 2) * (ones @ k @ ell @ ones)) / (n * (n - 3)))


def test_a_small_matrix_computed_by_hand() -> None:
    """One feature each: CKA is the squared correlation, here (5 / sqrt(5 * 20))² = 0.25."""
    first = np.array([[-1.0], [-1.0], [0.0], [0.0], [0.0], [1.0], [1.0], [1.0], [-1.0]])[:4]
    one = np.array([[-1.5], [-0.5], [0.5], [1.5]])
    other = np.array([[0.5], [-1.5], [1.5], [-0.5]])  # correlation: (-0.75 + 0.75 + 0.75 - 0.75) / 5 = 0
    assert linear_cka(one, other, debiased=False) == pytest.approx(0.0, abs=1e-12)
    # first is (-1, -1, 0, 0) about its mean (-0.5, -0.5, 0.5, 0.5): 0.75 + 0.25 + 0.25 + 0.75 = 2; squares 1 and 5.
    assert linear_cka(one, first, debiased=False) == pytest.approx(2**2 / (5 * 1))


def test_two_features_computed_by_hand() -> None:
    """X = corners of a square, Y = its first axis: ‖XᵀY‖² = 16, ‖XᵀX‖ = 4√2, ‖YᵀY‖ = 4, so 16 / (16√2)."""
    square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert linear_cka(square, square[:, :1], debiased=False) == pytest.approx(1 / np.sqrt(2))


@pytest.mark.parametrize("debiased", [True, False])
def test_turning_scaling_and_shifting_change_nothing(debiased: bool) -> None:
    first, second = features(40, 6), features(40, 6) + 0.5
    turn, _ = np.linalg.qr(features(6, 6))
    assert linear_cka(first, first, debiased=debiased) == pytest.approx(1.0)
    assert linear_cka(first, 3.0 * first @ turn + 7.0, debiased=debiased) == pytest.approx(1.0)
    plain = linear_cka(first, second, debiased=debiased)
    assert linear_cka(second, -2.0 * first @ turn - 1.0, debiased=debiased) == pytest.approx(plain)


@pytest.mark.parametrize("debiased", [True, False])
def test_other_invertible_maps_do_change_it(debiased: bool) -> None:
    first = features(200, 4)
    stretched = first * np.array([10.0, 1.0, 1.0, 1.0])
    found = linear_cka(first, stretched, debiased=debiased)
    assert found is not None
    assert 0.4 < found < 0.6  # one of four equal directions is all that is left: 1 / sqrt(4)


def test_it_is_the_same_as_in_the_form_of_hsic() -> None:
    first = features(30, 50)
    second = first[:, :20] @ features(20, 9) + features(30, 9)
    for debiased, statistic in ((False, hsic), (True, unbiased_hsic)):
        expected = statistic(first, second) / np.sqrt(statistic(first, first) * statistic(second, second))
        assert linear_cka(first, second, debiased=debiased) == pytest.approx(expected, rel=1e-9)


def test_few_examples_of_many_features_look_alike_to_the_plain_form_only() -> None:
    """Murphy et al. 2024: what has nothing in common comes near 1; debiased it is around 0."""
    pairs = [(features(32, 512), features(32, 512)) for _ in range(20)]
    plain = [linear_cka(*pair, debiased=False) or 0.0 for pair in pairs]
    debiased = [linear_cka(*pair) or 0.0 for pair in pairs]
    assert min(plain) > 0.9
    assert abs(np.mean(debiased)) < 0.02
    assert min(debiased) < 0 < max(debiased)


def test_what_does_not_vary_has_no_likeness() -> None:
    varied = features(10, 3)
    assert linear_cka(varied, np.full((10, 4), 0.1, dtype=np.float32)) is None
    assert linear_cka(np.zeros((10, 2)), varied) is None


def test_single_precision_is_enough_and_large_means_do_no_harm() -> None:
    first, second = features(64, 8), features(64, 8)
    near = linear_cka((first + 1000).astype(np.float32), second.astype(np.float32))
    assert near == pytest.approx(linear_cka(first, second), abs=1e-4)


@pytest.mark.parametrize(("count", "other"), [(3, 3), (8, 9)])
def test_it_refuses_too_few_and_unpaired_examples(count: int, other: int) -> None:
    with pytest.raises(ValueError, match="same 4 examples or more"):
        linear_cka(features(count, 2), features(other, 2))


@pytest.mark.parametrize(("debiased", "published"), [(False, 0.55761), (True, 0.51346)])
def test_the_published_example(debiased: bool, published: float) -> None:
    """What the authors' notebook prints: github.com/google-research/google-research, representation_similarity."""
    draws = np.random.RandomState(1337)
    first = draws.randn(100, 10)
    second = draws.randn(100, 10) + first
    assert linear_cka(first, second, debiased=debiased) == pytest.approx(published, abs=5e-6)


def test_what_is_told_is_the_debiased_one() -> None:
    first = torch.from_numpy(features(20, 30))
    second = torch.from_numpy(features(20, 30))
    assert similarity.linear_cka(first, second) == similarity.linear_cka(first, second, debiased=True)
    assert similarity.linear_cka(first, second) != similarity.linear_cka(first, second, debiased=False)
