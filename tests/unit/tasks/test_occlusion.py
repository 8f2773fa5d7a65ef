"""Leaving words out and covering patches finds what a model really reads, and stays within bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tlvsft.tasks.occlusion import MOST_WORDS, TEXTS_TOGETHER, count_words, drop_patches, drop_words


def likes_good(texts: Sequence[str]) -> np.ndarray:
    kind = np.array([0.9 if "good" in text else 0.4 if "dull" in text else 0.5 for text in texts])
    return np.stack([1 - kind, kind], axis=1)


def never() -> bool:
    return False


def test_the_word_that_is_read_is_found() -> None:
    text = "a  good, dull book"
    words = drop_words(likes_good, text, predicted=1, enough=never)
    assert [text[word.start : word.end] for word in words] == ["a", "good,", "dull", "book"]
    assert [round(word.drop, 2) for word in words] == [0.0, 0.5, 0.0, 0.0]


def test_a_word_against_the_class_has_a_negative_drop() -> None:
    (word, _) = drop_words(likes_good, "dull book", predicted=1, enough=never)
    assert round(word.drop, 2) == -0.1


def test_long_texts_and_slow_models_are_bounded() -> None:
    text = "word " * 300
    assert len(drop_words(likes_good, text, predicted=1, enough=never)) == MOST_WORDS
    assert len(drop_words(likes_good, text, predicted=1, enough=lambda: True)) == TEXTS_TOGETHER
    assert count_words(text) == 300


def reads_the_upper_left(pixels: Tensor) -> Tensor:
    ink = pixels[:, 0, :4, :4].mean(dim=(1, 2))
    return torch.stack([1 - ink, ink], dim=1)


def test_the_place_that_is_read_is_found() -> None:
    pixels = torch.zeros(1, 16, 16)
    pixels[:, :4, :4] = 1.0
    found = drop_patches(reads_the_upper_left, pixels, predicted=1, overlapping=True)
    assert found.drops.shape == (7, 7)
    assert found.heat.shape == (16, 16)
    assert np.unravel_index(found.drops.argmax(), found.drops.shape) == (0, 0)
    assert found.drops[0, 0] == 1.0
    assert found.drops[3:, 3:].max() == 0.0
    assert drop_patches(reads_the_upper_left, pixels, predicted=1, overlapping=False).drops.shape == (4, 4)


def test_covering_plain_ground_changes_nothing() -> None:
    pixels = torch.full((3, 9, 5), 0.25)
    found = drop_patches(lambda p: torch.stack([p.mean(dim=(1, 2, 3)), 1 - p.mean(dim=(1, 2, 3))], 1), pixels,
                         predicted=0, overlapping=True)  # fmt: skip
    assert np.abs(found.heat).max() < 1e-6
