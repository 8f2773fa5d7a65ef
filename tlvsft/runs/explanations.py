"""Explanations as they travel from the inference process: plain values, pictures as PNG in data URIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.runs.inputs import Input

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

    from tlvsft.training import Classifier

PICTURE_PIXELS = 224
"""Longest side of the pictures in an explanation."""
FAINTEST = 0.005
"""A smaller drop in probability is nothing to show."""


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """Asks what a run's decision about one input rests on."""

    run_id: str
    content: Input


@dataclass(frozen=True, kw_only=True)
class WordDrop:
    """A word by its place in the text, and how much less probable (−1 to 1) the predicted class is without it."""

    start: int
    end: int
    drop: float


@dataclass(frozen=True, kw_only=True)
class TextExplanation:
    """Which words a decision rests on.

    Attributes:
        predicted: The most probable class, and `probability` (0–1) how probable.
        words: The words that were left out, one by one: the first ones of a long text.
        total_words: How many the text has.
    """

    class_names: tuple[str, ...]
    predicted: int
    probability: float
    text: str
    words: tuple[WordDrop, ...]
    total_words: int


@dataclass(frozen=True, kw_only=True)
class PictureExplanation:
    """Which parts of a picture a decision rests on.

    Attributes:
        predicted: The most probable class, and `probability` (0–1) how probable.
        picture: What the model saw, as a PNG.
        heat: A mask over it as a PNG: the more opaque, the more the decision needs what lies there.
        drops: Row by row from the top, how much less probable the predicted class is with a patch there covered.
    """

    class_names: tuple[str, ...]
    predicted: int
    probability: float
    picture: str
    heat: str
    drops: tuple[tuple[float, ...], ...]


Explanation = TextExplanation | PictureExplanation


def explain_words(classifier: Classifier, text: str) -> TextExplanation:
    """What a decision about a text rests on."""
    from tlvsft.training import explain_text

    found = explain_text(classifier, text)
    return TextExplanation(
        class_names=classifier.class_names,
        predicted=found.predicted,
        probability=found.probability,
        text=text,
        words=tuple(WordDrop(start=word.start, end=word.end, drop=word.drop) for word in found.words),
        total_words=found.total_words,
    )


def explain_picture(classifier: Classifier, image: Image) -> PictureExplanation:
    """What a decision about a picture rests on."""
    from PIL.Image import fromarray

    from tlvsft.datasets.showing import encode_png
    from tlvsft.training import explain_image

    found = explain_image(classifier, image)
    seen = fromarray(found.seen)
    seen.thumbnail((PICTURE_PIXELS, PICTURE_PIXELS))
    return PictureExplanation(
        class_names=classifier.class_names,
        predicted=found.predicted,
        probability=found.probability,
        picture=encode_png(seen),
        heat=encode_png(_mask(found.patches.heat)),
        drops=tuple(tuple(float(drop) for drop in row) for row in found.patches.drops),
    )


def _mask(heat: np.ndarray) -> Image:
    """Black of which the strongest place is opaque; what speaks against the class, or hardly for it, is not."""
    import numpy as np
    from PIL.Image import fromarray, merge, new

    strongest = float(heat.max())
    share = np.clip(heat, 0, None) / strongest if strongest >= FAINTEST else np.zeros_like(heat)
    alpha = fromarray((255 * share).round().astype(np.uint8))
    mask = merge("LA", (new("L", alpha.size), alpha))
    mask.thumbnail((PICTURE_PIXELS, PICTURE_PIXELS))
    return mask
