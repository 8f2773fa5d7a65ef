from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.transfer_benchmark import bag_of_words
from benchmarks.transfer_benchmark.bag_of_words import bag_of_words_probabilities
from tlvsft.datasets import LabelledData, Split
from tlvsft.errors import LabelCountError


def texts(count: int, seed: int) -> Split:
    """Two classes that differ in one word out of five."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    words = rng.choice(["the", "a", "film", "plot", "score"], (count, 4))
    told = np.where(labels, "good", "bad")
    return Split(inputs=[" ".join([*line, word]) for line, word in zip(words, told, strict=True)], labels=labels)


@pytest.fixture
def data() -> LabelledData:
    return LabelledData(
        name="films",
        modality="text",
        class_names=("no", "yes"),
        train=texts(40, 0),
        validation=texts(20, 1),
        test=texts(30, 2),
    )


def test_learns_the_word_that_tells(data: LabelledData) -> None:
    probabilities = bag_of_words_probabilities(data, labels=20, seed=0)
    assert probabilities.shape == (30, 2)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert np.array_equal(probabilities.argmax(axis=1), data.test.labels)


def test_a_seed_decides_the_label_subset(data: LabelledData) -> None:
    first, again, other = (bag_of_words_probabilities(data, labels=10, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_test_labels_have_no_say(data: LabelledData) -> None:
    lied = replace(data, test=replace(data.test, labels=1 - data.test.labels))
    expected = bag_of_words_probabilities(data, labels=20, seed=0)
    assert np.array_equal(bag_of_words_probabilities(lied, labels=20, seed=0), expected)


def test_the_penalty_is_chosen_on_validation(data: LabelledData, monkeypatch: pytest.MonkeyPatch) -> None:
    def only(penalty: float) -> np.ndarray:
        with monkeypatch.context() as patch:
            patch.setattr(bag_of_words, "INVERSE_PENALTIES", (penalty,))
            return bag_of_words_probabilities(data, labels=20, seed=0)

    # Classes are told apart perfectly: the loosest penalty is surest, and right. With the labels turned round it would
    # be surest and wrong, which costs the most.
    chosen = bag_of_words_probabilities(data, labels=20, seed=0)
    assert np.array_equal(chosen, only(max(bag_of_words.INVERSE_PENALTIES)))
    lied = replace(data, validation=replace(data.validation, labels=1 - data.validation.labels))
    assert bag_of_words_probabilities(lied, labels=20, seed=0).max() < chosen.min(where=chosen > 0.5, initial=1)


def test_too_many_labels_are_refused(data: LabelledData) -> None:
    with pytest.raises(LabelCountError):
        bag_of_words_probabilities(data, labels=41, seed=0)
