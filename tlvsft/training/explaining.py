"""What a trained classifier's decision rests on."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tlvsft.tasks import encode_inputs
from tlvsft.tasks.occlusion import PATCHES_A_SIDE, PatchDrops, WordDrop, count_words, drop_patches, drop_words
from tlvsft.training.reading import reading

if TYPE_CHECKING:
    from PIL.Image import Image

    from tlvsft.training.restoring import Classifier

PATIENCE_S = 10.0
"""About as long an explanation may take: a bundled model needs far less, with a large one fewer words are tried."""


@dataclass(frozen=True, eq=False)
class Decision:
    """What a classifier decided for.

    Attributes:
        predicted: The most probable class.
        probability: Its probability (0–1).
    """

    predicted: int
    probability: float


@dataclass(frozen=True, eq=False)
class ExplainedText(Decision):
    """A decision about a text.

    Attributes:
        words: The words that were left out, one by one.
        total_words: How many the text has.
    """

    words: list[WordDrop]
    total_words: int


@dataclass(frozen=True, eq=False)
class ExplainedPicture(Decision):
    """A decision about a picture.

    Attributes:
        seen: The picture as the model reads it, `(height, width)` or `(height, width, 3)`, uint8.
    """

    seen: np.ndarray
    patches: PatchDrops


def explain_text(classifier: Classifier, text: str) -> ExplainedText:
    """Leaves out one word at a time.

    Raises:
        InvalidInput: The classifier reads images.
    """
    ends_at = perf_counter() + PATIENCE_S
    shares = classifier.predict([text])[0]
    predicted = int(shares.argmax())
    words = drop_words(classifier.predict, text, predicted=predicted, enough=lambda: perf_counter() > ends_at)
    return ExplainedText(predicted, float(shares[predicted]), words, count_words(text))


def explain_image(classifier: Classifier, image: Image) -> ExplainedPicture:
    """Covers one part of a picture at a time, as the model reads it: in its size and its channels.

    Raises:
        InvalidInput: The classifier reads texts.
    """

    def predict(pixels: Tensor) -> Tensor:
        with reading(classifier.model):
            return torch.softmax(classifier.model({"pixel_values": pixels}), dim=1).cpu()

    pixels = encode_inputs(classifier.backbone, [image]).batch(np.array([0]))["pixel_values"]
    started = perf_counter()
    shares = predict(pixels)[0]
    predicted, seconds = int(shares.argmax()), perf_counter() - started
    affordable = seconds * (2 * PATCHES_A_SIDE - 1) ** 2 <= PATIENCE_S
    patches = drop_patches(predict, pixels[0], predicted=predicted, overlapping=affordable)
    return ExplainedPicture(predicted, float(shares[predicted]), _picture(pixels[0]), patches)


def _picture(pixels: Tensor) -> np.ndarray:
    """Pixels `(channels, height, width)` of any scale as those of a picture."""
    low, high = pixels.min(), pixels.max()
    scaled = (255 * (pixels - low) / (high - low).clamp(min=1e-6)).round().to(torch.uint8)
    picture: np.ndarray = (scaled[0] if len(scaled) == 1 else scaled.permute(1, 2, 0)).numpy()
    return picture
