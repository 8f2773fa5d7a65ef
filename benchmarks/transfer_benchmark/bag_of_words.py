"""The baseline that knows no language: logistic regression on word counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from tlvsft.datasets import LabelledData, draw_label_subset

INVERSE_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
WORD_RUNS = ((1, 1), (1, 2))
"""Single words, or pairs of neighbours as well."""
ITERATIONS = 5_000


def bag_of_words_probabilities(data: LabelledData, *, labels: int | None, seed: int) -> np.ndarray:
    """Trains on the same label subset as the other methods and tests once.

    The penalty and the length of word runs are chosen on the whole validation split (accuracy, then loss): so many
    labels for choosing are more than the other methods see, an advantage that the baseline is given on purpose.

    Args:
        data: Texts.
        labels: How many training examples; `None` is all.
        seed: Of the label subset.

    Returns:
        Probabilities of the test examples' classes, `(examples, num_classes)`.

    Raises:
        LabelCountError: The training split can't give so many.

    Source: Wang & Manning 2012, "Baselines and Bigrams", on how strong such a baseline is.
    """
    num_classes = len(data.class_names)
    subset = data.train.select(draw_label_subset(data.train.labels, labels, num_classes=num_classes, seed=seed))
    test = _texts(data.test.inputs)
    best: tuple[float, float] | None = None
    probabilities = np.empty((0, num_classes))
    for vectorizer, model in _candidates(_texts(subset.inputs), subset.labels):
        chances = model.predict_proba(vectorizer.transform(_texts(data.validation.inputs)))
        hits = float(np.mean(chances.argmax(axis=1) == data.validation.labels))
        score = (hits, -float(log_loss(data.validation.labels, chances, labels=range(num_classes))))
        if best is None or score > best:
            best = score
            probabilities = model.predict_proba(vectorizer.transform(test))
    return np.asarray(probabilities)


def _candidates(texts: list[str], labels: np.ndarray) -> Iterator[tuple[TfidfVectorizer, LogisticRegression]]:
    for run in WORD_RUNS:
        vectorizer = TfidfVectorizer(ngram_range=run, sublinear_tf=True)
        counts = vectorizer.fit_transform(texts)
        for penalty in INVERSE_PENALTIES:
            yield vectorizer, LogisticRegression(C=penalty, max_iter=ITERATIONS).fit(counts, labels)


def _texts(inputs: Sequence[object]) -> list[str]:
    return [str(text) for text in inputs]
